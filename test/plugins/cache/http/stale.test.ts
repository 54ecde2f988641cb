import { currentScope } from '#core/context'
import { describe, expect, sleep, test } from '#test'
import { rateLimit } from '../../../../plugins/rate-limit/index.ts'
import { inEach } from '../../rate-limit/stores.ts'
import { did, given, hit, onSocket, person, type Shop, withShop } from './shop.ts'

const open = (rules: object) => ({ public: true, cache: rules }) as never
const until = async (is: () => boolean): Promise<void> => {
  for (let i = 0; i < 400 && !is(); i++) await sleep(5)
}
const stale = 'kwik; hit; detail=stale'

interface Seen {
  readonly user: { readonly id: string }
  readonly params: { readonly id: string }
  readonly query: object
  readonly request: Request
}

/** A route whose handler does as it is told: a text to answer, or an error. */
type Told = Shop & { next: string | Error; wait: number }
async function withTold(
  rules: object,
  given: Parameters<typeof withShop>[0],
  run: (shop: Told) => Promise<void>,
): Promise<void> {
  await withShop(
    given,
    (app, shop) => {
      const told = Object.assign(shop as Told, { next: 'one', wait: 0 })
      return app.get(
        '/x',
        async () => {
          told.calls++
          const { next, wait } = told
          await sleep(wait)
          if (typeof next !== 'string') throw next
          return next
        },
        open(rules),
      )
    },
    (shop) => run(shop as Told),
  )
}

describe('stale-while-revalidate', () => {
  inEach('gives the old answer at once, and makes one new beside', async (redis) => {
    await withTold({ ttl: 100, swr: 60 }, redis, async (shop) => {
      expect(await shop.text('/x')).toBe('one')
      shop.time += 115_000
      Object.assign(shop, { next: 'two', wait: 30 })
      const answers = await Promise.all(Array.from({ length: 20 }, () => shop.ask('/x')))
      expect(new Set(answers.map(did))).toEqual(new Set([stale]))
      expect(new Set(await Promise.all(answers.map((answer) => answer.text())))).toEqual(new Set(['one']))
      expect(answers[0]!.headers.get('age')).toBe('115')
      await until(() => shop.calls === 2)
      await sleep(80)
      expect([await shop.text('/x'), did(await shop.ask('/x')), shop.calls]).toEqual(['two', hit, 2])
    })
  })

  inEach('never gives it longer than it may', async (redis) => {
    await withTold({ ttl: 100, swr: 60 }, redis, async (shop) => {
      await shop.text('/x')
      shop.time += 175_000
      shop.next = 'two'
      expect(await shop.text('/x')).toBe('two')
    })
  })

  inEach('an error while it is made anew keeps the old one only within staleIfError', async (redis) => {
    await withTold({ ttl: 100, swr: 60 }, redis, async (shop) => {
      await shop.text('/x')
      shop.time += 115_000
      shop.next = new Error('broken')
      expect(await shop.text('/x')).toBe('one')
      await until(() => shop.calls === 2)
      await sleep(50)
      // It was not to stand in for errors.
      expect((await shop.ask('/x')).status).toBe(500)
    })
    await withTold({ ttl: 100, swr: 60, staleIfError: 600 }, redis, async (shop) => {
      await shop.text('/x')
      shop.time += 115_000
      shop.next = new Error('broken')
      expect(await shop.text('/x')).toBe('one')
      await until(() => shop.calls === 2)
      await sleep(50)
      expect(did(await shop.ask('/x'))).toBe(stale)
    })
  })

  test('what it made anew is not kept where it may not be: the next caller asks', async () => {
    await withShop(
      {},
      (app, shop) =>
        app.get(
          '/x',
          ({ set }) => {
            if (++shop.calls > 1) set.headers['set-cookie'] = 'a=b'
            return String(shop.calls)
          },
          open({ ttl: 100, swr: 60 }),
        ),
      async (shop) => {
        await shop.text('/x')
        shop.time += 115_000
        expect(await shop.text('/x')).toBe('1')
        await until(() => shop.calls === 2)
        await sleep(30)
        expect(await shop.text('/x')).toBe('3')
      },
    )
  })

  inEach('runs as the same caller, and is not counted, limited or told', async (redis) => {
    const seen: unknown[] = []
    await withShop(
      { ...redis, with: [rateLimit({ global: { limit: 4, per: '1h' } })] },
      (app, shop) =>
        app
          .onAfterResponse(() => {})
          .get(
            '/mine/:id',
            given(async ({ user, params, query, request }: Seen) => {
              const scope = currentScope()!
              seen.push([
                user.id,
                params.id,
                query,
                scope.route,
                scope.request === request,
                request.headers.get('if-none-match'),
              ])
              await sleep(1)
              return `${user.id} ${++shop.calls}`
            }),
            {
              auth: true,
              cache: { ttl: 100, swr: 60, varyOnUser: true },
              rateLimit: { limit: 3, per: '1h', by: 'user' },
            } as never,
          ),
      async (shop) => {
        shop.people.set('ann', person('ann'))
        await onSocket(shop, async (base) => {
          const ask = async (etag = '"x"') => {
            const headers = { authorization: 'Bearer ann', 'if-none-match': etag }
            const answer = await fetch(`${base}/mine/7`, { headers })
            return `${answer.status} ${await answer.text()}`
          }
          expect(await ask()).toBe('200 ann 1')
          shop.time += 115_000
          expect(await ask()).toBe('200 ann 1')
          await until(() => shop.calls === 2)
          await sleep(50)
          // The second count of the user that is left: making it anew has taken none.
          expect(await ask()).toBe('200 ann 2')
          expect((await ask()).slice(0, 3)).toBe('429')
        })
        expect(seen).toEqual([
          ['ann', '7', {}, 'GET /mine/:id', true, '"x"'],
          ['ann', '7', {}, 'GET /mine/:id', true, null],
        ])
      },
    )
  })
})

