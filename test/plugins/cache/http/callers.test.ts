import { describe, expect, test } from '#test'
import { inEach } from '../../rate-limit/stores.ts'
import { bypassed, did, given, hit, onSocket, person, stored, withShop } from './shop.ts'

const guarded = { permission: 'posts:read' } as const

describe('who is answered from the cache', () => {
  inEach('a user without the right gets 403 after another was answered', async (redis) => {
    await withShop(
      redis,
      (app, shop) =>
        app.guard({ permission: 'posts:read' } as never, (inner) =>
          inner.get('/posts', () => `posts ${++shop.calls}`, { cache: { shared: true } } as never),
        ),
      async (shop) => {
        shop.people.set('ann', person('ann', 'posts:read')).set('bob', person('bob'))
        expect(did(await shop.ask('/posts', { as: 'ann' }))).toBe(stored)
        expect(did(await shop.ask('/posts', { as: 'ann' }))).toBe(hit)
        expect((await shop.ask('/posts', { as: 'bob' })).status).toBe(403)
        expect((await shop.ask('/posts')).status).toBe(401)
        await onSocket(shop, async (base) => {
          const as = (name: string) => fetch(`${base}/posts`, { headers: { authorization: `Bearer ${name}` } })
          expect((await as('bob')).status).toBe(403)
          expect(await (await as('ann')).text()).toBe('posts 1')
        })
      },
    )
  })

  inEach('with varyOnUser each user has their own, and whoever acts for them', async (redis) => {
    await withShop(
      redis,
      (app, shop) =>
        app.get(
          '/mine',
          given(({ user }: { user: { id: string } }) => `${user.id} ${++shop.calls}`),
          {
            auth: true,
            cache: { varyOnUser: true },
          } as never,
        ),
      async (shop) => {
        shop.people.set('ann', person('ann')).set('bob', person('bob'))
        shop.people.set('agent', { ...person('ann'), actor: { id: 'eve' } })
        expect(await shop.text('/mine', { as: 'ann' })).toBe('ann 1')
        expect(await shop.text('/mine', { as: 'bob' })).toBe('bob 2')
        expect(await shop.text('/mine', { as: 'agent' })).toBe('ann 3')
        expect(await shop.text('/mine', { as: 'ann' })).toBe('ann 1')
        // A session that is new has principals of its own.
        shop.people.set('ann', person('ann'))
        expect(await shop.text('/mine', { as: 'ann' })).toBe('ann 1')
      },
    )
  })

  inEach(
    'visitors whom nobody knows have no answers of their own: what they send goes past the cache',
    async (redis) => {
      await withShop(
        redis,
        (app, shop) =>
          app.get(
            '/cart',
            given(
              ({ cookie }: { cookie: Record<string, { value: unknown }> }) =>
                `${cookie['cart']?.value} ${++shop.calls}`,
            ),
            { public: true, cache: { varyOnUser: true } } as never,
          ),
        async (shop) => {
          for (const [name, calls] of [
            ['ann', 1],
            ['bob', 2],
          ] as const) {
            const answer = await shop.ask('/cart', { headers: { cookie: `cart=${name}` } })
            expect([did(answer), await answer.text()]).toEqual([bypassed, `${name} ${calls}`])
          }
          expect([did(await shop.ask('/cart')), did(await shop.ask('/cart'))]).toEqual([stored, hit])
        },
      )
    },
  )

  inEach('a permission that is taken away changes what is read next', async (redis) => {
    await withShop(
      redis,
      (app, shop) =>
        app
          .get('/posts', () => `all ${++shop.calls}`, { ...guarded, cache: { varyOnPermissions: true } } as never)
          .get('/mine', () => `mine ${++shop.calls}`, { auth: true, cache: { varyOnUser: true } } as never),
      async (shop) => {
        shop.people
          .set('ann', person('ann', 'posts:read', 'posts:write'))
          .set('bob', person('bob', 'posts:write', 'posts:read'))
        expect(await shop.text('/posts', { as: 'ann' })).toBe('all 1')
        // The same set, however it was made.
        expect(await shop.text('/posts', { as: 'bob' })).toBe('all 1')
        expect(await shop.text('/mine', { as: 'ann' })).toBe('mine 2')
        shop.people.set('ann', person('ann', 'posts:read'))
        expect(await shop.text('/posts', { as: 'ann' })).toBe('all 3')
        expect(await shop.text('/mine', { as: 'ann' })).toBe('mine 4')
      },
    )
  })

  test('on a public route, requests with credentials go past it', async () => {
    await withShop(
      {},
      (app, shop) => app.get('/posts', () => `posts ${++shop.calls}`, { public: true, cache: {} } as never),
      async (shop) => {
        shop.people.set('ann', person('ann'))
        expect(await shop.text('/posts')).toBe('posts 1')
        const sent: RequestInit[] = [
          { headers: { authorization: 'Basic x' } },
          { headers: { authorization: 'Bearer ann' } },
          { headers: { cookie: 'session=1' } },
          { headers: { 'x-api-key': 'k' } },
        ]
        for (const [at, init] of sent.entries()) {
          const answer = await shop.ask('/posts', init)
          expect([did(answer), await answer.text()]).toEqual([bypassed, `posts ${at + 2}`])
          expect(answer.headers.get('etag')).toBe(null)
        }
        expect(await shop.text('/posts')).toBe('posts 1')
      },
    )
  })

  test('unless it is shared, or varies by who was recognised', async () => {
    await withShop(
      {},
      (app, shop) =>
        app
          .get('/shared', () => `shared ${++shop.calls}`, { public: true, cache: { shared: true } } as never)
          .get('/varied', () => `varied ${++shop.calls}`, { public: true, cache: { varyOnUser: true } } as never),
      async (shop) => {
        shop.people.set('ann', person('ann'))
        expect(await shop.text('/shared')).toBe('shared 1')
        expect(await shop.text('/shared', { as: 'ann' })).toBe('shared 1')
        expect(await shop.text('/shared', { headers: { cookie: 'a=b' } })).toBe('shared 1')
        expect(await shop.text('/varied')).toBe('varied 2')
        expect(await shop.text('/varied', { as: 'ann' })).toBe('varied 3')
        expect(await shop.text('/varied', { as: 'ann' })).toBe('varied 3')
        expect(await shop.text('/varied')).toBe('varied 2')
        // The handler may look at what nobody was recognised by.
        expect(await shop.text('/varied', { headers: { authorization: 'Basic x' } })).toBe('varied 4')
        expect(await shop.text('/varied', { headers: { authorization: 'Basic x' } })).toBe('varied 5')
      },
    )
  })
})

