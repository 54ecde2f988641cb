/** A user as clients see it. */
export interface AccountUser {
  readonly id: string
  readonly email: string
  readonly name: string | null
  readonly isActive: boolean
  /** Whether their address is theirs, as far as the app asks for it: only who registered alone is not yet. */
  readonly isVerified: boolean
  /** Names of the roles that hold everywhere, inactive ones included. */
  readonly roles: readonly string[]
  /** Names of roles by the tenant in which they hold; absent for somebody without any. */
  readonly tenants?: Readonly<Record<string, readonly string[]>>
  /** RFC 3339, in UTC. */
  readonly createdAt: string
  readonly updatedAt: string
}

export interface Credentials {
  readonly email: string
  readonly password: string
}

/** For whom users are listed: in one tenant, only who has a role there, and what they have there. */
export interface InTenant {
  readonly tenant?: string | undefined
}

export interface NewUser extends Credentials {
  readonly name?: string | null
  /** Names of roles. */
  readonly roles?: readonly string[]
}

/** What may be changed of a user. What is left out stays; `null` takes the name away. */
export interface UserChanges {
  readonly email?: string
  readonly name?: string | null
  readonly password?: string
}

/** What people may change of themselves, beside the columns that the app lets them write. */
export interface OwnChanges {
  readonly name?: string | null
}

/** What somebody gives of themselves to get an account. */
export interface Registration extends Credentials {
  readonly name?: string | null
}

/** A permission of the app, and which roles grant it. */
export interface DeclaredPermission {
  readonly name: string
  /** Names of roles, those that grant it by a pattern and inactive ones included. */
  readonly roles: readonly string[]
}

/** A role as clients see it. */
export interface AccountRole {
  readonly id: string
  readonly name: string
  readonly description: string | null
  /** An inactive role grants nothing. */
  readonly isActive: boolean
  /** Names of permissions, and patterns such as `products:*`. */
  readonly permissions: readonly string[]
  /** How many users have it, disabled ones included. */
  readonly userCount: number
  readonly createdAt: string
  readonly updatedAt: string
}

export interface NewRole {
  readonly name: string
  readonly description?: string | null
  readonly permissions?: readonly string[]
}

/** What may be changed of a role. What is left out stays. */
export interface RoleChanges {
  readonly name?: string
  readonly description?: string | null
  readonly isActive?: boolean
}
