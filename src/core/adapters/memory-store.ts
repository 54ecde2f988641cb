import { LRUCache } from 'lru-cache'
import type { KeyValue } from '../ports/key-value.ts'

export interface MemoryStoreOptions {
  /** Keys that are kept; beyond them the one that was not used for longest goes. @default 10000 */
  readonly maxKeys?: number
}

/**
 * A key-value store in this process's memory. From `kwik/core`.
 * @example
 * const store = memoryStore({ maxKeys: 1000 })
 * await store.set('greeting', 'hello', 60)
 */
export function memoryStore({ maxKeys = 10_000 }: MemoryStoreOptions = {}): KeyValue {
  const entries = new LRUCache<string, string>({ max: maxKeys, perf: { now: () => Date.now() }, ttlResolution: 0 })
  return {
    get: async (key) => entries.get(key),
    async set(key, value, ttl) {
      entries.set(key, value, { ttl: lifetime(ttl) ?? 0 })
    },
    async delete(key) {
      entries.delete(key)
    },
  }
}

/** Whole milliseconds of a lifetime in seconds. */
export function lifetime(ttl: number | undefined): number | undefined {
  if (ttl === undefined) return undefined
  if (!(ttl > 0 && Number.isFinite(ttl)))
    throw new RangeError(`a ttl of ${ttl} seconds is no lifetime: leave it out for ever`)
  return Math.max(1, Math.round(ttl * 1000))
}
