import {
  type AuditFields,
  type DefinedTable,
  defineTable,
  type FieldBuilder,
  type FieldTypes,
} from '#core/table/define'

type Id = FieldBuilder<'uuid', string, false, true>
type Ref = FieldBuilder<'ref', string>

export type UserFields = {
  id: Id
  email: FieldBuilder<'email', string>
  name: FieldBuilder<'string', string, true>
  passwordHash: FieldBuilder<'string', string>
  isActive: FieldBuilder<'bool', boolean, false, true>
  isVerified: FieldBuilder<'bool', boolean, false, true>
  tokenVersion: FieldBuilder<'int', number, false, true>
} & AuditFields

/*
 * Every field is `readonly()`: the service keeps power from growing, and a resource over these tables would go around it.
 */

/** What every table of users has, whatever an app adds. */
export const userFields = (t: FieldTypes): UserFields => ({
  id: t.id(),
  email: t.email().unique().readonly(),
  name: t.string(200).nullable().readonly(),
  passwordHash: t.string(255).hidden().readonly(),
  isActive: t.bool().default(true).readonly(),
  // Only who registered alone is not yet: an address that an administrator wrote is taken as it is.
  isVerified: t.bool().default(true).readonly(),
  tokenVersion: t.int().default(1).hidden().readonly(),
  ...t.audit(),
})

/** People who can sign in. `email` is kept in NFC and lower case, so that unique means unique to a person. */
export const users: DefinedTable<'users', UserFields> = defineTable('users', userFields)

export type RoleFields = {
  id: Id
  name: FieldBuilder<'string', string>
  description: FieldBuilder<'string', string, true>
  isActive: FieldBuilder<'bool', boolean, false, true>
} & AuditFields

/** Bundles of grants that users are given. An inactive role grants nothing. */
export const roles: DefinedTable<'roles', RoleFields> = defineTable('roles', (t) => ({
  id: t.id(),
  name: t.string(100).unique().readonly(),
  description: t.string(500).nullable().readonly(),
  isActive: t.bool().default(true).readonly(),
  ...t.audit(),
}))

export type RolePermissionFields = { id: Id; roleId: Ref; permission: FieldBuilder<'string', string> }

/** What a role grants: names of permissions, and patterns such as `products:*`. */
export const rolePermissions: DefinedTable<'role_permissions', RolePermissionFields> = defineTable(
  'role_permissions',
  (t) => ({
    id: t.id(),
    roleId: t.ref(() => roles, { onDelete: 'cascade' }).readonly(),
    permission: t.string(200).readonly(),
  }),
  (t) => [t.unique('roleId', 'permission')],
)

export type UserRoleFields = { id: Id; userId: Ref; roleId: Ref; tenant: FieldBuilder<'string', string, true> }

/** Who has which role, in one tenant or, where that is empty, everywhere. A role that somebody has cannot be deleted. */
export const userRoles: DefinedTable<'user_roles', UserRoleFields> = defineTable(
  'user_roles',
  (t) => ({
    id: t.id(),
    userId: t.ref(() => users, { onDelete: 'cascade' }).readonly(),
    roleId: t
      .ref(() => roles)
      .index()
      .readonly(),
    tenant: t.string(100).nullable().readonly(),
  }),
  (t) => [t.unique('userId', 'roleId', 'tenant'), t.index('tenant')],
)

export type AccountTokenFields = {
  id: Id
  userId: Ref
  purpose: FieldBuilder<'enum', 'reset' | 'verify' | 'email'>
  hash: FieldBuilder<'string', string>
  bound: FieldBuilder<'string', string>
  address: FieldBuilder<'email', string, true>
  passwordHash: FieldBuilder<'string', string, true>
  expiresAt: FieldBuilder<'datetime', Date>
}

/**
 * Tokens that were mailed and are still open. Of a token only its SHA-256 is kept, and a digest of what must still be true
 * of its owner: who reads this table can use none.
 */
export const accountTokens: DefinedTable<'account_tokens', AccountTokenFields> = defineTable('account_tokens', (t) => ({
  id: t.id(),
  userId: t.ref(() => users, { onDelete: 'cascade' }).readonly(),
  purpose: t.enum('reset', 'verify', 'email').readonly(),
  hash: t.string(43).unique().hidden().readonly(),
  bound: t.string(43).hidden().readonly(),
  // What the token brings: the new address of a change, the password of a registration.
  address: t.email().nullable().hidden().readonly(),
  passwordHash: t.string(255).nullable().hidden().readonly(),
  expiresAt: t.datetime().index().readonly(),
}))

export type AccountNetworkFields = {
  id: Id
  userId: Ref
  network: FieldBuilder<'string', string>
  lastUsedAt: FieldBuilder<'datetime', Date>
}

/** Networks from which somebody signed in: they are not held up while others guess. */
export const accountNetworks: DefinedTable<'account_networks', AccountNetworkFields> = defineTable(
  'account_networks',
  (t) => ({
    id: t.id(),
    userId: t.ref(() => users, { onDelete: 'cascade' }).readonly(),
    network: t.string(64).readonly(),
    lastUsedAt: t.datetime().readonly(),
  }),
  (t) => [t.unique('userId', 'network')],
)
