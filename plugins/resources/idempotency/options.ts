import { type Duration, milliseconds } from '#core/internal/duration'
import type { Clock } from '#core/ports/clock'
import type { Redis } from '#core/ports/redis'
import { scopeOf } from '#core/scope'
import type { KeyStore } from './key-store.ts'
import { memoryKeys } from './memory-keys.ts'
import { redisKeys } from './redis-keys.ts'

/** What a route says of its keys; what it leaves out is the plugin's word. */
export interface IdempotentRoute {
  /** Refuse requests without a key with 400. @default false */
  readonly required?: boolean
  /** For how long an answer is said again. @default '24h' */
  readonly ttl?: Duration
  /** Largest body of an answer that is kept, in bytes; of a larger one only that it was given. @default 262144 */
  readonly maxBytes?: number
  /** Headers of the answer to keep beside Content-Type, Location, Link, ETag and their like. @default [] */
  readonly headers?: readonly string[]
}

export interface IdempotencyOptions extends IdempotentRoute {
  /** Where keys are kept: `memoryKeys()`, `redisKeys(redis)`, `sqlKeys(database)`. @default Redis where there is one, else memory */
  readonly store?: KeyStore
  /** Where processes remember together. */
  readonly redis?: Redis
  /** Whose request this is, where one app serves several tenants: no two of them share a key. @default that of `kwik({ tenant })` */
  tenant?(request: Request): string
  /** @default the system's clock */
  readonly clock?: Clock
}

export interface RouteRules {
  readonly required: boolean
  /** Milliseconds. */
  readonly ttl: number
  readonly maxBytes: number
  readonly headers: readonly string[]
}

export interface ResolvedIdempotencyOptions {
  readonly store: KeyStore
  tenant(request: Request): string
  /** @throws {TypeError} for a ttl or a size that is none */
  rulesOf(route: IdempotentRoute): RouteRules
}

export function resolveIdempotencyOptions(options: IdempotencyOptions): ResolvedIdempotencyOptions {
  const { store, redis, tenant, clock } = options
  return {
    store: store ?? (redis ? redisKeys(redis) : memoryKeys(clock && { clock })),
    tenant: (request) => tenant?.(request) ?? scopeOf(request).tenant ?? '',
    rulesOf: (route) => {
      const { required = false, ttl = '24h', maxBytes = 262_144, headers = [] } = { ...options, ...route }
      const lifetime = milliseconds(ttl)
      if (lifetime < 1) throw new TypeError(`idempotent: a ttl of ${ttl} remembers nothing`)
      if (!Number.isInteger(maxBytes) || maxBytes < 0)
        throw new TypeError(`idempotent: maxBytes: ${maxBytes} is no number of bytes`)
      return { required, ttl: lifetime, maxBytes, headers: headers.map((name) => name.toLowerCase()) }
    },
  }
}
