import type { Scope } from '#core/scope'

/** Targets of a page's links: cursors that lead there. */
export interface Targets {
  readonly next: string | undefined
  readonly prev: string | undefined
}

/**
 * The Link header of a page (RFC 8288), with every parameter kept as it was sent.
 * @param path of the list, as `addressOf` answers it
 */
export function linkHeader(path: string, kept: readonly string[], { next, prev }: Targets): string {
  const { start, first } = baseOf(path, kept)
  const links = [first]
  if (prev !== undefined) links.push(`<${start}before=${prev}>; rel="prev"`)
  if (next !== undefined) links.push(`<${start}after=${next}>; rel="next"`)
  links.push(`<${start}before=end>; rel="last"`)
  return links.join(', ')
}

interface Base {
  readonly path: string
  /** What a cursor is put behind. */
  readonly start: string
  readonly first: string
}
const bases = new WeakMap<readonly string[], Base>()

/** Made once for a reading that is kept: pages of one list differ by their cursor alone. */
function baseOf(path: string, kept: readonly string[]): Base {
  const known = bases.get(kept)
  if (known?.path === path) return known
  const start = kept.length === 0 ? `${harmless(path)}?` : `${harmless(`${path}?${kept.join('&')}`)}&`
  const base = { path, start, first: linkToFirst(path, kept) }
  bases.set(kept, base)
  return base
}

export const linkToFirst = (path: string, kept: readonly string[]): string =>
  `<${harmless(kept.length === 0 ? path : `${path}?${kept.join('&')}`)}>; rel="first"`

/** What could end a reference or a header is percent-encoded; what a client encoded stays as it is. */
const harmless = (reference: string): string =>
  reference.replace(/[^\w\-.~:/?#[\]@!$&'()*+,;=%]/gu, (letter) => encodeURIComponent(letter.toWellFormed()))

/**
 * Where clients find the list, without a query: absolute where the app or a trusted proxy says its name, else relative to
 * the host. No Host header can lead clients elsewhere.
 */
export const addressOf = ({ request, publicBase }: Scope, baseUrl: string | undefined): string =>
  `${baseUrl ?? publicBase}${pathOf(request.url)}`

/** Path of a URL, without host and query. */
function pathOf(url: string): string {
  const from = url.indexOf('/', url.indexOf('://') + 3)
  const to = url.indexOf('?', from)
  return to === -1 ? url.slice(from) : url.slice(from, to)
}
