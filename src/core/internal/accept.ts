interface Range {
  readonly type: string
  readonly q: number
}

/**
 * The media type, of those that are offered, that an Accept header likes best (RFC 9110, 12.5.1). Of equals the first that
 * is offered; without a header the first; `undefined` where none is taken.
 */
export function preferred(header: string | null, offered: readonly string[]): string | undefined {
  if (header === null || header.trim() === '') return offered[0]
  const ranges = header.split(',').map(rangeOf)
  let best: string | undefined
  let most = 0
  for (const type of offered) {
    const q = likingOf(type, ranges)
    if (q > most) [best, most] = [type, q]
  }
  return best
}

/** Of ranges that a type falls into the narrowest counts. */
function likingOf(type: string, ranges: readonly Range[]): number {
  const kind = `${type.slice(0, type.indexOf('/'))}/*`
  for (const one of [type, kind, '*/*']) {
    const found = ranges.find((range) => range.type === one)
    if (found) return found.q
  }
  return 0
}

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const q = parameters.find((one) => one.startsWith('q='))
  // What cannot be read as a weight is none.
  return { type, q: q === undefined || !/^q=[01](\.\d{0,3})?$/.test(q) ? 1 : Number(q.slice(2)) }
}
