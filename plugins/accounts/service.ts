import type { Database } from '#core/ports/database'
import type { Principals } from '#core/ports/principals'
import type { TokenAnswer } from '#core/ports/sessions'
import type { Principal, Scope } from '#core/scope'
import { belongs } from '#core/tenancy'
import { AccountTokens } from './account-tokens.ts'
import { Afterwards } from './afterwards.ts'
import { ApiKeys } from './api-keys/keys.ts'
import type { AccountApiKeys } from './api-keys/types.ts'
import { SecurityEventLog } from './events/log.ts'
import type { AccountSecurityEvents } from './events/types.ts'
import { type Actor, changeOfPower, hasAdmin } from './grants.ts'
import { Impersonations } from './impersonation/impersonation.ts'
import { impersonationOf } from './impersonation/state.ts'
import type { Impersonation, ImpersonationRequest } from './impersonation/types.ts'
import { importAccounts } from './import/import-accounts.ts'
import type { AccountsSnapshot, ImportOptions, ImportReport } from './import/snapshot.ts'
import { Letters } from './letters.ts'
import { login, type SignedIn } from './login.ts'
import { type AccountsServiceOptions, resolveAccountsServiceOptions } from './options.ts'
import { type OwnAccount, ownAccount } from './own-account.ts'
import type { OwnValues, UsersTable } from './own-columns.ts'
import type { Page, PageRequest, UserRequest } from './page.ts'
import { type AccountsParts, connect } from './parts.ts'
import { Passwords } from './passwords.ts'
import { type Recovery, recovery } from './recovery.ts'
import { type Registrations, registrations } from './registration.ts'
import { type RoleGrants, roleGrants } from './role-grants.ts'
import { type RoleMembers, roleMembers } from './role-members.ts'
import { Roles } from './roles.ts'
import { Standing } from './standing.ts'
import type { users as usersTable } from './tables.ts'
import { Networks } from './throttle/networks.ts'
import { Throttle } from './throttle/throttle.ts'
import type {
  AccountRole,
  AccountUser,
  Credentials,
  InTenant,
  NewRole,
  NewUser,
  RoleChanges,
  UserChanges,
} from './types.ts'
import { Users } from './users.ts'
import { type Wiring, wiring, wiringOf } from './wiring.ts'
import type { Workings } from './workings.ts'

/**
 * Users, roles and sign-in, for routes, commands and tests alike. `by` is who makes a change: a caller, or `'system'`;
 * `scope` is of the request, where there is one. `Own` are the columns that an app added to its users.
 */
export interface Accounts<Own extends object = {}>
  extends RoleMembers<AccountUser & Own>,
    RoleGrants,
    OwnAccount<Own>,
    Recovery,
    Registrations<Own> {
  /** What tokens asks on every request. */
  readonly principals: Principals
  login(credentials: Credentials, scope?: Scope): Promise<SignedIn>
  /** Whether somebody may sign in for a tenant: they have a role there, or one that holds everywhere. */
  belongsTo(id: string, tenant: string): Promise<boolean>
  /** Makes a user who holds everything, by the role `admin`; by `admin-2` where `admin` is something else. */
  createAdmin(admin: Credentials & { readonly name?: string | null }): Promise<AccountUser & Own>
  /** Makes the administrator of `firstAdmin` while there is none. @returns whether it did */
  createFirstAdmin(): Promise<boolean>
  /** Whether somebody active holds everything. */
  hasAdmin(): Promise<boolean>
  /** @param within one tenant: only who has a role there, with their roles there */
  listUsers(request?: UserRequest, within?: InTenant): Promise<Page<AccountUser & Own>>
  findUser(id: string, within?: InTenant): Promise<AccountUser & Own>
  createUser(user: NewUser & Partial<Own>, by: Actor): Promise<AccountUser & Own>
  updateUser(id: string, changes: UserChanges & Partial<Own>, by: Actor): Promise<AccountUser & Own>
  deactivateUser(id: string, by: Actor): Promise<AccountUser & Own>
  activateUser(id: string, by: Actor): Promise<AccountUser & Own>
  /** @param tenant where they hold; everywhere without one */
  setRoles(id: string, roles: readonly string[], by: Actor, tenant?: string): Promise<AccountUser & Own>
  /** Every process reads anew what somebody may do, or anybody: for who changed the tables with SQL. */
  forget(id?: string): Promise<void>
  listRoles(request?: PageRequest): Promise<Page<AccountRole>>
  findRole(id: string): Promise<AccountRole>
  createRole(role: NewRole, by: Actor): Promise<AccountRole>
  updateRole(id: string, changes: RoleChanges, by: Actor): Promise<AccountRole>
  setPermissions(id: string, permissions: readonly string[], by: Actor): Promise<AccountRole>
  /** Deletes a role that nobody has; `force` takes it from everybody first. */
  deleteRole(id: string, by: Actor, options?: { readonly force?: boolean }): Promise<void>
  /** What happened that matters for security: told, stored, listed. */
  readonly securityEvents: AccountSecurityEvents
  readonly apiKeys: AccountApiKeys
  /** How people make their account themselves, where they may: `kwik doctor` asks. */
  readonly registration: { readonly verify: boolean } | undefined
  /** Whether callers may act for others at all: `accountsService(database, { impersonation: false })` switches it off. */
  readonly impersonates: boolean
  /** Lets a caller act for another user: a token that names both, for an hour at most. */
  impersonate(actor: Principal, targetId: string, request: ImpersonationRequest): Promise<TokenAnswer>
  /** Ends the session in which a caller acts for another. */
  stopImpersonating(caller: Principal): Promise<void>
  /** Who a caller is, and who really acts. */
  impersonationOf(caller: Principal): Promise<Impersonation>
  /** Takes over users, roles and what they grant from another system, such as the Python Kwik. Without `apply` it only tries. */
  importAccounts(snapshot: AccountsSnapshot, options?: ImportOptions): Promise<ImportReport>
  /** Resolves when what was left to do after answers is done: mail, and when keys were last used. */
  settled(): Promise<void>
  /** For `kwik()`, which hands on what the service was not given. */
  [connect](parts: AccountsParts): void
  /** For the routes. */
  readonly [wiring]: Wiring
}

