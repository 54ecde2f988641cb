import { refuse } from './errors.ts'
import { meet } from './grants.ts'
import type { Account } from './ports/principals.ts'
import type { ProblemError } from './problem.ts'
import type { Principal } from './scope.ts'

type Holding = Pick<Account, 'permissions' | 'tenants'>

/** What somebody may do in a tenant: what holds everywhere, and what holds there. */
export function permissionsIn({ permissions, tenants }: Holding, tenant: string | undefined): ReadonlySet<string> {
  const there = tenant === undefined ? undefined : tenants?.get(tenant)
  return there === undefined || there.size === 0 ? permissions : new Set([...permissions, ...there])
}

/** What an account holds, as far as a smaller set goes: a key's scopes, or what somebody who acts for it holds. */
export function narrowedTo({ permissions, tenants }: Holding, limit: ReadonlySet<string>): Holding {
  return {
    permissions: meet(limit, permissions),
    ...(tenants && { tenants: new Map([...tenants].map(([tenant, there]) => [tenant, meet(limit, there)])) }),
  }
}

/** Principals are made once for a token and an account: so are those of them in each of their tenants. */
const known = new WeakMap<Principal, Map<string, Principal>>()

/** The caller as they are in a tenant of theirs, or in any where they hold something everywhere. */
export function principalIn(principal: Principal, tenant: string): Principal {
  const enter = (): Principal => ({
    ...principal,
    permissions: permissionsIn(principal, tenant),
    everywhere: principal.permissions,
    tenant,
  })
  // Others than their own are as many as a client can think of.
  if (!principal.tenants?.has(tenant)) return enter()
  let own = known.get(principal)
  if (own === undefined) {
    own = new Map()
    known.set(principal, own)
  }
  let there = own.get(tenant)
  if (there === undefined) {
    there = enter()
    own.set(tenant, there)
  }
  return there
}

/**
 * Whether somebody has anything to do with a tenant: they have a role there or one that holds everywhere, and their
 * credential is not bound to another. `undefined` where their account does not say to which tenants they belong.
 */
export function belongs(
  { permissions, tenants, tenant: bound }: Holding & Pick<Principal, 'tenant'>,
  tenant: string,
): boolean | undefined {
  if (bound !== undefined && bound !== tenant) return false
  if (permissions.size > 0) return true
  return tenants?.has(tenant)
}

/** The same for a tenant that is not there: whether it is, is not the caller's to know. */
export const foreignTenant = (): ProblemError =>
  refuse('KWIK_TENANT_FOREIGN', {
    detail: 'The caller has no role in the tenant that the request is for.',
    errors: [{ code: 'tenant-foreign', detail: 'is no tenant of the caller' }],
  })
