const actions = ['create', 'read', 'update'] as const

/** Permissions of the Python Kwik, and what they are here. `null`: there is nothing like it, on purpose. */
export const pythonPermissions: Readonly<Record<string, string | null>> = {
  impersonification: 'users:impersonate',
  password_reset: 'users:update',
  users_management_delete: null,
  user_delete: null,
  ...Object.fromEntries(
    actions.flatMap((action) => [
      [`users_management_${action}`, `users:${action}`],
      [`user_${action}`, `users:${action}`],
      [`roles_management_${action}`, `roles:${action}`],
      [`role_${action}`, `roles:${action}`],
    ]),
  ),
  roles_management_delete: 'roles:delete',
  role_delete: 'roles:delete',
  // Permissions are declared in code here: what changes them in the database is a change of roles.
  ...Object.fromEntries(
    ['create', 'update', 'delete'].flatMap((action) => [
      [`permissions_management_${action}`, 'roles:update'],
      [`permission_${action}`, 'roles:update'],
    ]),
  ),
  permissions_management_read: 'roles:read',
  permission_read: 'roles:read',
}
