/** A role as another system has it. */
export interface ImportedRole {
  /** What users refer to it by: an id of that system, or the name. */
  readonly key: string
  readonly name: string
  readonly description?: string | null
  readonly isActive?: boolean
  /** Names of permissions, as that system calls them. */
  readonly permissions: readonly string[]
}

/** A user as another system has them. */
export interface ImportedUser {
  readonly email: string
  readonly name?: string | null
  readonly isActive?: boolean
  /** argon2id, or bcrypt as the Python Kwik makes it. Without one the user chooses a password by a link. */
  readonly passwordHash?: string | null
  /** Keys of roles of the same snapshot. */
  readonly roles: readonly string[]
}

/** Users and roles of another system. */
export interface AccountsSnapshot {
  readonly users: readonly ImportedUser[]
  readonly roles: readonly ImportedRole[]
}

export interface ImportOptions {
  /** Write it. Without it everything is tried and taken back: the report is what would be. @default false */
  readonly apply?: boolean
  /** What a permission of that system is called here; `null` leaves it out. In place of what Kwik knows of the Python Kwik. */
  readonly permissions?: Readonly<Record<string, string | null>>
}

/** What an import did, or would do. */
export interface ImportReport {
  readonly applied: boolean
  readonly usersMade: readonly string[]
  /** Somebody has the address here: they stay as they are. */
  readonly usersKept: readonly string[]
  readonly usersSkipped: readonly { readonly email: string; readonly reason: string }[]
  /** Made without a password that works: they need a link for a new one. */
  readonly withoutPassword: readonly string[]
  readonly rolesMade: readonly string[]
  readonly rolesKept: readonly string[]
  readonly rolesRenamed: readonly { readonly from: string; readonly to: string }[]
  readonly rolesSkipped: readonly { readonly name: string; readonly reason: string }[]
  /** Roles that users have and that are not among those that were read, with the users who go without. */
  readonly rolesUnknown: readonly { readonly key: string; readonly users: readonly string[] }[]
  /** Permissions that this app does not declare, with the roles that lost them. */
  readonly permissionsUnknown: readonly { readonly name: string; readonly roles: readonly string[] }[]
}
