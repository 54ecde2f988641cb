import { openRedis } from '#core/adapters/redis'
import { describe, expect, sleep, test } from '#test'
import { idempotencyKeys, memoryKeys, redisKeys, sqlKeys } from '../../../../plugins/resources/index.ts'
import { idempotencyKeysContract, transactionalKeysContract } from '../../../contracts/idempotency-keys.ts'
import { both, randomName, redisUrl, withRedis } from '../../../services.ts'

describe('keys in memory', () => {
  idempotencyKeysContract((name, body) => test(name, () => body(memoryKeys(), sleep)))

  test('go when there is no room, the oldest first, but never one that is running', async () => {
    const store = memoryKeys({ maxKeys: 2 })
    const claim = (id: string) => ({ id, fingerprint: 'f', token: id, ttl: 1000 })
    await store.claim(claim('running'))
    await store.claim(claim('kept'))
    await store.keep(claim('kept'), 'answer')
    await store.claim(claim('next'))
    expect((await store.claim(claim('running'))).state).toBe('running')
    await expect(store.claim(claim('more'))).rejects.toMatchObject({ status: 503 })
  })
})

test('answers in memory have so much room together: of the oldest is known that they were given', async () => {
  const store = memoryKeys({ maxBytes: 25 })
  const claim = (id: string) => ({ id, fingerprint: 'f', token: id, ttl: 1000 })
  for (const id of ['a', 'b', 'c']) {
    await store.claim(claim(id))
    await store.keep(claim(id), `${id}`.repeat(10))
  }
  const states = async () => Promise.all(['a', 'b', 'c'].map(async (id) => (await store.claim(claim(id))).state))
  expect(await states()).toEqual(['done', 'kept', 'kept'])
  await store.claim(claim('d'))
  await store.keep(claim('d'), 'd'.repeat(26))
  expect(await states()).toEqual(['done', 'done', 'done'])
  expect((await store.claim(claim('d'))).state).toBe('done')
})

withRedis.describe('keys in Redis', () => {
  idempotencyKeysContract((name, body) =>
    test(name, async () => {
      const redis = openRedis({ url: redisUrl, prefix: `${randomName()}:`, deadline: '5s' })
      try {
        await body(redisKeys(redis), sleep)
      } finally {
        const keys = (await redis.run(['KEYS', `${redis.prefix}*`])) as string[]
        if (keys.length > 0) await redis.run(['DEL', ...keys])
        await redis.close()
      }
    }),
  )
})

describe('keys in the database', () => {
  const run: Parameters<typeof idempotencyKeysContract>[0] = (name, body) =>
    both(name, [idempotencyKeys], async (db) => {
      let now = Date.now()
      const pass = async (ms: number): Promise<void> => void (now += ms)
      await body(sqlKeys(db, { lease: '10s', clock: { now: () => now } }), pass)
    })
  idempotencyKeysContract(run)
  transactionalKeysContract(run, 10_000)

  both('that have expired are swept', [idempotencyKeys], async (db) => {
    let now = Date.now()
    const store = sqlKeys(db, { clock: { now: () => now } })
    const claim = (id: string) => ({ id, fingerprint: 'f', token: id, ttl: 1000 })
    await store.claim(claim('old'))
    now += 120_000
    await store.claim(claim('new'))
    await store.keep(claim('new'), 'answer')
    for (let i = 0; i < 50 && (await db.values('select id from kwik_idempotency_keys')).length > 1; i++) await sleep(10)
    expect(await db.values('select id from kwik_idempotency_keys')).toEqual([['new']])
  })
})
