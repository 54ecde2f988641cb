/** Targets of a page's links: query parameters that lead there. */
export interface Targets {
  readonly next: string | undefined
  readonly prev: string | undefined
}

/**
 * The Link header of a page (RFC 8288), with every parameter kept as it was sent. References are relative to the host:
 * no Host header can lead clients elsewhere.
 */
export function linkHeader(path: string, kept: readonly string[], { next, prev }: Targets): string {
  const base = kept.length === 0 ? `${path}?` : `${path}?${kept.join('&')}&`
  const start = harmless(base)
  const first = start.slice(0, -1)
  const links = [`<${first}>; rel="first"`]
  if (prev !== undefined) links.push(`<${start}before=${prev}>; rel="prev"`)
  if (next !== undefined) links.push(`<${start}after=${next}>; rel="next"`)
  links.push(`<${start}before=end>; rel="last"`)
  return links.join(', ')
}

/** What could end a reference or a header is percent-encoded; what a client encoded stays as it is. */
const harmless = (reference: string): string =>
  /^[\w\-.~:/?#[\]@!$&'()*+,;=%]*$/.test(reference)
    ? reference
    : reference.replace(/[^\w\-.~:/?#[\]@!$&'()*+,;=%]/gu, (letter) => encodeURIComponent(letter.toWellFormed()))

/** Path of a URL, without host and query. */
export function pathOf(url: string): string {
  const from = url.indexOf('/', url.indexOf('://') + 3)
  const to = url.indexOf('?', from)
  return to === -1 ? url.slice(from) : url.slice(from, to)
}
