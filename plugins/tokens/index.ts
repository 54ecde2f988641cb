export { type AccessClaims, derivedKeys, type TokenService, tokenService } from './access-token.ts'
export type { PairAlgorithm, PairKey } from './keys/key-pair.ts'
export type { SecretKey, SigningKey } from './keys/ring.ts'
export { deriveKey, type Purpose } from './keys/secrets.ts'
export type {
  RefreshOptions,
  SessionOptions,
  SessionServiceOptions,
  TokenServiceOptions,
  TokensOptions,
} from './options.ts'
export {
  type OwnClaims,
  type OwnTokens,
  type OwnTokensPlugin,
  ownTokenService,
  ownTokens,
  type ReadClaims,
  type SignOptions,
} from './own-tokens.ts'
export { type TokensPlugin, tokens } from './plugin.ts'
export { type SessionService, sessionService } from './sessions/service.ts'
export { revokedTokens, sessions, tokenTables } from './sessions/tables.ts'
