import { declaredAccess } from '#core/declared-access'
import { mergedVary } from '#core/internal/vary'
import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import type { Problem, ProblemError } from '#core/problem'
import type { Scope } from '#core/scope'
import { belongs, foreignTenant, principalIn } from '#core/tenancy'
import type { RouteFacts } from '#core/works'
import { malformed, missing } from './errors.ts'
import { type ResolvedTenantsOptions, resolveTenantsOptions, type TenantsOptions } from './options.ts'

/** Owns the route option `tenant`: the route needs one, and handlers find it as `tenant`. */
export type TenantsPlugin = KwikPlugin<{
  macros: { tenant: Macro<boolean, { tenant: string }, { 400: Problem; 403: Problem }> }
}>

/**
 * Finds for which tenant a request is, before permissions are asked: `scope.tenant`. A caller then holds what they hold
 * everywhere and what they hold there; one who has nothing to do with the tenant is refused. From `kwik/tenants`.
 *
 * @throws {TypeError} for a header or a pattern that is none
 * @example
 * const app = new Elysia()
 *   .use(core())
 *   .use(tokens({ secret, principals }))
 *   .use(tenants({ by: 'host', pattern: '*.example.com' }))
 *   .get('/projects', ({ tenant }) => projectsOf(tenant), { auth: true, tenant: true })
 */
export function tenants(options: TenantsOptions): TenantsPlugin {
  const resolved = resolveTenantsOptions(options)
  const { header } = resolved
  return definePlugin<TenantsPlugin, TenantsOptions>({
    name: 'tenants',
    options,
    keys: ['tenant'],
    setup: () => ({
      always: (route) => ({ identify: finding(resolved, route) }),
      options: {
        tenant: (wanted: unknown) => {
          if (wanted !== true) throw new TypeError('`tenant` takes true or false')
          return { authorize: (scope: Scope) => scope.add('tenant', scope.tenant) }
        },
      },
      // Caches between us and the client must not hand one tenant what was answered to another.
      ...(header !== undefined && {
        reads: [header],
        respond: (scope, response) =>
          scope.header('vary', mergedVary(response.headers.get('vary'), scope.headers?.['vary'], header)),
      }),
    }),
  })
}

const form = /^[^\s,\p{C}]{1,100}$/u

function finding(
  { find, required, trusted, how }: ResolvedTenantsOptions,
  route: RouteFacts,
): (scope: Scope) => ProblemError | void {
  const { who } = declaredAccess(route)
  const isGuarded = who === 'signed in' || who === 'permitted'
  const { tenant: wanted } = route.options
  const needed = wanted === true || (required && isGuarded && wanted !== false)
  return (scope) => {
    const tenant = find(scope)
    const { principal } = scope
    if (tenant === undefined) {
      // Who is unknown is told that first.
      if (needed && (principal !== null || !isGuarded)) return missing(how)
      return
    }
    if (!form.test(tenant)) return malformed()
    scope.tenant = tenant
    scope.variant += `\ntenant ${tenant}`
    if (principal === null) return
    if (belongs(principal, tenant) ?? trusted) {
      scope.principal = principalIn(principal, tenant)
      return
    }
    // A public route goes on, without a caller.
    scope.principal = null
    scope.rejection = foreignTenant()
  }
}
