export type { By, OnStoreDown, RateLimitOptions, RatePolicies, RatePolicy } from './options.ts'
export { type RateLimitPlugin, rateLimit } from './plugin.ts'
