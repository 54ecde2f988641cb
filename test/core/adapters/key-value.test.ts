import { memoryStore } from '#core/adapters/memory-store'
import { openRedis } from '#core/adapters/redis'
import { redisStore } from '#core/adapters/redis-store'
import { afterAll, describe, expect, test } from '#test'
import { keyValueContract } from '../../contracts/key-value.ts'
import { redisUrl, withRedis } from '../../services.ts'

describe('the memory store', () => {
  const store = memoryStore()
  keyValueContract(() => store)

  test('keeps no more keys than it may, those used last', async () => {
    const small = memoryStore({ maxKeys: 2 })
    await small.set('a', '1')
    await small.set('b', '2')
    await small.get('a')
    await small.set('c', '3')
    expect([await small.get('a'), await small.get('b'), await small.get('c')]).toEqual(['1', undefined, '3'])
  })
})

withRedis.describe('the Redis store', () => {
  const redis = openRedis({ url: redisUrl, prefix: `kwik-test-${crypto.randomUUID()}:`, deadline: '2s' })
  const store = redisStore(redis)
  afterAll(async () => {
    const keys = (await redis.run(['KEYS', `${redis.prefix}*`])) as string[]
    if (keys.length > 0) await redis.run(['DEL', ...keys])
    await redis.close()
  })
  keyValueContract(() => store)

  test('writes under the prefix of its connection', async () => {
    await store.set('named', 'x')
    expect(await redis.run(['GET', `${redis.prefix}kv:named`])).toBe('x')
  })
})
