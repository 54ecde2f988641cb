import { status, t } from 'elysia'
import { cache } from 'kwik/cache'
import { scopeOf } from '#core/scope'
import { describe, expect, test } from '#test'
import { compression } from '../../../../plugins/compression/index.ts'
import { headers } from '../../../../plugins/headers/index.ts'
import { withRedis } from '../../../services.ts'
import { logged } from '../../logging/lines.ts'
import { inEach, withKeys } from '../../rate-limit/stores.ts'
import { did, hit, missed, onSocket, person, stored, withShop } from './shop.ts'

/** Made anew each time: Elysia writes into what it is given. */
const open = () => ({ public: true, cache: {} }) as never

/** Elysia says on Bun which letters an answer has, and not on Deno. */
const typed = (type: string): string => ('Bun' in globalThis ? type : type.split(';')[0]!)

describe('what is kept of an answer', () => {
  inEach('what its schema strips is neither in the store nor in a hit', async (given) => {
    const { redis } = given
    await withShop(
      given,
      (app) =>
        app.get('/user', () => ({ id: 1, password: 'hunter2' }), {
          ...(open() as object),
          response: t.Object({ id: t.Number() }),
        } as never),
      async (shop) => {
        expect([await shop.text('/user'), await shop.text('/user')]).toEqual(['{"id":1}', '{"id":1}'])
        if (!redis) return
        const keys = (await redis.run(['KEYS', `${redis.prefix}*`])) as string[]
        const values = await Promise.all(keys.map((key) => redis.run(['GET', key]).catch(() => '')))
        expect(values.some((value) => String(value).includes('"id":1'))).toBe(true)
        expect(values.some((value) => String(value).includes('hunter2'))).toBe(false)
      },
    )
  })

  inEach('texts keep their type, objects theirs, also on a socket', async (redis) => {
    await withShop(
      redis,
      (app) =>
        app
          .get('/text', () => 'grüße', open())
          .get('/empty', () => '', open())
          .get('/json', () => ({ a: '✓' }), open()),
      async (shop) => {
        await onSocket(shop, async (base) => {
          for (const [path, type, body] of [
            ['/text', 'text/plain;charset=utf-8', 'grüße'],
            ['/empty', 'text/plain;charset=utf-8', ''],
            ['/json', 'application/json;charset=utf-8', '{"a":"✓"}'],
          ] as const)
            for (const status of [stored, hit]) {
              const answer = await fetch(base + path)
              expect([
                did(answer),
                answer.headers.get('content-type')?.toLowerCase().replace('; ', ';'),
                await answer.text(),
              ]).toEqual([status, typed(type), body])
            }
        })
      },
    )
  })

  test('bytes that a handler sends with their length come back as they were', async () => {
    const bytes = new Uint8Array([0, 255, 128, 10, 13, 0, 200])
    await withShop(
      {},
      (app) =>
        app.get(
          '/image',
          () => new Response(bytes, { headers: { 'content-type': 'image/png', 'content-length': '7' } }),
          open(),
        ),
      async (shop) => {
        for (const status of [stored, hit]) {
          const answer = await shop.ask('/image')
          expect([did(answer), answer.headers.get('content-type')]).toEqual([status, 'image/png'])
          expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([...bytes])
        }
      },
    )
  })

  const unkept: Readonly<
    Record<
      string,
      (context: {
        set: { headers: Record<string, string>; status?: number }
        request: Request
        cookie: never
      }) => unknown
    >
  > = {
    'Set-Cookie': ({ set }) => {
      set.headers['set-cookie'] = 'a=b'
      return 'x'
    },
    'a cookie of a plugin': ({ request }) => {
      scopeOf(request).cookie('a=b')
      return 'x'
    },
    private: ({ set }) => {
      set.headers['cache-control'] = 'private, max-age=60'
      return 'x'
    },
    'no-store': ({ set }) => {
      set.headers['cache-control'] = 'no-store'
      return 'x'
    },
    'no-store of a plugin': ({ request }) => {
      scopeOf(request).header('cache-control', 'no-store')
      return 'x'
    },
    'Vary of what the key has not': ({ set }) => {
      set.headers['vary'] = 'Accept-Encoding, X-Theme'
      return 'x'
    },
    'Vary: *': ({ set }) => {
      set.headers['vary'] = '*'
      return 'x'
    },
    'status 206': () => status(206, 'x'),
    'status 201': () => status(201, 'x'),
    'status 302': () => new Response(null, { status: 302, headers: { location: '/y' } }),
    'status 500': () => {
      throw new Error('broken')
    },
    'status 404 without `negative`': () => status(404, 'none'),
    'a stream': () => new Response(new Blob(['x']).stream()),
    events: () =>
      new Response('data: x\n\n', { headers: { 'content-type': 'text/event-stream', 'content-length': '9' } }),
    'a Response without a length': () => new Response('x'),
    'what is compressed already': () =>
      new Response('x', { headers: { 'content-encoding': 'gzip', 'content-length': '1' } }),
  }
  for (const [what, handler] of Object.entries(unkept))
    test(`not stored: ${what}`, async () => {
      await withShop(
        {},
        (app) => app.get('/x', handler as never, open()),
        async (shop) => {
          const [first, second] = [await shop.ask('/x'), await shop.ask('/x')]
          expect([did(first), did(second)]).toEqual([missed, missed])
          expect([first.headers.get('etag'), second.headers.get('age')]).toEqual([null, null])
          expect(await first.text()).toBe(await second.text())
        },
      )
    })

  test('whoever wrote the route is told once why', async () => {
    await withShop(
      {},
      (app) => app.get('/x', () => new Response('x'), open()),
      async (shop) => {
        await shop.ask('/x')
        await shop.ask('/x')
        expect(shop.lines.filter((line) => line.includes('no content-length')).length).toBe(1)
      },
    )
  })

  inEach('what is larger than maxEntryBytes is answered and not stored', async (redis) => {
    await withShop(
      { ...redis, maxEntryBytes: 1000 },
      (app, shop) => app.get('/x', () => `${++shop.calls} `.padEnd(2000, 'x'), open()),
      async (shop) => {
        const [first, second] = [await shop.ask('/x'), await shop.ask('/x')]
        expect([did(first), did(second), (await first.text()).length, (await second.text()).slice(0, 2)]).toEqual([
          missed,
          missed,
          2000,
          '2 ',
        ])
      },
    )
  })

  test('a late answer is not stored', async () => {
    await withShop(
      {},
      (app, shop) =>
        app.get(
          '/x',
          async () => {
            shop.calls++
            if (shop.calls === 1) await new Promise((done) => setTimeout(done, 150))
            return String(shop.calls)
          },
          { ...(open() as object), timeout: '50ms' } as never,
        ),
      async (shop) => {
        expect((await shop.ask('/x')).status).toBe(503)
        await new Promise((done) => setTimeout(done, 200))
        expect(await shop.text('/x')).toBe('2')
      },
    )
  })

  withRedis.test('an entry that cannot be read is a miss', () =>
    withKeys(async (redis) => {
      const run = (expected: string) =>
        withShop(
          { redis },
          (app) => app.get('/x', () => 'x', open()),
          async (shop) => expect(did(await shop.ask('/x'))).toBe(expected),
        )
      await run(stored)
      await run(hit)
      for (const key of (await redis.run(['KEYS', `${redis.prefix}cache:e:*`])) as string[]) {
        const text = String(await redis.run(['GET', key]))
        const at = text.indexOf('{"status"')
        expect(at).toBeGreaterThan(0)
        await redis.run(['SET', key, `${text.slice(0, at)}{"status":"gone","headers":{}}\nx`])
      }
      await run(stored)
      await run(hit)
    }),
  )
})

