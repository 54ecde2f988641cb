export { argon2Hashing } from './adapters/argon2-hashing.ts'
export { bunHashing } from './adapters/bun-hashing.ts'
export type { AccountApiKeys, ApiKey, MadeApiKey, NewApiKey } from './api-keys/types.ts'
export type { AccountSecurityEvents, SecurityEventRequest, StoredSecurityEvent } from './events/types.ts'
export type { Actor } from './grants.ts'
export type { Impersonation, ImpersonationRequest } from './impersonation/types.ts'
export type { InPerson } from './in-person.ts'
export type { SignedIn } from './login.ts'
export type {
  AccountsOptions,
  AccountsServiceOptions,
  ApiKeysOptions,
  ImpersonationOptions,
  LoginLimit,
} from './options.ts'
export type { Page, PageRequest } from './page.ts'
export { type AccountsParts, connect } from './parts.ts'
export { type AccountPermission, accountPermissions } from './permissions.ts'
export { type AccountsPlugin, accounts } from './plugin.ts'
export type { PasswordHashing } from './ports.ts'
export { type Accounts, accountsService } from './service.ts'
export { accountTables, apiKeys, securityEvents } from './table-list.ts'
export { rolePermissions, roles, userRoles, users } from './tables.ts'
export type { AccountRole, AccountUser, Credentials, NewRole, NewUser, RoleChanges, UserChanges } from './types.ts'
