import { pathOf } from '#core/elysia/errors'
import type { Principal, Scope } from '#core/scope'

/**
 * A request as limits see it: before its body is read and before anything is validated. The query and the parameters are
 * texts that the caller chose.
 */
export interface LimitedCall {
  readonly method: string
  /** As the URL has it, not decoded. */
  readonly path: string
  readonly headers: Headers
  /** Not checked yet: a word may be there twice, or be anything. */
  readonly query: URLSearchParams
  /** Parameters of the path by name, decoded and not checked; none before routing. */
  readonly params: Readonly<Record<string, string>>
  /** Who is calling; `null` for a stranger, and before routing for everybody. */
  readonly principal: Principal | null
  readonly address: string | undefined
  readonly tenant: string | undefined
}

/** Made for policies that are functions. What is not looked at is not parsed. */
export function callOf(scope: Scope): LimitedCall {
  const { request, principal, tenant, route } = scope
  const { method, headers, url } = request
  let query: URLSearchParams | undefined
  let params: Readonly<Record<string, string>> | undefined
  return {
    method,
    headers,
    principal,
    tenant,
    path: pathOf(url),
    get query() {
      query ??= new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : '')
      return query
    },
    get params() {
      params ??= route === undefined ? {} : paramsIn(route.slice(route.indexOf(' ') + 1), pathOf(url))
      return params
    },
    get address() {
      return scope.address
    },
  }
}

/** The router has found them, and keeps them for the handler: they are read once more. */
function paramsIn(pattern: string, path: string): Readonly<Record<string, string>> {
  const params: Record<string, string> = Object.create(null)
  const parts = path.split('/')
  for (const [at, part] of pattern.split('/').entries()) {
    if (part === '*') {
      params['*'] = decodeURIComponent(parts.slice(at).join('/'))
      break
    }
    const colon = part.indexOf(':')
    const text = parts[at]?.slice(colon)
    if (colon !== -1 && text) params[part.slice(colon + 1).replace(/\?$/, '')] = decodeURIComponent(text)
  }
  return params
}
