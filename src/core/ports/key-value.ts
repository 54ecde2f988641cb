/**
 * A small store of texts with expiry: memory for one process, Redis for many.
 * Adapters: `memoryStore()` and `redisStore()`; `test/contracts/key-value.ts` says what all of them hold to.
 */
export interface KeyValue {
  get(key: string): Promise<string | undefined>
  /**
   * Writes a text; the lifetime it had before is forgotten.
   * @param ttl seconds until it is gone, fractions allowed; for ever without it
   * @throws {RangeError} when `ttl` is not above zero
   */
  set(key: string, value: string, ttl?: number): Promise<void>
  delete(key: string): Promise<void>
}
