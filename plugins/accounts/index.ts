export { argon2Hashing } from './adapters/argon2-hashing.ts'
export { bunHashing } from './adapters/bun-hashing.ts'
export type { AccountApiKeys, ApiKey, MadeApiKey, NewApiKey } from './api-keys/types.ts'
export type { AccountSecurityEvents, SecurityEventRequest, StoredSecurityEvent } from './events/types.ts'
export { type FirstAdmin, firstAdminIn } from './first-admin.ts'
export type { Actor } from './grants.ts'
export type { Impersonation, ImpersonationRequest } from './impersonation/types.ts'
export type { AccountsSnapshot, ImportedRole, ImportedUser, ImportOptions, ImportReport } from './import/snapshot.ts'
export type { InPerson } from './in-person.ts'
export type { AccountLinks } from './links.ts'
export type { SignedIn } from './login.ts'
export type { AccountMails, LinkMail, MailText } from './mails.ts'
export type {
  AccountsOptions,
  AccountsServiceOptions,
  ApiKeysOptions,
  ImpersonationOptions,
  LoginLimit,
  RegisterOptions,
} from './options.ts'
export type { OwnAccount } from './own-account.ts'
export { accountTablesWith, type UsersTable, usersWith } from './own-columns.ts'
export type { Page, PageRequest, UserRequest } from './page.ts'
export { type AccountsParts, connect } from './parts.ts'
export { type AccountPermission, accountPermissions, tenantAccountPermissions } from './permissions.ts'
export { type AccountsPlugin, accounts } from './plugin.ts'
export type { PasswordOwner, PasswordPolicy } from './policy.ts'
export type { PasswordHashing } from './ports.ts'
export type { Recovery } from './recovery.ts'
export type { Registrations } from './registration.ts'
export type { RoleGrants } from './role-grants.ts'
export type { RoleMembers } from './role-members.ts'
export { type Accounts, accountsService } from './service.ts'
export { accountTables, apiKeys, securityEvents } from './table-list.ts'
export {
  accountNetworks,
  accountTokens,
  rolePermissions,
  roles,
  userRoles,
  users,
} from './tables.ts'
export type { LoginThrottle, LoginThrottleRule } from './throttle/delay.ts'
export type {
  AccountRole,
  AccountUser,
  Credentials,
  DeclaredPermission,
  NewRole,
  NewUser,
  OwnChanges,
  Registration,
  RoleChanges,
  UserChanges,
} from './types.ts'
