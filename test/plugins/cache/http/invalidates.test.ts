import { Elysia, status, t } from 'elysia'
import { kwik } from 'kwik'
import type { Cache } from 'kwik/cache'
import { type Database, openDatabase } from 'kwik/database'
import { stopGracefully } from '#core/lifecycle'
import { ProblemError } from '#core/problem'
import { describe, expect, sleep, test } from '#test'
import { withRedis } from '../../../services.ts'
import { inEach, withKeys } from '../../rate-limit/stores.ts'
import { did, given, hit, type Shop, stored, withShop } from './shop.ts'

const open = (more: object = {}) => ({ public: true, ...more }) as never
const reads: Parameters<typeof withShop>[1] = (app, shop) =>
  app
    .get(
      '/posts/:id',
      ({ params }) => `${params.id} ${++shop.calls}`,
      open({ cache: { tags: ['posts:{id}', 'posts'] } }),
    )
    .get('/other', () => `other ${++shop.calls}`, open({ cache: { tags: () => 'other' } }))
const all = async (shop: Shop): Promise<(string | null)[]> => [
  did(await shop.ask('/posts/1')),
  did(await shop.ask('/posts/2')),
  did(await shop.ask('/other')),
]

describe('invalidates', () => {
  inEach('ends everything where the tags cannot be found: the write is done', async (redis) => {
    await withShop(
      redis,
      (app, shop) =>
        reads(app, shop).put(
          '/posts/:id',
          () => 'ok',
          open({ invalidates: ({ result }: { result: { no: { id: string } } }) => `posts:${result.no.id}` }),
        ),
      async (shop) => {
        expect(await all(shop)).toEqual([stored, stored, stored])
        expect((await shop.ask('/posts/1', { method: 'PUT' })).status).toBe(200)
        expect(await all(shop)).toEqual([stored, stored, stored])
        expect(shop.lines.some((line) => line.includes('everything ends'))).toBe(true)
      },
    )
  })

  inEach('ends what has the tags when the answer says that all went well, and nothing else', async (redis) => {
    await withShop(
      redis,
      (app, shop) =>
        reads(app, shop)
          .put('/posts/:id', () => 'ok', open({ invalidates: 'posts:{id}' }))
          .post(
            '/posts',
            () => status(201, { id: 2 }),
            open({ invalidates: ({ result }: { result: { id: number } }) => [`posts:${result.id}`] }),
          )
          .delete('/posts', () => new Response(null, { status: 204 }), open({ invalidates: ['posts', 'other'] }))
          .post(
            '/fails/:status',
            ({ params }) => status(Number(params.status) as 400, 'no'),
            open({ invalidates: 'posts' }),
          ),
      async (shop) => {
        expect(await all(shop)).toEqual([stored, stored, stored])
        expect(await all(shop)).toEqual([hit, hit, hit])
        await shop.ask('/posts/1', { method: 'PUT' })
        expect(await all(shop)).toEqual([stored, hit, hit])
        await shop.ask('/posts', { method: 'POST' })
        expect(await all(shop)).toEqual([hit, stored, hit])
        for (const code of [400, 404, 409, 500]) {
          expect((await shop.ask(`/fails/${code}`, { method: 'POST' })).status).toBe(code)
          expect(await all(shop)).toEqual([hit, hit, hit])
        }
        expect((await shop.ask('/posts', { method: 'DELETE' })).status).toBe(204)
        expect(await all(shop)).toEqual([stored, stored, stored])
      },
    )
  })

  inEach('a function that throws is logged, and the answer stands', async (redis) => {
    await withShop(
      redis,
      (app) =>
        app
          .post(
            '/a',
            () => 'done',
            open({
              invalidates: () => {
                throw new Error('no tags')
              },
            }),
          )
          .post('/b', () => 'done', open({ invalidates: () => 7 as never }))
          .get(
            '/c',
            () => 'read',
            open({
              cache: {
                tags: () => {
                  throw new Error('none here')
                },
              },
            }),
          ),
      async (shop) => {
        expect([await shop.text('/a', { method: 'POST' }), await shop.text('/b', { method: 'POST' })]).toEqual([
          'done',
          'done',
        ])
        expect([await shop.text('/c'), await shop.text('/c')]).toEqual(['read', 'read'])
        expect(shop.lines.filter((line) => line.startsWith('The tags')).length).toBe(4)
      },
    )
  })

  inEach('a load that began before is neither stored nor shared with who comes after', async (redis) => {
    await withShop(
      redis,
      (app, shop) =>
        app
          .get(
            '/posts',
            async () => {
              const mine = ++shop.calls
              await sleep(120)
              return String(mine)
            },
            open({ cache: { tags: 'posts' } }),
          )
          .post('/posts', () => 'ok', open({ invalidates: 'posts' })),
      async (shop) => {
        const before = shop.text('/posts')
        await sleep(40)
        await shop.ask('/posts', { method: 'POST' })
        const after = shop.text('/posts')
        expect([await before, await after]).toEqual(['1', '2'])
        expect(await shop.text('/posts')).toBe('2')
      },
    )
  })

  test('a missing thing that is kept is visible as soon as it is made', async () => {
    await withShop(
      {},
      (app, shop) =>
        app
          .get(
            '/posts/:id',
            () => (++shop.calls > 1 ? 'here' : status(404, 'none')),
            open({ cache: { negative: 60, tags: 'posts:{id}' } }),
          )
          .post('/posts/:id', () => 'ok', open({ invalidates: 'posts:{id}' })),
      async (shop) => {
        const answers = [await shop.ask('/posts/1'), await shop.ask('/posts/1')]
        expect(answers.map((answer) => [answer.status, did(answer)])).toEqual([
          [404, stored],
          [404, hit],
        ])
        await shop.ask('/posts/1', { method: 'POST' })
        expect(await shop.text('/posts/1')).toBe('here')
        expect(shop.calls).toBe(2)
      },
    )
  })

  test('a handler that was done after its client was told 503 has done it all the same', async () => {
    await withShop(
      {},
      (app, shop) =>
        reads(app, shop).post(
          '/slow',
          async () => {
            await sleep(120)
            return 'ok'
          },
          open({ invalidates: 'posts', timeout: '40ms' }),
        ),
      async (shop) => {
        await all(shop)
        expect((await shop.ask('/slow', { method: 'POST' })).status).toBe(503)
        expect(await all(shop)).toEqual([hit, hit, hit])
        await sleep(150)
        expect(await all(shop)).toEqual([stored, stored, hit])
      },
    )
  })

  withRedis.test('routes that keep answers in memory beside Redis are told too', () =>
    withKeys((redis) =>
      withShop(
        { redis },
        (app, shop) =>
          app
            .get('/near', () => `${++shop.calls}`, open({ cache: { backend: 'memory', tags: 'posts' } }))
            .get('/far', () => `${++shop.calls}`, open({ cache: { tags: 'posts' } }))
            .post('/posts', () => 'ok', open({ invalidates: 'posts' }))
            .post(
              '/by-hand',
              given(({ cache }: { cache: Cache }) => cache.invalidate('posts').then(() => 'ok')),
              open(),
            ),
        async (shop) => {
          const both = async () => [await shop.text('/near'), await shop.text('/far')]
          expect([await both(), await both()]).toEqual([
            ['1', '2'],
            ['1', '2'],
          ])
          await shop.ask('/posts', { method: 'POST' })
          expect(await both()).toEqual(['3', '4'])
          await shop.ask('/by-hand', { method: 'POST' })
          expect(await both()).toEqual(['5', '6'])
        },
      ),
    ),
  )

  withRedis.test('no process gives the old answer once the writer has its own', () =>
    withKeys(async (redis) => {
      let value = 0
      const routes: Parameters<typeof withShop>[1] = (app) =>
        app
          .get('/value', () => String(value), open({ cache: { tags: 'value' } }))
          .post('/value', () => String(++value), open({ invalidates: 'value' }))
      await withShop({ redis }, routes, (first) =>
        withShop({ redis }, routes, async (second) => {
          for (let i = 0; i < 20; i++) {
            const wanted = await (i % 2 ? first : second).text('/value', { method: 'POST' })
            expect([await first.text('/value'), await second.text('/value'), await first.text('/value')]).toEqual([
              wanted,
              wanted,
              wanted,
            ])
          }
        }),
      )
    }),
  )
})

