import { createHash } from 'node:crypto'
import type { Redis } from '../ports/redis.ts'

/** Runs a script on a connection. All keys it touches are in `keys`. */
export type RedisScript = (
  redis: Redis,
  keys: readonly string[],
  values: readonly (string | number)[],
) => Promise<unknown>

/**
 * A Lua script that Redis keeps by its hash; sent whole when Redis does not know it, as after a restart or SCRIPT FLUSH.
 * @throws {RedisUnavailable} when run, within the connection's deadline
 */
export function redisScript(lua: string): RedisScript {
  const hash = createHash('sha1').update(lua).digest('hex')
  return async (redis, keys, values) => {
    const rest = [keys.length, ...keys, ...values]
    try {
      return await redis.run(['EVALSHA', hash, ...rest])
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return redis.run(['EVAL', lua, ...rest])
    }
  }
}