describe('HEAD', () => {
  inEach('is answered from what GET has stored, and stores the whole body for it', async (redis) => {
    await withShop(
      redis,
      (app, shop) =>
        app.get('/x', () => `body ${++shop.calls}`, open()).get('/y', () => `body ${++shop.calls}`, open()),
      async (shop) => {
        await onSocket(shop, async (base) => {
          const head = await fetch(`${base}/x`, { method: 'HEAD' })
          expect([did(head), head.headers.get('content-length'), await head.text()]).toEqual([stored, '6', ''])
          const get = await fetch(`${base}/x`)
          expect([did(get), await get.text()]).toEqual([hit, 'body 1'])
          expect(await (await fetch(`${base}/y`)).text()).toBe('body 2')
          const again = await fetch(`${base}/y`, { method: 'HEAD' })
          expect([did(again), again.headers.get('content-length'), again.headers.get('etag') !== null]).toEqual([
            hit,
            '6',
            true,
          ])
        })
      },
    )
  })
})

describe('If-None-Match', () => {
  inEach('exact, in a list, `*` and with or without W/ is 304, also the first time', async (redis) => {
    await withShop(
      redis,
      (app, shop) =>
        app.get('/x', () => ({ n: shop.calls }), { public: true, cache: { tags: 'x', vary: ['x-theme'] } } as never),
      async (shop) => {
        const etag = (await shop.ask('/x')).headers.get('etag')!
        expect(etag).toMatch(/^W\/"[\w-]+"$/)
        const known = [etag, `"a", ${etag}, "b"`, '*', etag.slice(2)]
        const check = async (tag: string, did: string) => {
          const answer = await shop.ask('/x', { headers: { 'if-none-match': tag } })
          const { headers } = answer
          expect([
            answer.status,
            await answer.text(),
            headers.get('etag'),
            headers.get('vary'),
            headers.get('cache-control'),
          ]).toEqual([304, '', etag, 'x-theme', 'public, no-cache'])
          expect([headers.get('content-type'), headers.get('cache-status')]).toEqual([null, did])
        }
        for (const tag of known) await check(tag, hit)
        for (const tag of ['"other"', 'W/"other", "more"'])
          expect((await shop.ask('/x', { headers: { 'if-none-match': tag } })).status).toBe(200)
        shop.time += 200_000
        await check(etag, stored)
        await onSocket(shop, async (base) => {
          const answer = await fetch(`${base}/x`, { headers: { 'if-none-match': etag } })
          expect([answer.status, answer.headers.get('etag')]).toEqual([304, etag])
        })
      },
    )
  })

  test('is about good answers alone', async () => {
    await withShop(
      {},
      (app) => app.get('/x', () => status(404, 'none'), { public: true, cache: { negative: 10 } } as never),
      async (shop) => {
        for (let i = 0; i < 2; i++)
          expect((await shop.ask('/x', { headers: { 'if-none-match': '*' } })).status).toBe(404)
      },
    )
  })
})

