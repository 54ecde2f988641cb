import type { CorsOptions, OriginCheck } from './options.ts'

/**
 * One spelling for each origin: `HTTPS://SHOP.example.com:443` is `https://shop.example.com` (RFC 6454).
 * `undefined` for what is none, `null` included.
 */
export function originIn(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || url.host === '' || text.endsWith('/')) return undefined
  const bare = url.pathname.length <= 1 && url.search === '' && url.hash === '' && url.username === ''
  return bare ? `${url.protocol}//${url.host}` : undefined
}

/**
 * Makes one check of all that may be said of origins. What it is asked is in {@link originIn}'s spelling.
 * @throws {TypeError} for an origin that is none, or that no browser sends
 */
export function originCheck(origins: Exclude<CorsOptions['origins'], '*'>): OriginCheck {
  if (typeof origins === 'function') return origins
  const exact = new Set<string>()
  const forms: RegExp[] = []
  for (const origin of origins) {
    if (origin instanceof RegExp) forms.push(anchored(origin))
    else if (origin.includes('*')) forms.push(oneLabelMore(origin))
    else exact.add(normalised(origin))
  }
  return (origin) => exact.has(origin) || forms.some((form) => form.test(origin))
}

/** Fits the whole origin or not at all; without the flags that make an expression remember where it was. */
const anchored = ({ source, flags }: RegExp): RegExp => new RegExp(`^(?:${source})$`, flags.replace(/[gy]/g, ''))

function oneLabelMore(origin: string): RegExp {
  if (!/^[a-z][a-z0-9+.-]*:\/\/\*\.[^*]+$/i.test(origin))
    throw new TypeError(`cors: ${JSON.stringify(origin)}: a star stands for one label, as in 'https://*.example.com'`)
  const [before, after] = normalised(origin.replace('*', 'star-label')).split('star-label')
  return new RegExp(`^${RegExp.escape(before!)}[a-z0-9-]+${RegExp.escape(after!)}$`)
}

function normalised(origin: string): string {
  const known = originIn(origin)
  if (known === undefined)
    throw new TypeError(
      `cors: ${JSON.stringify(origin)} is no origin: write 'https://shop.example.com', without a path`,
    )
  return known
}
