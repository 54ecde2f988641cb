// Every table of the shop: migrations are made of it.
export { apiKeys, rolePermissions, roles, securityEvents, userRoles, users } from 'kwik/accounts'
export { revokedTokens, sessions } from 'kwik/tokens'
export { categories, products } from './tables.ts'
