import { pathOf } from '#core/elysia/errors'
import type { Scope } from '#core/scope'
import type { Api, Version } from './api.ts'
import type { Asked } from './negotiation/negotiate.ts'
import type { Endpoints } from './routes/endpoints.ts'

/** Where the newest version has what was asked for in another one (RFC 5829). */
export function successorLink(
  api: Api,
  endpoints: Endpoints,
  version: Version,
  { request, publicBase }: Scope,
): string {
  const {
    options: { path },
    vendor,
  } = api
  const asked = pathOf(request.url)
  const bare = path ? asked.replace(/^\/v[\w.-]+(?=\/|$)/, '') || '/' : asked
  const now = endpoints.elsewhere(version, request.method, bare)?.path ?? bare
  const prefix = path ? `/v${api.newest.name}` : ''
  return `<${publicBase}${harmless(prefix + now)}>; rel="successor-version"; type="${vendor.of(api.newest.name)}"`
}

/** What could end a reference or a header is percent-encoded. */
const harmless = (path: string): string =>
  path.replace(/[^\w\-.~:/?#[\]@!$&'()*+,;=%]/gu, (letter) => encodeURIComponent(letter.toWellFormed()))

/**
 * A reference of ours in the words of who asked: where their version has it, and below `/v1` for who asked there. What leads
 * to other hosts stays.
 *
 * @param method with which a client will follow it
 */
export function ledOn(reference: string, method: string, asked: Asked, endpoints: Endpoints, scope: Scope): string {
  const base = ownBase(reference, scope)
  if (base === undefined) return reference
  const [, path = '/', rest = ''] = /^([^?#]*)(.*)$/s.exec(reference.slice(base.length))!
  const { prefix, version } = asked
  if (prefix !== '' && (path === prefix || path.startsWith(`${prefix}/`))) return reference
  return base + prefix + (endpoints.before(version, method, path) ?? path) + rest
}

/** What of a reference stands before the paths of this app; `undefined` where it leads to another. */
function ownBase(reference: string, { publicBase, request }: Scope): string | undefined {
  if (publicBase !== '' && reference.startsWith(`${publicBase}/`)) return publicBase
  if (reference.startsWith('/')) return reference.startsWith('//') ? undefined : ''
  const origin = /^https?:\/\/[^/?#]+/.exec(request.url)?.[0]
  return origin !== undefined && reference.startsWith(`${origin}/`) ? origin : undefined
}
