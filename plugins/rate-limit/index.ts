export type { LimitedCall } from './call.ts'
export { type RequestLimit, rateLimitOf } from './counted.ts'
export type {
  AnyRatePolicy,
  By,
  ConcurrencyPolicy,
  Cost,
  CountWhen,
  Ipv6Options,
  OnStoreDown,
  RateLimitOptions,
  RatePolicies,
  RatePolicy,
} from './options.ts'
export { type RateLimitPlugin, rateLimit } from './plugin.ts'