describe('invalidates in a transaction', () => {
  async function withRows(
    redis: object,
    run: (ask: (path: string, init?: RequestInit) => Promise<string>, db: Database) => Promise<void>,
  ) {
    const database = openDatabase({ url: 'sqlite::memory:' })
    await database.execute('create table rows (value integer); insert into rows values (1)')
    const value = async () => String((await database.values('select value from rows'))[0]![0])
    const platform = kwik({ database, cache: { ttl: 60 }, logging: false, signals: false, ...redis })
    const app = new Elysia()
      .use(platform)
      .get('/value', async () => value(), { public: true, cache: { tags: 'rows' } })
      .put(
        '/value/:next',
        async ({ params: { next }, query: { how } }) => {
          await database.execute('update rows set value = ?', [next])
          if (how === 'read') return value()
          if (how === 'throw') throw new ProblemError('KWIK_UNAVAILABLE')
          if (how === 'refuse') return status(409, 'no')
          await sleep(Number(how ?? 0))
          return 'ok'
        },
        {
          public: true,
          transaction: true,
          params: t.Object({ next: t.Number() }),
          query: t.Object({ how: t.Optional(t.String()) }),
          invalidates: 'rows',
        },
      )
    const ask = async (path: string, init?: RequestInit) =>
      (await app.handle(new Request(`http://localhost${path}`, init))).text()
    try {
      await run(ask, database)
    } finally {
      await stopGracefully(app, 200)
      await database.close()
    }
  }

  inEach('they end with the commit, and not with a rollback', async (redis) => {
    await withRows(redis, async (ask) => {
      expect(await ask('/value')).toBe('1')
      expect(await ask('/value/2', { method: 'PUT' })).toBe('ok')
      expect(await ask('/value')).toBe('2')
      await ask('/value/3?how=throw', { method: 'PUT' })
      expect(await ask('/value/3?how=refuse', { method: 'PUT' })).toBe('no')
      expect(await ask('/value')).toBe('2')
    })
  })

  inEach('others have the old row until the commit, whoever writes has their own', async (redis) => {
    await withRows(redis, async (ask) => {
      await ask('/value')
      expect(await ask('/value/5?how=read', { method: 'PUT' })).toBe('5')
      expect(await ask('/value')).toBe('5')
      const write = ask('/value/6?how=80', { method: 'PUT' })
      await sleep(30)
      expect(await ask('/value')).toBe('5')
      expect(await write).toBe('ok')
      expect(await ask('/value')).toBe('6')
    })
  })
})
