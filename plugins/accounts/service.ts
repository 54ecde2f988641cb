import type { Database } from '#core/ports/database'
import type { Principals } from '#core/ports/principals'
import { belongs } from '#core/tenancy'
import { type Actor, changeOfPower, hasAdmin } from './grants.ts'
import { login, type SignedIn } from './login.ts'
import { type AccountsServiceOptions, resolveAccountsServiceOptions } from './options.ts'
import type { Page, PageRequest } from './page.ts'
import { Passwords } from './passwords.ts'
import { Roles } from './roles.ts'
import { Standing } from './standing.ts'
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

/** Users, roles and sign-in, for routes, commands and tests alike. `by` is who makes a change: a caller, or `'system'`. */
export interface Accounts {
  /** What tokens asks on every request. */
  readonly principals: Principals
  login(credentials: Credentials): Promise<SignedIn>
  /** Whether somebody may sign in for a tenant: they have a role there, or one that holds everywhere. */
  belongsTo(id: string, tenant: string): Promise<boolean>
  /** Makes a user who holds everything, by the role `admin`; by `admin-2` where `admin` is something else. */
  createAdmin(admin: Credentials & { readonly name?: string | null }): Promise<AccountUser>
  /** Whether somebody active holds everything. */
  hasAdmin(): Promise<boolean>
  /** @param within one tenant: only who has a role there, with their roles there */
  listUsers(request?: PageRequest, within?: InTenant): Promise<Page<AccountUser>>
  findUser(id: string, within?: InTenant): Promise<AccountUser>
  createUser(user: NewUser, by: Actor): Promise<AccountUser>
  updateUser(id: string, changes: UserChanges, by: Actor): Promise<AccountUser>
  deactivateUser(id: string, by: Actor): Promise<AccountUser>
  activateUser(id: string, by: Actor): Promise<AccountUser>
  /** @param tenant where they hold; everywhere without one */
  setRoles(id: string, roles: readonly string[], by: Actor, tenant?: string): Promise<AccountUser>
  /** Every process reads anew what somebody may do, or anybody: for who changed the tables with SQL. */
  forget(id?: string): Promise<void>
  listRoles(request?: PageRequest): Promise<Page<AccountRole>>
  findRole(id: string): Promise<AccountRole>
  createRole(role: NewRole, by: Actor): Promise<AccountRole>
  updateRole(id: string, changes: RoleChanges, by: Actor): Promise<AccountRole>
  setPermissions(id: string, permissions: readonly string[], by: Actor): Promise<AccountRole>
  deleteRole(id: string, by: Actor): Promise<void>
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
  const { permissions, believedFor, hashing, logger, clock } = resolveAccountsServiceOptions(options)
  const standing = new Standing(database, clock, believedFor)
  const passwords = new Passwords(hashing, logger)
  const users = new Users(database, passwords, standing)
  const roles = new Roles(database, standing, permissions)
  return {
    principals: standing,
    login: (credentials) => login(database, passwords, credentials),
    belongsTo: async (id, tenant) => {
      const account = await standing.load(id)
      return account !== undefined && belongs(account, tenant) === true
    },
    createAdmin: (admin) =>
      changeOfPower({ database, principals: standing }, 'system', async () =>
        users.create({ ...admin, roles: [await roleOfAdmins(roles)] }, 'system'),
      ),
    hasAdmin: () => hasAdmin(database),
    listUsers: (request = {}, within) => users.list(request, within),
    findUser: (id, within) => users.find(id, within),
    createUser: (user, by) => users.create(user, by),
    updateUser: (id, changes, by) => users.update(id, changes, by),
    deactivateUser: (id, by) => users.setActive(id, false, by),
    activateUser: (id, by) => users.setActive(id, true, by),
    setRoles: (id, names, by, tenant) => users.setRoles(id, names, by, tenant),
    forget: async (id) => standing.forgetAfterCommit(id),
    listRoles: (request = {}) => roles.list(request),
    findRole: (id) => roles.find(id),
    createRole: (role, by) => roles.create(role, by),
    updateRole: (id, changes, by) => roles.update(id, changes, by),
    setPermissions: (id, grants, by) => roles.setPermissions(id, grants, by),
    deleteRole: (id, by) => roles.delete(id, by),
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
