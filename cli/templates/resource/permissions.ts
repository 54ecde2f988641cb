import { definePermissions } from 'kwik/permissions'

/** What a role can allow with «products». */
export const productPermissions = definePermissions([
  'products:read',
  'products:create',
  'products:update',
  'products:delete',
])
