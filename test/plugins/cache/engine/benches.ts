import { openRedis } from '#core/adapters/redis'
import { redisAnnouncements } from '#core/adapters/redis-announcements'
import type { Announcements } from '#core/ports/announcements'
import type { Redis } from '#core/ports/redis'
import { expect } from '#test'
import { type Engine, type RedisEngineOptions, redisEngine } from '../../../../plugins/cache/engine/index.ts'
import { randomName, redisUrl } from '../../../services.ts'

/** A process that has a cache over Redis. */
export interface Member {
  readonly engine: Engine
  readonly redis: Redis
  readonly announcements: Announcements
}

type Terms = Omit<RedisEngineOptions, 'redis' | 'announcements'> & {
  readonly urls?: readonly string[]
  readonly deadline?: `${number}ms`
}

/** Runs with so many processes over one Redis, whose keys are gone afterwards. */
export async function withMembers(
  count: number,
  { urls = [], deadline = '5000ms', ...terms }: Terms,
  run: (...members: Member[]) => Promise<void>,
): Promise<void> {
  const prefix = `${randomName()}:`
  // Who is there is known from the start: else the first who announces waits a second for those that may be missing.
  const first = openRedis({ url: urls[0] ?? redisUrl, prefix, deadline: '5s' })
  await first.run(['HSET', `${prefix}facts:members`, 'since', 1])
  await first.close()
  const members = Array.from({ length: count }, (_, at): Member => {
    const redis = openRedis({ url: urls[at] ?? urls[0] ?? redisUrl, prefix, deadline })
    const announcements = redisAnnouncements(redis)
    return { redis, announcements, engine: redisEngine({ ...terms, redis, announcements }) }
  })
  const { redis } = members[0]!
  try {
    for (const { announcements } of members) expect(await announcements.ready(5000)).toBe(true)
    await run(...members)
  } finally {
    for (const { engine, announcements } of members) {
      await engine.close()
      await announcements.close()
    }
    // A Redis that a test has killed has nothing left.
    const keys = (await redis.run(['KEYS', `${prefix}*`]).catch(() => [])) as string[]
    if (keys.length > 0) await redis.run(['DEL', ...keys])
    for (const member of members) await member.redis.close()
  }
}

/** Runs until it holds. */
export async function eventually(holds: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const end = performance.now() + ms
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`it did not come true within ${ms} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
