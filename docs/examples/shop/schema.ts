// Every table of the shop: migrations are made of it.
export { rolePermissions, roles, userRoles, users } from 'kwik/accounts'
export { categories, products } from './tables.ts'