const adminRole = 'admin'

/**
 * Users, roles and sign-in over a database that has the tables of accounts. From `kwik/accounts`.
 *
 * @throws {TypeError} for options that cannot hold; its methods throw `KWIK_ACCOUNTS_*`, `KWIK_NOT_FOUND`, `KWIK_INVALID`
 * @example
 * const accounts = accountsService(database, { permissions: ['products:read', ...accountPermissions] })
 * await accounts.createAdmin({ email: 'ann@example.com', password: 'correct horse battery' })
 */
export function accountsService<T extends UsersTable = typeof usersTable>(
  database: Database,
  options: AccountsServiceOptions<T> = {},
): Accounts<OwnValues<T>> {
  const resolved = resolveAccountsServiceOptions(options as AccountsServiceOptions<UsersTable>)
  const { permissions, parts, firstAdmin, believedFor } = resolved
  const log = new SecurityEventLog(database, parts, resolved.events)
  parts.keep({ events: log })
  const work = workingsOf(database, resolved)
  const { standing, users, roles } = work
  const power = { database, principals: standing }
  const shared = { database, parts, principals: standing, declared: permissions, believedFor }
  const apiKeys = new ApiKeys(shared, resolved.apiKeys)
  const impersonations = new Impersonations(shared, resolved.impersonation)
  const members = roleMembers(work)
  const createAdmin = (admin: Credentials & { readonly name?: string | null }): Promise<AccountUser> =>
    changeOfPower(power, 'system', async () => users.create({ ...admin, roles: [await roleOfAdmins(roles)] }, 'system'))
  const service: Accounts = {
    ...members,
    ...roleGrants(work, permissions),
    ...ownAccount(work),
    ...recovery(work),
    ...registrations(work),
    principals: standing,
    login: (credentials, scope) => login(work, credentials, scope),
    belongsTo: async (id, tenant) => {
      const account = await standing.load(id)
      return account !== undefined && belongs(account, tenant) === true
    },
    createAdmin,
    createFirstAdmin: async () =>
      firstAdmin !== undefined &&
      changeOfPower(power, 'system', async () => !(await hasAdmin(database)) && Boolean(await createAdmin(firstAdmin))),
    hasAdmin: () => hasAdmin(database),
    listUsers: (request = {}, within) => users.list(request, within),
    findUser: (id, within) => users.find(id, within),
    createUser: (user, by) => users.create(user, by),
    updateUser: (id, changes, by) => users.update(id, changes, by),
    deactivateUser: (id, by) => users.setActive(id, false, by),
    activateUser: (id, by) => users.setActive(id, true, by),
    setRoles: (id, names, by, tenant) => users.setRoles(id, names, by, tenant),
    forget: (id) => standing.over(id),
    listRoles: (request = {}) => roles.list(request),
    findRole: (id) => roles.find(id),
    createRole: (role, by) => roles.create(role, by),
    updateRole: (id, changes, by) => roles.update(id, changes, by),
    setPermissions: (id, grants, by) => roles.setPermissions(id, grants, by),
    deleteRole: (id, by, { force = false } = {}) =>
      changeOfPower(power, by, async () => {
        if (force) await members.removeAllUsersFromRole(id, by)
        await roles.delete(id, by)
      }),
    securityEvents: {
      record: (event, scope) => (parts.events ?? log).record(event, scope),
      list: (request) => log.list(request),
    },
    apiKeys,
    registration: work.register && { verify: work.register.verify },
    impersonate: (actor, targetId, request) => impersonations.begin(actor, targetId, request),
    stopImpersonating: (caller) => impersonations.end(caller),
    impersonationOf: (caller) => impersonationOf(database, caller),
    impersonates: impersonations.on,
    importAccounts: (snapshot, how) => importAccounts(work, permissions, snapshot, how),
    settled: async () => void (await Promise.all([work.afterwards.settled(), apiKeys.settled()])),
    [connect]: (handed) => parts.connect(handed),
    [wiring]: wiringOf(work, firstAdmin !== undefined),
  }
  return service as Accounts<OwnValues<T>>
}

function workingsOf(database: Database, resolved: ReturnType<typeof resolveAccountsServiceOptions>): Workings {
  const { permissions, believedFor, hashing, parts, columns, rules, register, links, linkTtl, mails } = resolved
  const standing = new Standing(database, parts, believedFor)
  const passwords = new Passwords(hashing, rules, parts)
  const tokens = new AccountTokens(database, parts, linkTtl)
  const networks = new Networks(database, parts)
  return {
    database,
    parts,
    columns,
    passwords,
    standing,
    tokens,
    networks,
    register,
    users: new Users(database, passwords, standing, columns, parts),
    roles: new Roles(database, standing, permissions, parts),
    letters: new Letters(tokens, parts, { links, mails, minutes: Math.floor(linkTtl / 60_000) }),
    afterwards: new Afterwards(database, parts),
    throttle: resolved.throttle && new Throttle(resolved.throttle, parts, networks),
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
