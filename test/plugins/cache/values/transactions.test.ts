import { Elysia } from 'elysia'
import { core } from '#core/access'
import type { Database } from '#core/ports/database'
import { endTags } from '#core/tags'
import { expect } from '#test'
import { cache } from '../../../../plugins/cache/index.ts'
import { defineTable, isolate } from '../../../../plugins/database/index.ts'
import { both, withRedis } from '../../../services.ts'
import { inMemory, inRedis } from './caches.ts'

const things = defineTable('things', (t) => ({ id: t.id(), name: t.string() }))
const rules = { ttl: '1m', tags: ['things'] } as const

const names = async (db: Database): Promise<string> =>
  (await db.values('select name from things order by name')).map(([name]) => String(name)).join()
const add = async (db: Database, name: string): Promise<unknown> => db.drizzle.insert(things.for(db)).values({ name })

both('inside a transaction values are loaded, neither read from the cache nor stored', [things], (db) =>
  inMemory(async ({ cache }) => {
    const read = (): Promise<string> => cache.getOrSet('names', () => names(db), rules)
    expect(await read()).toBe('')
    await db.tx(async () => {
      await add(db, 'a')
      expect([await read(), await cache.get('names', rules)]).toEqual(['a', undefined])
    })
    expect(await read()).toBe('')
    await expect(cache.getOrSet('f', () => () => {}, rules)).rejects.toThrow('value is a function')
    await expect(db.tx(() => cache.getOrSet('f', () => () => {}, rules))).rejects.toThrow('value is a function')
  }, db),
)

both('what ends inside a transaction does so when it is committed, and not when it is rolled back', [things], (db) =>
  inMemory(async ({ cache }) => {
    const stored = async (): Promise<unknown[]> =>
      Promise.all(['names', 'key', 'other'].map((key) => cache.get(key, key === 'names' ? rules : {})))
    const fill = async (): Promise<void> => {
      await cache.set('names', 'old', rules)
      await cache.set('key', 'old', { ttl: '1m' })
    }
    const end = async (): Promise<void> => {
      await cache.invalidate('things')
      await cache.delete('key')
      await cache.set('other', 'new', { ttl: '1m' })
    }
    await fill()
    await expect(
      db.tx(async () => {
        await end()
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await stored()).toEqual(['old', 'old', undefined])
    await db.tx(async () => {
      await end()
    })
    expect(await stored()).toEqual([undefined, undefined, 'new'])
    await fill()
    await db.tx(() => cache.clear())
    expect(await stored()).toEqual([undefined, undefined, undefined])
  }, db),
)

both('who writes in the database ends what is kept of it', [things], (db) =>
  inMemory(async ({ cache }) => {
    const read = (): Promise<string> => cache.getOrSet('names', () => names(db), rules)
    await read()
    await db.tx(async () => {
      await add(db, 'a')
      await endTags(db, ['things'])
    })
    expect(await read()).toBe('a')
    await add(db, 'b')
    await endTags(db, ['things'])
    expect(await read()).toBe('a,b')
  }, db),
)

both("what a copy of the database holds is nobody else's", [things], (db) =>
  inMemory(async ({ cache }) => {
    const read = (): Promise<string> => cache.getOrSet('names', () => names(db), rules)
    await read()
    await isolate(db, async () => {
      await add(db, 'a')
      expect([await read(), await read()]).toEqual(['a', 'a'])
      await db.tx(async () => {
        await add(db, 'b')
        await cache.invalidate('things')
      })
      expect(await read()).toBe('a,b')
    })
    await isolate(db, async () => expect(await cache.get('names', rules)).toBeUndefined())
    expect(await cache.get<string>('names', rules)).toBe('')
  }, db),
)

if (withRedis.available)
  both('a load that began before a commit is not stored after it, in another process', [things], (db) =>
    inRedis(async ({ cache, other }) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const began = Promise.withResolvers<void>()
      const loading = other.getOrSet(
        'names',
        async () => {
          const read = await names(db)
          began.resolve()
          await promise
          return read
        },
        rules,
      )
      await began.promise
      await db.tx(async () => {
        await add(db, 'a')
        await cache.invalidate('things')
      })
      resolve()
      expect([await loading, await other.get('names', rules)]).toEqual(['', undefined])
      expect(await cache.getOrSet('names', () => names(db), rules)).toBe('a')
    }, db),
  )

both('without kwik() the transactions of the app count all the same', [things], async (db) => {
  const app = new Elysia()
    .use(core({ database: db }))
    .use(cache())
    .get('/', ({ cache }) => cache.getOrSet('names', () => names(db), rules), { public: true })
    .post(
      '/',
      async ({ cache }) => {
        await add(db, 'never')
        await cache.getOrSet('names', () => names(db), rules)
        throw new Error('rolled back')
      },
      { public: true, transaction: true },
    )
  const ask = (method: string): Promise<Response> => app.handle(new Request('http://localhost/', { method }))
  expect((await ask('POST')).status).toBe(500)
  expect(await (await ask('GET')).text()).toBe('')
})
