import type { Scope } from '#core/scope'

/** Whether the app answers for the host that a request names. */
export type HostCheck = (scope: Scope) => boolean

interface Host {
  readonly name: string
  readonly port: string | undefined
}

const form =
  /^(\*\.)?([a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i

/** @throws {TypeError} for what is no host, naming it */
export function hostCheck(hosts: readonly string[]): HostCheck {
  if (hosts.length === 0) throw new TypeError('hosts: an app that answers for no host answers nobody: leave it out')
  const exact = new Set<string>()
  const endings: Host[] = []
  for (const host of hosts) {
    const [, star, name, port] = form.exec(host) ?? []
    if (name === undefined)
      throw new TypeError(`hosts: ${JSON.stringify(host)} is no host: write 'api.example.com' or '*.example.com'`)
    if (star) endings.push({ name: `.${name.toLowerCase()}`, port })
    else exact.add(host.toLowerCase())
  }
  const allows = (authority: string): boolean => {
    if (exact.has(authority)) return true
    const { name, port } = split(authority.toLowerCase())
    if (exact.has(name) || (port !== undefined && exact.has(`${name}:${port}`))) return true
    return endings.some(
      (ending) =>
        name.endsWith(ending.name) &&
        !name.slice(0, -ending.name.length).includes('.') &&
        name.length > ending.name.length &&
        (ending.port === undefined || ending.port === port),
    )
  }
  return ({ request }) => {
    const { url } = request
    // HTTP/1.0 may name no host at all.
    if (url.startsWith('/')) return false
    const from = url.indexOf('://') + 3
    if (!allows(url.slice(from, url.indexOf('/', from)))) return false
    // A request line with a whole URL may name another host than the header does.
    const header = request.headers.get('host')
    return header === null || allows(header)
  }
}

/** A dot at the end says only that the name is whole (RFC 1034, section 3.1). */
function split(authority: string): Host {
  const [, name = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority) ?? []
  return { name: name.endsWith('.') ? name.slice(0, -1) : name, port: port || undefined }
}
