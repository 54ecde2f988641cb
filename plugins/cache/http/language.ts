/**
 * The language, of those that are offered, that an Accept-Language header likes best (RFC 4647, 3.4): `de-AT` finds `de`,
 * and `de` finds `de-AT`. Without one the first that is offered. From `kwik/cache`.
 *
 * @param offered the usual one first
 * @example const language = languageOf(request.headers.get('accept-language'), ['en', 'de'])
 */
export function languageOf<const Languages extends readonly [string, ...string[]]>(
  header: string | null,
  offered: Languages,
): Languages[number] {
  return bestOf(header, offered) ?? offered[0]
}

export function bestOf(header: string | null, offered: readonly string[]): string | undefined {
  if (header === null || header.length > longest) return offered[0]
  let best = offered[0]
  let most = 0
  for (const range of header.split(',')) {
    const [name = '', ...parameters] = range.split(';').map((one) => one.trim().toLowerCase())
    const q = weightIn(parameters)
    if (q <= most) continue
    const found = name === '*' ? offered[0] : lookUp(name, offered)
    if (found !== undefined) [best, most] = [found, q]
  }
  return best
}

const longest = 1000

function weightIn(parameters: readonly string[]): number {
  const q = parameters.find((one) => one.startsWith('q='))
  return q === undefined ? 1 : /^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q) ? Number(q.slice(2)) : 0
}

/** Each time the range is shorter by a word, until something is offered that it is or begins. */
function lookUp(range: string, offered: readonly string[]): string | undefined {
  for (let name = range; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('-')))) {
    const found = offered.find((one) => one.toLowerCase() === name)
    if (found !== undefined) return found
  }
  return offered.find((one) => one.toLowerCase().startsWith(`${range}-`))
}
