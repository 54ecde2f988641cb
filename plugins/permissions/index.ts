export { definePermissions } from './names.ts'
export type { PermissionsOptions } from './options.ts'
export { permissions } from './plugin.ts'
export type { Declaration, NamesOf, PermissionsPlugin, Requirement } from './types.ts'
