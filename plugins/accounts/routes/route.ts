import { pathOf } from '#core/elysia/errors'
import { refuse } from '#core/errors'
import { holds } from '#core/grants'
import type { Principal } from '#core/scope'
import { scopeOf } from '#core/scope'

/** One route as data: `plugin.ts` hands it to the app. */
export interface AccountRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly options: Readonly<Record<string, unknown>>
  /** It destructures what it needs: Elysia reads its source. */
  readonly handler: (context: never) => unknown
}

/** Who calls. The route's `auth` or `permission` has made sure that somebody does. */
export function callerOf(request: Request): Principal {
  const { principal } = scopeOf(request)
  if (principal === null) throw new TypeError('a route of accounts ran without a caller')
  return principal
}

/** Ids are kept in lower case; PostgreSQL takes either, and so do we. */
export const idOf = ({ id }: { readonly id: string }): string => id.toLowerCase()

/** Where something new is: below the path that was asked, whatever prefix the app has. */
export const locationOf = (request: Request, id: string): string => `${pathOf(request.url).replace(/\/+$/, '')}/${id}`

/** Whom a caller reaches: everybody, or whoever has a role in the request's tenant, where they hold the permission there alone. */
export function reachOf(request: Request, ...permissions: readonly string[]): { readonly tenant?: string } {
  const { everywhere, tenant } = callerOf(request)
  if (tenant === undefined || everywhere === undefined) return {}
  return permissions.some((one) => holds(everywhere, one)) ? {} : { tenant }
}

/** For what is said of somebody in all tenants. @throws {ProblemError} `KWIK_FORBIDDEN` for who holds the permission in one alone */
export function mustReachAll(request: Request, permission: string): void {
  if (reachOf(request, permission).tenant === undefined) return
  const detail = `needs ${permission} everywhere`
  throw refuse('KWIK_FORBIDDEN', { detail, errors: [{ code: 'permission-missing', detail, allowed: [permission] }] })
}
