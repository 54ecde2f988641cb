import type { CorsOptions } from '../../../plugins/headers/index.ts'
import { type Finding, finding } from '../codes.ts'
import type { Check } from '../subject.ts'

const where = 'headers.cors.origins'
/** Of nobody: RFC 2606. */
const stranger = 'https://kwik-doctor.invalid'
const many = 10

/** Whose scripts may read answers. */
export const cors: Check = async ({ options, production }) => {
  const said = options?.headers === false ? undefined : options?.headers?.cors
  if (said === undefined) return []
  const { origins, credentials = false } = said
  if (await takesAnybody(origins)) {
    const what = origins === '*' ? "it is '*'" : `it takes ${stranger}, an origin of nobody`
    return [finding(credentials ? 'cors-any-origin' : 'cors-everybody', where, what)]
  }
  if (typeof origins === 'function' || origins === '*') return []
  const found: Finding[] = []
  const texts = origins.filter((origin) => typeof origin === 'string')
  for (const origin of origins)
    if (origin instanceof RegExp && hasLooseDot(origin.source))
      found.push(finding('cors-expression', where, `${origin} has a dot that stands for any character`))
  const stars = texts.filter((origin) => origin.includes('*'))
  if (credentials && stars.length > 0)
    found.push(finding('cors-credentials', where, `${stars.join(', ')} with credentials`))
  else if (credentials && origins.length > many)
    found.push(finding('cors-credentials', where, `${origins.length} origins with credentials`))
  const open = texts.filter(
    (origin) => /^http:/i.test(origin) || /^https?:\/\/(?:localhost|127\.|\[::1\])/i.test(origin),
  )
  if (production && open.length > 0) found.push(finding('cors-origin-open', where, open.join(', ')))
  return found
}

async function takesAnybody(origins: CorsOptions['origins']): Promise<boolean> {
  if (origins === '*') return true
  if (typeof origins !== 'function')
    // As the app does it: an expression must fit the whole origin.
    return origins.some((one) => one instanceof RegExp && new RegExp(`^(?:${one.source})$`, one.flags).test(stranger))
  try {
    return (await origins(stranger, new Request('http://localhost/', { headers: { origin: stranger } }))) === true
  } catch {
    return false
  }
}

/** A dot before a letter was meant as a dot. */
const hasLooseDot = (source: string): boolean => /(?:^|[^\\])\.[a-z]/i.test(source)
