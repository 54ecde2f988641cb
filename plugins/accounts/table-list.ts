import type { TableDefinition } from '#core/ports/database'
import { apiKeys } from './api-keys/table.ts'
import { securityEvents } from './events/table.ts'
import { accountNetworks, accountTokens, rolePermissions, roles, userRoles, users } from './tables.ts'

export { apiKeys, securityEvents }

/** All tables of accounts, for an app's schema and for tests. From `kwik/accounts`. */
export const accountTables: readonly TableDefinition[] = [
  users,
  roles,
  rolePermissions,
  userRoles,
  accountTokens,
  accountNetworks,
  securityEvents,
  apiKeys,
]
