import type { Database } from '#core/ports/database'
import type { Principals } from '#core/ports/principals'
import type { TokenAnswer } from '#core/ports/sessions'
import type { Principal } from '#core/scope'
import { ApiKeys } from './api-keys/keys.ts'
import type { AccountApiKeys } from './api-keys/types.ts'
import { SecurityEventLog } from './events/log.ts'
import type { AccountSecurityEvents } from './events/types.ts'
import { type Actor, changeOfPower, hasAdmin } from './grants.ts'
import { Impersonations } from './impersonation/impersonation.ts'
import { impersonationOf } from './impersonation/state.ts'
import type { Impersonation, ImpersonationRequest } from './impersonation/types.ts'
import { login, type SignedIn } from './login.ts'
import { type AccountsServiceOptions, resolveAccountsServiceOptions } from './options.ts'
import type { Page, PageRequest } from './page.ts'
import { type AccountsParts, connect } from './parts.ts'
import { Passwords } from './passwords.ts'
import { Roles } from './roles.ts'
import { Standing } from './standing.ts'
import type { AccountRole, AccountUser, Credentials, NewRole, NewUser, RoleChanges, UserChanges } from './types.ts'
import { Users } from './users.ts'

/** Users, roles and sign-in, for routes, commands and tests alike. `by` is who makes a change: a caller, or `'system'`. */
export interface Accounts {
  /** What tokens asks on every request. */
  readonly principals: Principals
  login(credentials: Credentials): Promise<SignedIn>
  /** Makes a user who holds everything, by the role `admin`; by `admin-2` where `admin` is something else. */
  createAdmin(admin: Credentials & { readonly name?: string | null }): Promise<AccountUser>
  /** Whether somebody active holds everything. */
  hasAdmin(): Promise<boolean>
  listUsers(request?: PageRequest): Promise<Page<AccountUser>>
  findUser(id: string): Promise<AccountUser>
  createUser(user: NewUser, by: Actor): Promise<AccountUser>
  updateUser(id: string, changes: UserChanges, by: Actor): Promise<AccountUser>
  deactivateUser(id: string, by: Actor): Promise<AccountUser>
  activateUser(id: string, by: Actor): Promise<AccountUser>
  setRoles(id: string, roles: readonly string[], by: Actor): Promise<AccountUser>
  listRoles(request?: PageRequest): Promise<Page<AccountRole>>
  findRole(id: string): Promise<AccountRole>
  createRole(role: NewRole, by: Actor): Promise<AccountRole>
  updateRole(id: string, changes: RoleChanges, by: Actor): Promise<AccountRole>
  setPermissions(id: string, permissions: readonly string[], by: Actor): Promise<AccountRole>
  deleteRole(id: string, by: Actor): Promise<void>
  /** What happened that matters for security: told, stored, listed. */
  readonly securityEvents: AccountSecurityEvents
  readonly apiKeys: AccountApiKeys
  /** Whether callers may act for others at all: `accountsService(database, { impersonation: false })` switches it off. */
  readonly impersonates: boolean
  /** Lets a caller act for another user: a token that names both, for an hour at most. */
  impersonate(actor: Principal, targetId: string, request: ImpersonationRequest): Promise<TokenAnswer>
  /** Ends the session in which a caller acts for another. */
  stopImpersonating(caller: Principal): Promise<void>
  /** Who a caller is, and who really acts. */
  impersonationOf(caller: Principal): Promise<Impersonation>
  /** For `kwik()`, which hands on what the service was not given. */
  [connect](parts: AccountsParts): void
}

const adminRole = 'admin'

/**
 * Users, roles and sign-in over a database that has the tables of accounts. From `kwik/accounts`.
 *
 * @throws {ProblemError} by its methods: `KWIK_ACCOUNTS_*`, `KWIK_NOT_FOUND`, `KWIK_INVALID`
 * @example
 * const accounts = accountsService(database, { permissions: ['products:read', ...accountPermissions] })
 * await accounts.createAdmin({ email: 'ann@example.com', password: 'correct horse battery' })
 */
export function accountsService(database: Database, options: AccountsServiceOptions = {}): Accounts {
  const resolved = resolveAccountsServiceOptions(options)
  const { permissions, believedFor, hashing, parts } = resolved
  const log = new SecurityEventLog(database, parts, resolved.events)
  parts.keep({ events: log })
  const standing = new Standing(database, parts, believedFor)
  const passwords = new Passwords(hashing, parts)
  const users = new Users(database, passwords, standing, parts)
  const roles = new Roles(database, standing, permissions, parts)
  const works = { database, parts, principals: standing, declared: permissions, believedFor }
  const impersonations = new Impersonations(works, resolved.impersonation)
  return {
    principals: standing,
    login: (credentials) => login(database, passwords, credentials, parts.events),
    createAdmin: (admin) =>
      changeOfPower({ database, principals: standing }, 'system', async () =>
        users.create({ ...admin, roles: [await roleOfAdmins(roles)] }, 'system'),
      ),
    hasAdmin: () => hasAdmin(database),
    listUsers: (request = {}) => users.list(request),
    findUser: (id) => users.find(id),
    createUser: (user, by) => users.create(user, by),
    updateUser: (id, changes, by) => users.update(id, changes, by),
    deactivateUser: (id, by) => users.setActive(id, false, by),
    activateUser: (id, by) => users.setActive(id, true, by),
    setRoles: (id, names, by) => users.setRoles(id, names, by),
    listRoles: (request = {}) => roles.list(request),
    findRole: (id) => roles.find(id),
    createRole: (role, by) => roles.create(role, by),
    updateRole: (id, changes, by) => roles.update(id, changes, by),
    setPermissions: (id, grants, by) => roles.setPermissions(id, grants, by),
    deleteRole: (id, by) => roles.delete(id, by),
    securityEvents: {
      record: (event, scope) => (parts.events ?? log).record(event, scope),
      list: (request) => log.list(request),
    },
    apiKeys: new ApiKeys(works, resolved.apiKeys),
    impersonate: (actor, targetId, request) => impersonations.begin(actor, targetId, request),
    stopImpersonating: (caller) => impersonations.end(caller),
    impersonationOf: (caller) => impersonationOf(database, caller),
    impersonates: impersonations.on,
    [connect]: (handed) => parts.connect(handed),
  }
}

/**
 * A role that grants everything, or a new one. One that is only called so stays as it is: whoever has it may have chosen
 * its name, and somebody may have disabled it for a reason.
 */
async function roleOfAdmins(roles: Roles): Promise<string> {
  for (let n = 1; ; n++) {
    const name = n === 1 ? adminRole : `${adminRole}-${n}`
    const role = await roles.findByName(name)
    if (role?.isActive && role.permissions.includes('*')) return name
    if (role === undefined) return (await roles.create({ name, permissions: ['*'] }, 'system')).name
  }
}
