/** The names of every permission that the routes of accounts ask for; merged with the app's own. */
export type AccountPermission =
  | 'users:read'
  | 'users:create'
  | 'users:update'
  | `roles:${Action}`
  | 'users:impersonate'
  | 'users:impersonate:any'
  | 'api-keys:manage'
  | 'security-events:read'
type Action = 'read' | 'create' | 'update' | 'delete'

export const accountPermissions: readonly AccountPermission[] = [
  'users:read',
  'users:create',
  'users:update',
  'roles:read',
  'roles:create',
  'roles:update',
  'roles:delete',
  'users:impersonate',
  'users:impersonate:any',
  'api-keys:manage',
  'security-events:read',
]
