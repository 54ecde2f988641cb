/** Targets of a page's links: cursors that lead there. */
export interface Targets {
  readonly next: string | undefined
  readonly prev: string | undefined
}

/**
 * The Link header of a page (RFC 8288), with every parameter kept as it was sent. References are relative to the host:
 * no Host header can lead clients elsewhere.
 */
export function linkHeader(path: string, kept: readonly string[], { next, prev }: Targets): string {
  const start = kept.length === 0 ? `${harmless(path)}?` : `${harmless(`${path}?${kept.join('&')}`)}&`
  const links = [linkToFirst(path, kept)]
  if (prev !== undefined) links.push(`<${start}before=${prev}>; rel="prev"`)
  if (next !== undefined) links.push(`<${start}after=${next}>; rel="next"`)
  links.push(`<${start}before=end>; rel="last"`)
  return links.join(', ')
}

export const linkToFirst = (path: string, kept: readonly string[]): string =>
  `<${harmless(kept.length === 0 ? path : `${path}?${kept.join('&')}`)}>; rel="first"`

/** What could end a reference or a header is percent-encoded; what a client encoded stays as it is. */
const harmless = (reference: string): string =>
  reference.replace(/[^\w\-.~:/?#[\]@!$&'()*+,;=%]/gu, (letter) => encodeURIComponent(letter.toWellFormed()))

/** Path of a URL, without host and query. */
export function pathOf(url: string): string {
  const from = url.indexOf('/', url.indexOf('://') + 3)
  const to = url.indexOf('?', from)
  return to === -1 ? url.slice(from) : url.slice(from, to)
}
