import type { KeyValue } from '../ports/key-value.ts'
import type { Redis } from '../ports/redis.ts'
import { lifetime } from './memory-store.ts'

/**
 * A key-value store in Redis, shared by all processes. Its keys begin with the connection's prefix and `kv:`. From `kwik/core`.
 *
 * Each call throws {@link RedisUnavailable} within the connection's deadline when Redis does not answer.
 * @example
 * const store = redisStore(openRedis({ url: 'redis://127.0.0.1:6379' }))
 * await store.set('greeting', 'hello', 60)
 */
export function redisStore(redis: Redis): KeyValue {
  const named = (key: string): string => `${redis.prefix}kv:${key}`
  return {
    async get(key) {
      const value = await redis.run(['GET', named(key)])
      return typeof value === 'string' ? value : undefined
    },
    async set(key, value, ttl) {
      const ms = lifetime(ttl)
      await redis.run(['SET', named(key), value, ...(ms === undefined ? [] : ['PX', ms])])
    },
    async delete(key) {
      await redis.run(['DEL', named(key)])
    },
  }
}