describe('what caches between us and the client are told', () => {
  const cases: readonly [string, object, object, string, string | null][] = [
    [
      'a public answer holds for its ttl',
      { public: true },
      { swr: '1m' },
      'public, max-age=N, stale-while-revalidate=60',
      'Authorization, Cookie, X-API-Key',
    ],
    ['a shared one, whoever asks', { public: true }, { shared: true }, 'public, max-age=N', null],
    ['what a tag may end is asked for each time', { public: true }, { tags: 'posts' }, 'public, no-cache', null],
    ['what depends on the user is theirs', { public: true }, { varyOnUser: true }, 'private, no-cache', null],
    ['what is behind a guard is for no proxy', { auth: true }, { shared: true }, 'private, no-cache', null],
    ['maxAge decides', { public: true }, { tags: 'posts', maxAge: '10s', shared: true }, 'public, max-age=10', null],
    ['maxAge of one user', { auth: true }, { varyOnUser: true, maxAge: 5 }, 'private, max-age=5', null],
    [
      'headers that count are named',
      { public: true },
      { tags: 'a', vary: ['x-theme'], languages: ['en'] },
      'public, no-cache',
      'x-theme, Accept-Language',
    ],
  ]
  for (const [what, access, cache, control, vary] of cases)
    test(what, async () => {
      await withShop(
        {},
        (app) => app.get('/x', () => 'x', { ...access, cache } as never),
        async (shop) => {
          shop.people.set('ann', person('ann'))
          const as = 'auth' in access ? { as: 'ann' } : {}
          for (const status of [stored, hit]) {
            const { headers } = await shop.ask('/x', as)
            expect(headers.get('cache-status')).toBe(status)
            const said = headers.get('cache-control')!
            expect(control === 'public, max-age=10' ? said : said.replace(/max-age=(9|10|11)\d*/, 'max-age=N')).toBe(
              control,
            )
            expect(headers.get('vary')).toBe(vary)
          }
        },
      )
    })

  test('the handler’s own word wins, and comes again with each hit', async () => {
    await withShop(
      {},
      (app) =>
        app.get(
          '/x',
          ({ set }) => {
            set.headers['cache-control'] = 'public, max-age=7'
            set.headers['etag'] = '"mine"'
            set.headers['link'] = '</y>; rel=next'
            set.headers['x-other'] = 'once'
            return 'x'
          },
          { public: true, cache: {} } as never,
        ),
      async (shop) => {
        for (const other of ['once', null]) {
          const { headers } = await shop.ask('/x')
          expect([
            headers.get('cache-control'),
            headers.get('etag'),
            headers.get('link'),
            headers.get('x-other'),
          ]).toEqual(['public, max-age=7', '"mine"', '</y>; rel=next', other])
        }
      },
    )
  })

  test('Age says how old an answer is, Cache-Status is said only where it was asked for', async () => {
    await withShop(
      { debug: false },
      (app) => app.get('/x', () => 'x', { public: true, cache: {} } as never),
      async (shop) => {
        expect((await shop.ask('/x')).headers.get('age')).toBe(null)
        shop.time += 42_500
        const { headers } = await shop.ask('/x')
        expect([headers.get('age'), headers.get('cache-status')]).toEqual(['42', null])
      },
    )
  })
})
