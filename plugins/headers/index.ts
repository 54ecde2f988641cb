export { nonceOf } from '#core/internal/nonce'
export type {
  CorsOptions,
  CspDirectives,
  HeadersOptions,
  HeaderValues,
  HstsOptions,
  OriginCheck,
  Profile,
  RouteHeaders,
} from './options.ts'
export { type HeadersPlugin, headers } from './plugin.ts'
