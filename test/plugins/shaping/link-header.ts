/** One link of a Link header. */
export interface Link {
  readonly target: string
  readonly parameters: ReadonlyMap<string, string>
}

const token = /[!#$%&'*+\-.^_`|~\w]+/y
/** RFC 3986, `URI-reference` without what its grammar does not allow unencoded. */
const reference = /^(?:[A-Za-z][A-Za-z\d+.-]*:)?(?:[A-Za-z\d\-._~:/?#[\]@!$&'()*+,;=]|%[\dA-Fa-f]{2})*$/

/** Reads a Link header as RFC 8288 (3, appendix B.2) has it, strictly: what is not allowed throws. */
export function linksIn(header: string): Link[] {
  let at = 0
  const fail = (wants: string): never => {
    throw new SyntaxError(`Link: ${wants} at ${at} of ${header}`)
  }
  const space = (): void => {
    while (header[at] === ' ' || header[at] === '\t') at++
  }
  const read = (pattern: RegExp, wants: string): string => {
    pattern.lastIndex = at
    const found = pattern.exec(header)?.[0] ?? fail(wants)
    at += found.length
    return found
  }
  const quoted = (): string => {
    let text = ''
    for (at++; header[at] !== '"'; at++) {
      if (header[at] === undefined) fail('the end of a quote')
      if (header[at] === '\\') at++
      text += header[at]
    }
    at++
    return text
  }
  const links: Link[] = []
  for (;;) {
    space()
    if (header[at] !== '<') fail('<')
    const end = header.indexOf('>', at)
    if (end === -1) fail('>')
    const target = header.slice(at + 1, end)
    if (!reference.test(target)) fail('a URI reference')
    at = end + 1
    const parameters = new Map<string, string>()
    for (space(); header[at] === ';'; space()) {
      at++
      space()
      const name = read(token, 'the name of a parameter').toLowerCase()
      space()
      if (header[at] !== '=') fail('=')
      at++
      space()
      if (parameters.has(name)) fail(`one ${name}`)
      parameters.set(name, header[at] === '"' ? quoted() : read(token, 'a value'))
    }
    if (!parameters.has('rel')) fail('rel')
    links.push({ target, parameters })
    if (at === header.length) return links
    if (header[at] !== ',') fail(',')
    at++
  }
}

/** Targets by relation. */
export const targetsIn = (header: string): Record<string, string> =>
  Object.fromEntries(linksIn(header).map(({ target, parameters }) => [parameters.get('rel')!, target]))
