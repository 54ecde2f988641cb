export { type AccessClaims, type TokenService, tokenService } from './access-token.ts'
export { deriveKey, type Purpose, type SigningKey } from './keys.ts'
export type { TokenServiceOptions, TokensOptions } from './options.ts'
export { type TokensPlugin, tokens } from './plugin.ts'