describe('beside other plugins', () => {
  test('hits are packed, and carry the headers that all answers have', async () => {
    const large = 'kwik '.repeat(1000)
    await withShop(
      { with: [compression({ encodings: ['gzip'] }), headers()] },
      (app) =>
        app
          .get('/x', () => large, open())
          .get('/mine', () => 'mine', { auth: true, cache: { varyOnUser: true } } as never),
      async (shop) => {
        shop.people.set('ann', person('ann'))
        await onSocket(shop, async (base) => {
          for (const status of [stored, hit, hit]) {
            const answer = await fetch(`${base}/x`, { headers: { 'accept-encoding': 'gzip' } })
            const { headers } = answer
            expect([did(answer), headers.get('content-encoding'), headers.get('x-content-type-options')]).toEqual([
              status,
              'gzip',
              'nosniff',
            ])
            expect(headers.get('vary')).toContain('Accept-Encoding')
            expect(await answer.text()).toBe(large)
          }
          const plain = await fetch(`${base}/x`, { headers: { 'accept-encoding': 'identity' } })
          expect([did(plain), plain.headers.get('content-encoding'), await plain.text()]).toEqual([hit, null, large])
          for (const status of [stored, hit]) {
            // What the headers plugin says of guarded routes is not the handler's word.
            const answer = await fetch(`${base}/mine`, { headers: { authorization: 'Bearer ann' } })
            expect([
              did(answer),
              answer.headers.get('cache-control'),
              answer.headers.get('x-content-type-options'),
            ]).toEqual([status, 'private, no-cache', 'nosniff'])
          }
        })
      },
    )
  })

  test('each answer has the headers that all have: the first, a hit, 304, and what its handler made', async () => {
    await withShop(
      { with: [headers()] },
      (app) =>
        app
          .get('/x', () => 'x', open())
          .get('/made', () => new Response('x', { headers: { 'content-length': '1', etag: '"x"' } }), open())
          .get('/none', () => status(404, 'none'), { public: true, cache: { negative: 9 } } as never),
      async (shop) => {
        for (const path of ['/x', '/made', '/none'])
          for (const etag of ['*', '', '*']) {
            const answer = await shop.ask(path, { headers: etag === '' ? {} : { 'if-none-match': etag } })
            expect([path, answer.headers.get('x-content-type-options')]).toEqual([path, 'nosniff'])
            expect(answer.status).toBe(path === '/none' ? 404 : etag === '*' ? 304 : 200)
          }
      },
    )
  })

  test('the access line has the bytes that left', async () => {
    const { ask, access } = logged((app) =>
      app.use(cache({ ttl: 60 })).get('/x', () => 'grüße', { public: true, cache: {} } as never),
    )
    for (const init of [{}, {}, { headers: { 'if-none-match': '*' } }]) await ask('/x', init)
    expect(access().map(({ status, bytes }) => [status, bytes])).toEqual([
      [200, 7],
      [200, 7],
      [304, 0],
    ])
  })

  test('no-store that the handler says itself is kept apart from what all guarded answers say', async () => {
    await withShop(
      { with: [headers()] },
      (app) =>
        app.get(
          '/mine',
          ({ set }) => {
            set.headers['Cache-Control'] = 'no-store'
            return 'mine'
          },
          { auth: true, cache: { varyOnUser: true } } as never,
        ),
      async (shop) => {
        shop.people.set('ann', person('ann'))
        for (let i = 0; i < 2; i++) {
          const answer = await shop.ask('/mine', { as: 'ann' })
          expect([did(answer), answer.headers.get('cache-control')]).toEqual([missed, 'no-store'])
        }
      },
    )
  })
})
