import type { Duration } from '#core/internal/duration'
import type { Clock } from '#core/ports/clock'
import type { Redis } from '#core/ports/redis'
import type { LimitedCall } from './call.ts'

/**
 * Who shares one count: a signed-in user (a caller without one counts by address), an address, an API key, or what a
 * function names; where it names nothing, the address.
 */
export type By = 'user' | 'ip' | 'apiKey' | ((call: LimitedCall) => string | undefined)

/** What a limit does when Redis does not answer: count this process's share, refuse with 503, or let everybody pass. */
export type OnStoreDown = 'local' | 'deny' | 'allow'

/** What one request counts for: a whole number, 0 for nothing. */
export type Cost = number | ((call: LimitedCall) => number)

/** Which answers count: those that refuse the caller (400 to 499), or what a function says of the answer. */
export type CountWhen = 'failure' | ((response: Response) => boolean)

/** How much is let through in a time. */
export interface RatePolicy {
  /**
   * `'gcra'` gives units back one by one; `'sliding'` counts two windows, the last one as far as it still reaches, and has
   * no burst.
   * @default 'gcra'
   */
  readonly kind?: 'gcra' | 'sliding'
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
  /** What one request counts for. A cost above `burst` is refused with 400: it could never pass. @default 1 */
  readonly cost?: Cost
  /** Every request takes its units when it comes; those whose answer does not count get them back with the answer. @default all count */
  readonly countWhen?: CountWhen
  /** Instead of the plugin's own word. Sign-in routes want `'deny'`. */
  readonly onStoreDown?: OnStoreDown
}

/** How many requests may be under way at once. Each has its place until the last byte of its answer is out. */
export interface ConcurrencyPolicy {
  readonly kind: 'concurrency'
  /** Requests at once. */
  readonly limit: number
  /** Who shares the places. @default 'user' */
  readonly by?: By
  /** Routes whose policies have one name share their places. @default places for each route */
  readonly name?: string
  /** In Redis: how long a place stays taken when its process dies. Renewed while the request is under way. @default '1m' */
  readonly lease?: Duration
  readonly onStoreDown?: OnStoreDown
}

export type AnyRatePolicy = RatePolicy | ConcurrencyPolicy
export type RatePolicies = AnyRatePolicy | readonly AnyRatePolicy[]

/** What counts as one address in IPv6, where anybody has more addresses than could be counted. */
export interface Ipv6Options {
  /** Leading bits that make one caller. @default 64 */
  readonly prefix?: number
  /** Leading bits that are counted together beside that, for who owns many networks; `false` for none. @default 48 */
  readonly wide?: number | false
  /** How many times the limit all of these together have. @default 32 */
  readonly wideTimes?: number
}

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
  /** Which addresses of IPv6 are one caller. @default a /64, and each /48 together 32 times as often */
  readonly ipv6?: Ipv6Options
  /** Say `RateLimit` and `RateLimit-Policy` on answers. @default true */
  readonly fields?: boolean
  /** For counts in memory. @default a clock that never goes back */
  readonly clock?: Clock
}

/** The bits of networks, and how often the wide one may call. */
export interface Networks {
  readonly prefix: number
  readonly wide: number | undefined
  readonly wideTimes: number
}

export interface ResolvedRateLimitOptions {
  readonly global: readonly AnyRatePolicy[]
  readonly routes: readonly AnyRatePolicy[]
  readonly redis: Redis | undefined
  readonly onStoreDown: OnStoreDown
  readonly expectedNodes: number
  readonly maxKeys: number
  readonly networks: Networks
  readonly fields: boolean
  readonly clock: Clock
}

const monotonic: Clock = { now: () => performance.now() }

export const listOf = (policies: RatePolicies | undefined): readonly AnyRatePolicy[] =>
  policies === undefined ? [] : [policies].flat()

/** @throws {TypeError} when a number is out of its range */
export function resolveRateLimitOptions(options: RateLimitOptions): ResolvedRateLimitOptions {
  const { expectedNodes = 1, maxKeys = 50_000, onStoreDown = 'local', fields = true, clock = monotonic } = options
  const networks = networksOf(options.ipv6)
  for (const [name, value] of Object.entries({ expectedNodes, maxKeys, 'ipv6.wideTimes': networks.wideTimes }))
    if (!Number.isInteger(value) || value < 1)
      throw new TypeError(`rateLimit.${name}: ${value} is no whole number above 0`)
  return {
    global: listOf(options.global),
    routes: listOf(options.routes),
    redis: options.redis,
    onStoreDown,
    expectedNodes,
    maxKeys,
    networks,
    fields,
    clock,
  }
}

function networksOf({ prefix = 64, wide = 48, wideTimes = 32 }: Ipv6Options = {}): Networks {
  const isWhole = (bits: number): boolean => Number.isInteger(bits) && bits >= 16 && bits <= 128
  if (!isWhole(prefix)) throw new TypeError(`rateLimit.ipv6.prefix: ${prefix} is no number of bits from 16 to 128`)
  if (wide === false) return { prefix, wide: undefined, wideTimes }
  if (!isWhole(wide) || wide >= prefix)
    throw new TypeError(
      `rateLimit.ipv6.wide: ${wide} is no number of bits from 16 to ${prefix - 1}, fewer than the prefix has`,
    )
  return { prefix, wide, wideTimes }
}
