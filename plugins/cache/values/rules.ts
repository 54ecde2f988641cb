import { type Duration, milliseconds } from '#core/internal/duration'
import type { Lifetime } from '../engine/index.ts'

/** How a value is kept. */
export interface CacheRules {
  /** How long it is fresh, give or take a tenth: what was stored together is not loaded together again. */
  readonly ttl: Duration
  /** What ends it: `invalidate('products')` ends all values that have this tag. */
  readonly tags?: readonly string[]
  /** After `ttl` it is still answered for this long, while it is loaded anew beside. @default 0 */
  readonly swr?: Duration
  /** After `ttl` it is still answered for this long where loading it anew fails. @default 0 */
  readonly staleIfError?: Duration
  /** How long a caller waits for a fresh value where `staleIfError` allows the old one. @default until it is there */
  readonly timeout?: Duration
  /** How long after `ttl` this process' own copy is answered while Redis is away. Not for what depends on permissions. @default 0 */
  readonly grace?: Duration
  /** One load at a time in all processes, which wait for it this long at most; `true` is `'10s'`. @default each process loads once */
  readonly lease?: boolean | Duration
  /** The `ttl` of `null` and `undefined`; 0 does not store them. @default `ttl` */
  readonly negative?: Duration
  /** Says when the caller goes away. The load goes on for others who wait for it. */
  readonly signal?: AbortSignal
}

/** Rules in milliseconds. */
export interface ResolvedRules {
  readonly timeout?: number
  readonly grace: number
  readonly lease?: number
  readonly signal?: AbortSignal
  /** How long a value lives; `undefined`: it is not stored. */
  life(value: unknown): Lifetime | undefined
}

const usualLease: Duration = '10s'

/** @throws {TypeError} for what is no duration */
export function resolveRules(rules: CacheRules): ResolvedRules {
  const { ttl, swr = 0, staleIfError = 0, timeout, grace = 0, lease = false, negative = ttl, signal } = rules
  const lives = { fresh: milliseconds(ttl), swr: milliseconds(swr), staleIfError: milliseconds(staleIfError) }
  const nothing = milliseconds(negative)
  return {
    grace: milliseconds(grace),
    ...(timeout !== undefined && { timeout: milliseconds(timeout) }),
    ...(lease !== false && { lease: milliseconds(lease === true ? usualLease : lease) }),
    ...(signal && { signal }),
    life: (value) => {
      const isNothing = value === null || value === undefined
      const life = isNothing && negative !== ttl ? { fresh: nothing, swr: 0, staleIfError: 0 } : lives
      return life.fresh > 0 ? { ...life, fresh: Math.round(life.fresh * (0.9 + Math.random() / 5)) } : undefined
    },
  }
}