describe('stale-if-error', () => {
  inEach('gives the old answer in place of an error, and a new one as soon as there is one', async (redis) => {
    await withTold({ ttl: 100, staleIfError: 600 }, redis, async (shop) => {
      await shop.text('/x')
      shop.time += 300_000
      shop.next = new Error('broken')
      const failed = await shop.ask('/x')
      expect([failed.status, did(failed), await failed.text(), failed.headers.get('age')]).toEqual([
        200,
        stale,
        'one',
        '300',
      ])
      shop.next = 'two'
      expect(await shop.text('/x')).toBe('two')
      expect(did(await shop.ask('/x'))).toBe(hit)
      shop.time += 800_000
      shop.next = new Error('broken')
      expect((await shop.ask('/x')).status).toBe(500)
    })
  })

  inEach('gives it after `timeout` while the new one is made', async (redis) => {
    await withTold({ ttl: 100, staleIfError: 600, timeout: '40ms' }, redis, async (shop) => {
      await shop.text('/x')
      shop.time += 300_000
      Object.assign(shop, { next: 'two', wait: 200 })
      const answer = await shop.ask('/x')
      expect([did(answer), await answer.text()]).toEqual([stale, 'one'])
      await sleep(260)
      expect([await shop.text('/x'), shop.calls]).toEqual(['two', 2])
    })
  })

  test('a handler that never answers is given up; the callers get the old answer', async () => {
    await withShop(
      {},
      (app, shop) =>
        app.get(
          '/x',
          async () => {
            if (++shop.calls > 1) await new Promise(() => {})
            return 'one'
          },
          { ...(open({ ttl: 100, staleIfError: 600 }) as object), timeout: '80ms' } as never,
        ),
      async (shop) => {
        await shop.text('/x')
        shop.time += 300_000
        const answers = await Promise.all(Array.from({ length: 5 }, () => shop.ask('/x')))
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
        expect(await answers[0]!.text()).toBe('one')
        expect(shop.calls).toBe(2)
      },
    )
  })
})
