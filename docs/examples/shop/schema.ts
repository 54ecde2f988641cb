// Every table of the shop: migrations are made of it.
export { accountNetworks, accountTokens, rolePermissions, roles, userRoles, users } from 'kwik/accounts'
export { revokedTokens, sessions } from 'kwik/tokens'
export { categories, products } from './tables.ts'
