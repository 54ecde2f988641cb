import type { Duration } from '#core/internal/duration'
import type { Clock } from '#core/ports/clock'
import type { Redis } from '#core/ports/redis'

/** Who shares one count: a signed-in user (a caller without one counts by address), an address, an API key. */
export type By = 'user' | 'ip' | 'apiKey'

/** What a limit does when Redis does not answer: count this process's share, or refuse with 503. */
export type OnStoreDown = 'local' | 'deny'

/** How much is let through. */
export interface RatePolicy {
  /** Requests, or units of cost, in the time of `per`. */
  readonly limit: number
  /** The time for them, such as `'1m'`. */
  readonly per: Duration
  /** Who shares one count. @default 'user' */
  readonly by?: By
  /** Routes whose policies have one name share one count. Letters, digits, `-` and `_`. @default a count for each route */
  readonly name?: string
  /** How many may come at once; they come back one by one, `limit` in `per`. @default limit */
  readonly burst?: number
  /** What one request counts for. @default 1 */
  readonly cost?: number
  /** Instead of the plugin's own word. Sign-in routes want `'deny'`. */
  readonly onStoreDown?: OnStoreDown
}

export type RatePolicies = RatePolicy | readonly RatePolicy[]

export interface RateLimitOptions {
  /** Counts for all requests of an address, before routing: also 404, HEAD and OPTIONS. */
  readonly global?: RatePolicies
  /** Counts for every route that has no `rateLimit` of its own. */
  readonly routes?: RatePolicies
  /** Where processes count together. @default the memory of this process */
  readonly redis?: Redis
  /** What happens when Redis does not answer. @default 'local' */
  readonly onStoreDown?: OnStoreDown
  /** How many processes share the limits: while Redis is away each gives this part of them. @default 1 */
  readonly expectedNodes?: number
  /** Callers counted in memory; beyond them the one not seen for longest is forgotten. @default 50000 */
  readonly maxKeys?: number
  /** Say `RateLimit` and `RateLimit-Policy` on answers. @default true */
  readonly fields?: boolean
  /** For counts in memory. @default a clock that never goes back */
  readonly clock?: Clock
}

export interface ResolvedRateLimitOptions {
  readonly global: readonly RatePolicy[]
  readonly routes: readonly RatePolicy[]
  readonly redis: Redis | undefined
  readonly onStoreDown: OnStoreDown
  readonly expectedNodes: number
  readonly maxKeys: number
  readonly fields: boolean
  readonly clock: Clock
}

const monotonic: Clock = { now: () => performance.now() }

export const listOf = (policies: RatePolicies | undefined): readonly RatePolicy[] =>
  policies === undefined ? [] : [policies].flat()

/** @throws {TypeError} when a number is out of its range */
export function resolveRateLimitOptions(options: RateLimitOptions): ResolvedRateLimitOptions {
  const { expectedNodes = 1, maxKeys = 50_000, onStoreDown = 'local', fields = true, clock = monotonic } = options
  for (const [name, value] of Object.entries({ expectedNodes, maxKeys }))
    if (!Number.isInteger(value) || value < 1) throw new TypeError(`${name}: ${value} is no whole number above 0`)
  return {
    global: listOf(options.global),
    routes: listOf(options.routes),
    redis: options.redis,
    onStoreDown,
    expectedNodes,
    maxKeys,
    fields,
    clock,
  }
}
