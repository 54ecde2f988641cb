import { t } from 'elysia'
import { ProblemError } from '#core/problem'
import { describe, expect, sleep, test } from '#test'
import { withRedis } from '../../../services.ts'
import { inEach, withKeys } from '../../rate-limit/stores.ts'
import { did, onSocket, type Shop, stored, withShop } from './shop.ts'

const open = (rules: object = {}) => ({ public: true, cache: rules }) as never
const many = <T>(count: number, run: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, at) => run(at)))
const until = async (is: () => boolean): Promise<void> => {
  for (let i = 0; i < 400 && !is(); i++) await sleep(5)
}

describe('callers that come while a handler works', () => {
  inEach('a hundred misses call it once', async (redis) => {
    await withShop(
      redis,
      (app, shop) =>
        app.get(
          '/x',
          async () => {
            await sleep(60)
            return { n: ++shop.calls }
          },
          open(),
        ),
      async (shop) => {
        const bodies = await many(100, () => shop.text('/x'))
        expect(new Set(bodies)).toEqual(new Set(['{"n":1}']))
        expect(shop.calls).toBe(1)
        shop.time += 200_000
        await onSocket(shop, async (base) => {
          const sent = await many(50, async () => (await fetch(`${base}/x`)).text())
          expect(new Set(sent)).toEqual(new Set(['{"n":2}']))
        })
      },
    )
  })

  const processes = (rules: object, run: (shops: readonly Shop[]) => Promise<void>) =>
    withKeys(async (redis) => {
      const routes: Parameters<typeof withShop>[1] = (app, shop) =>
        app.get(
          '/x',
          async () => {
            await sleep(80)
            return { n: ++shop.calls }
          },
          open(rules),
        )
      await withShop({ redis }, routes, (first) => withShop({ redis }, routes, (second) => run([first, second])))
    })

  withRedis.test('in each process once; with a lease once in all', async () => {
    for (const [rules, expected] of [
      [{}, 2],
      [{ lease: true }, 1],
    ] as const)
      await processes(rules, async ([first, second]) => {
        const bodies = await many(100, (at) => (at % 2 ? first! : second!).text('/x'))
        expect(first!.calls + second!.calls).toBe(expected)
        if (expected === 1) expect(new Set(bodies)).toEqual(new Set(['{"n":1}']))
      })
  })

  inEach('get its error, all the same and once; nothing is stored', async (redis) => {
    await withShop(
      redis,
      (app, shop) =>
        app.get(
          '/x',
          async () => {
            await sleep(30)
            shop.calls++
            if (shop.calls === 1)
              throw new ProblemError('KWIK_UNAVAILABLE', { detail: 'no. 1' }, { 'retry-after': '7' })
            if (shop.calls === 2) throw new Error('secret')
            return 'ok'
          },
          open(),
        ),
      async (shop) => {
        const first = await many(20, () => shop.ask('/x'))
        expect(new Set(first.map(({ status, headers }) => `${status} ${headers.get('retry-after')}`))).toEqual(
          new Set(['503 7']),
        )
        expect(new Set(await Promise.all(first.map((answer) => answer.text()))).size).toBe(1)
        const second = await many(20, () => shop.ask('/x'))
        expect(new Set(second.map(({ status }) => status))).toEqual(new Set([500]))
        expect(shop.calls).toBe(2)
        expect(shop.lines.filter((line) => line.startsWith('Something went wrong')).length).toBe(1)
        expect(did(await shop.ask('/x'))).toBe(stored)
      },
    )
  })

  inEach('are served although the one whose handler it was has left', async (redis) => {
    await withShop(
      redis,
      (app, shop) =>
        app.get(
          '/x',
          async ({ request }) => {
            const mine = ++shop.calls
            for (let i = 0; i < 30; i++) {
              await sleep(5)
              request.signal.throwIfAborted()
            }
            return `made by ${mine}`
          },
          open(),
        ),
      async (shop) => {
        const leaving = new AbortController()
        await onSocket(shop, async (base) => {
          const leader = fetch(`${base}/x`, { signal: leaving.signal }).catch((error: Error) => error.name)
          await until(() => shop.calls === 1)
          const others = many(20, async () => (await fetch(`${base}/x`)).text())
          await sleep(40)
          leaving.abort()
          expect(await leader).toBe('AbortError')
          expect(new Set(await others)).toEqual(new Set(['made by 2']))
          expect(shop.calls).toBe(2)
        })
      },
    )
  })

  test('one of them takes over from a handler that came too late; each has its own time', async () => {
    await withShop(
      {},
      (app, shop) =>
        app.get(
          '/x',
          async () => {
            const mine = ++shop.calls
            await (mine === 1 ? new Promise(() => {}) : sleep(10))
            return `made by ${mine}`
          },
          { ...(open() as object), timeout: '150ms' } as never,
        ),
      async (shop) => {
        const leader = shop.ask('/x')
        await sleep(75)
        const others = many(10, () => shop.text('/x'))
        expect((await leader).status).toBe(503)
        expect(new Set(await others)).toEqual(new Set(['made by 2']))
        expect(shop.calls).toBe(2)
        expect(await shop.text('/x')).toBe('made by 2')
      },
    )
  })

  inEach('do not share what sets a cookie, or is private', async (redis) => {
    await withShop(
      redis,
      (app, shop) =>
        app.get(
          '/:kind',
          async ({ set, params }) => {
            const mine = ++shop.calls
            await sleep(30)
            if (params.kind === 'cookie') set.headers['set-cookie'] = `id=${mine}`
            else set.headers['cache-control'] = 'private'
            return `made for ${mine}`
          },
          open(),
        ),
      async (shop) => {
        for (const path of ['/cookie', '/private']) {
          shop.calls = 0
          const answers = await many(10, () => shop.ask(path))
          const bodies = await Promise.all(answers.map((answer) => answer.text()))
          expect(new Set(bodies).size).toBe(10)
          if (path === '/cookie') expect(new Set(answers.map(({ headers }) => headers.get('set-cookie'))).size).toBe(10)
          expect(shop.calls).toBe(10)
        }
      },
    )
  })

  test('get 304 or the body, as each has it already', async () => {
    await withShop(
      {},
      (app, shop) =>
        app.get(
          '/x',
          async ({ set }) => {
            await sleep(30)
            set.headers['etag'] = '"v1"'
            return `${++shop.calls}`
          },
          open(),
        ),
      async (shop) => {
        const answers = await many(4, (at) => shop.ask('/x', at % 2 ? { headers: { 'if-none-match': '"v1"' } } : {}))
        expect(answers.map(({ status }) => status)).toEqual([200, 304, 200, 304])
        expect(shop.calls).toBe(1)
      },
    )
  })

  inEach('run the app’s own hooks once each, however long they wait', async (redis) => {
    let hooks = 0
    await withShop(
      redis,
      (app, shop) =>
        app.get(
          '/x/:id',
          async ({ params, query }) => {
            await sleep(30)
            return `${typeof params.id} ${JSON.stringify(query)} ${++shop.calls}`
          },
          {
            ...(open() as object),
            params: t.Object({ id: t.Integer() }),
            query: t.Object({ day: t.Optional(t.Date()) }),
            beforeHandle: () => void hooks++,
          } as never,
        ),
      async (shop) => {
        const bodies = await many(10, () => shop.text('/x/7?day=2026-01-01'))
        expect(new Set(bodies)).toEqual(new Set(['number {"day":"2026-01-01T00:00:00.000Z"} 1']))
        expect(hooks).toBe(10)
      },
    )
  })

  inEach('find query and parameters as their schemas read them, where their route is entered again', async (redis) => {
    await withShop(
      redis,
      (app, shop) =>
        app.get(
          '/x/:id',
          async ({ params, query, set }) => {
            await sleep(20)
            set.headers['set-cookie'] = 'a=b'
            return `${params.id} ${JSON.stringify(query)} ${++shop.calls}`
          },
          {
            ...(open() as object),
            query: t.Object({ day: t.Optional(t.Date()), n: t.Number({ default: 3 }) }),
          } as never,
        ),
      async (shop) => {
        const bodies = await many(5, () => shop.text('/x/7?day=2026-01-01'))
        const said = (at: number) => `7 {"day":"2026-01-01T00:00:00.000Z","n":3} ${at}`
        expect(new Set(bodies)).toEqual(new Set([1, 2, 3, 4, 5].map(said)))
        await onSocket(shop, async (base) => {
          const sent = await many(5, async () => (await fetch(`${base}/x/7?day=2026-01-01`)).text())
          expect(new Set(sent)).toEqual(new Set([6, 7, 8, 9, 10].map(said)))
        })
      },
    )
  })
})
