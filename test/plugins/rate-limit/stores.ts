import { openRedis } from '#core/adapters/redis'
import type { Redis } from '#core/ports/redis'
import { test } from '#test'
import { randomName, redisUrl, withRedis } from '../../services.ts'

/** Runs with a connection of its own, whose keys are gone afterwards. */
export async function withKeys(run: (redis: Redis) => Promise<void>): Promise<void> {
  const redis = openRedis({ url: redisUrl, prefix: `${randomName()}:`, deadline: '5s' })
  try {
    await run(redis)
  } finally {
    const keys = (await redis.run(['KEYS', `${redis.prefix}*`])) as string[]
    if (keys.length > 0) await redis.run(['DEL', ...keys])
    await redis.close()
  }
}

/** One test where counts are in memory, and where they are in Redis. */
export function inEach(name: string, run: (redis: { readonly redis?: Redis }) => Promise<void>): void {
  test(`${name} (in memory)`, () => run({}))
  withRedis.test(`${name} (in Redis)`, () => withKeys((redis) => run({ redis })))
}
