/**
 * A small store of texts with expiry: memory for one process, Redis for many.
 * Adapters: `memoryStore()` and `redisStore()`.
 */
export interface KeyValue {
  get(key: string): Promise<string | undefined>
  /** @param ttl seconds */
  set(key: string, value: string, ttl?: number): Promise<void>
  delete(key: string): Promise<void>
}
