import type { TableDefinition } from '#core/ports/database'
import { apiKeys } from './api-keys/table.ts'
import { securityEvents } from './events/table.ts'
import { rolePermissions, roles, userRoles, users } from './tables.ts'

export { apiKeys, securityEvents }

/** Every table of accounts, for an app's migrations. */
export const accountTables: readonly TableDefinition[] = [
  users,
  roles,
  rolePermissions,
  userRoles,
  securityEvents,
  apiKeys,
]
