import { setTimeout as wait } from 'node:timers/promises'
import { status } from 'elysia'
import { stopGracefully } from '#core/lifecycle'
import { describe, expect, test } from '#test'
import { defineTable } from '../../../plugins/database/index.ts'
import { logging, type SampleRule, signTiming } from '../../../plugins/logging/index.ts'
import { canary, mark } from '../../canary.ts'
import { both } from '../../services.ts'
import { logged } from './lines.ts'

const open = { public: true } as never
const products = defineTable('products', (t) => ({ id: t.id(), name: t.string().unique() }))
const text = (body: string) => new TextEncoder().encode(body)

describe('the bytes of an access line', () => {
  const shop = () =>
    logged((app) =>
      app
        .get('/text', () => 'häuser', open)
        .get('/json', () => ({ name: 'häuser' }), open)
        .get('/created', () => status(201, { id: 7 }), open)
        .get(
          '/cookie',
          ({ cookie }) => {
            cookie['seen']!.value = 'yes'
            return 'with a cookie'
          },
          open,
        )
        .get('/none', () => new Response(null, { status: 204 }), open)
        .get('/moved', ({ redirect }) => redirect('/text'), open)
        .get('/response', () => Response.json({ a: 1 }), open)
        .get(
          '/stream',
          () =>
            new Response(
              new ReadableStream({
                start: (to) => {
                  to.enqueue(text('abc'))
                  to.enqueue(text('de'))
                  to.close()
                },
              }),
            ),
          open,
        )
        .get('/broken', () => Promise.reject(new Error('x')), open)
        .get(
          '/refused',
          () => {
            throw status(409, { why: 'taken' })
          },
          open,
        )
        .get('/file', () => new Blob(['0123456789']), open),
    )

  for (const path of [
    '/text',
    '/json',
    '/created',
    '/cookie',
    '/none',
    '/moved',
    '/response',
    '/stream',
    '/broken',
    '/refused',
    '/missing',
    '/%ff',
  ])
    test(`of ${path} are those that the client gets`, async () => {
      const { ask, access } = shop()
      const answer = await ask(path)
      const body = await answer.arrayBuffer()
      expect([access()[0]!['bytes'], access()[0]!['status']]).toEqual([body.byteLength, answer.status])
    })

  test('of HEAD are none', async () => {
    const { ask, access } = shop()
    await ask('/json', { method: 'HEAD' })
    expect(access()[0]!['bytes']).toBe(0)
  })

  test('of a stream that the client leaves are those that it took', async () => {
    const { ask, access } = shop()
    const reader = (await ask('/stream')).body!.getReader()
    await reader.read()
    await reader.cancel()
    expect(access()[0]).toMatchObject({ aborted: true })
    expect([3, 5]).toContain(Number(access()[0]!['bytes']))
  })
})

describe('an access line', () => {
  test('names the part of the way that took longest', async () => {
    const { ask, access } = logged((app) =>
      app.get(
        '/x',
        async () => {
          await wait(15)
          return 'x'
        },
        open,
      ),
    )
    await ask('/x')
    expect(access()[0]!['slowest']).toBe('handler')
    expect(Number(access()[0]!['slowestMs'])).toBeGreaterThan(10)
  })

  test('of a request that was slow is a warning', async () => {
    const { ask, access } = logged(
      (app) =>
        app
          .get('/slow', () => wait(250).then(() => 'x'), open)
          .get('/quick', () => 'x', open)
          // A stream is as slow as its beginning.
          .get(
            '/stream',
            () =>
              new Response(
                new ReadableStream(
                  {
                    pull: async (to) => {
                      await wait(250)
                      to.enqueue(text('a'))
                      to.close()
                    },
                  },
                  { highWaterMark: 0 },
                ),
              ),
            open,
          ),
      { slowRequest: '200ms' },
    )
    for (const path of ['/slow', '/quick', '/stream']) await (await ask(path)).text()
    expect(access().map((line) => [line['level'], line['slow']])).toEqual([
      ['warning', true],
      ['info', undefined],
      ['info', undefined],
    ])
  })

  const kept = async (rules: readonly SampleRule[], paths: readonly string[]) => {
    const { ask, access } = logged(
      (app) =>
        app
          .get('/health/live', () => 'x', open)
          .get('/products/:id', () => 'x', open)
          .get('/broken', () => Promise.reject(new Error('x')), open)
          .get('/slow', () => wait(250).then(() => 'x'), open),
      { sample: rules, slowRequest: '200ms', level: 'info' },
    )
    for (const path of paths) await ask(path)
    return access().map((line) => [line['route'], line['status'], line['rate']])
  }
  test('is written in the part that a rule of route or status asks for, errors and slow ones always', async () => {
    const rules: SampleRule[] = [
      { route: '/health/*', rate: 0 },
      { status: '4xx', rate: 0.5 },
      { route: 'GET /products/:id', rate: 0.25 },
      { rate: 0 },
    ]
    const paths = ['/health/live', ...Array(8).fill('/products/1'), '/nowhere', '/nowhere', '/broken', '/slow']
    expect(await kept(rules, paths)).toEqual([
      ['/products/:id', 200, 0.25],
      ['/products/:id', 200, 0.25],
      [null, 404, 0.5],
      ['/broken', 500, undefined],
      ['/slow', 200, undefined],
    ])
  })

  test('with a rate that is none is refused', () => {
    expect(() => logging({ sample: [{ rate: 2 }] })).toThrow('sample[0].rate is a number from 0 to 1, not 2')
  })
})

describe('statements', () => {
  both('of a request are counted in its line, those of others are not', [products], async (db) => {
    const { app, ask, access } = logged(
      (one) =>
        one.get(
          '/x',
          async ({ query }) => {
            for (let n = 0; n < Number(query['n']); n++) await db.values('select 1')
            return 'x'
          },
          open,
        ),
      {},
      db,
    )
    await Promise.all([ask('/x?n=3'), ask('/x?n=0'), ask('/x?n=5')])
    await db.values('select 1')
    expect(
      access()
        .map((line) => line['queries'] ?? 0)
        .sort(),
    ).toEqual([0, 3, 5])
    expect(
      access().every((line) => (line['queries'] ? Number(line['queryMs']) > 0 : line['queryMs'] === undefined)),
    ).toBe(true)
    await stopGracefully(app)
  })

  both('that are slow leave their text, and no value', [products], async (db) => {
    const { app, ask, lines } = logged(
      (one) =>
        one.get(
          '/x',
          async () => {
            await db.drizzle.insert(products.for(db)).values({ name: canary })
            await db.values(`select name from products where name = '${canary}'`)
            return 'x'
          },
          open,
        ),
      { slowQuery: '0s' },
      db,
    )
    await ask('/x', { headers: { 'x-request-id': 'r1' } })
    const slow = lines().filter((line) => line['logger'] === 'kwik.database')
    expect(slow.map((line) => [line['level'], line['operation'], line['table'], line['requestId']])).toEqual([
      ['warning', 'INSERT', 'products', 'r1'],
      ['warning', 'SELECT', 'products', 'r1'],
    ])
    expect(slow[1]!['statement']).toBe('select name from products where name = ?')
    expect(JSON.stringify(lines())).not.toContain(mark)
    await stopGracefully(app)
  })
})

describe('Server-Timing', () => {
  const key = 'timing-key-0123456789'
  const now = 1_700_000_000_000
  const header = async (timing: { debug?: boolean; key?: string } | undefined, sent?: string) => {
    const { ask } = logged((app) => app.get('/x', () => wait(5).then(() => 'x'), open), {
      ...(timing && { timing }),
      clock: { now: () => now },
    })
    return (await ask('/x', sent === undefined ? {} : { headers: { 'x-server-timing': sent } })).headers.get(
      'server-timing',
    )
  }
  test('tells the parts of the time where the app is set up for it', async () => {
    expect(await header({ debug: true })).toMatch(
      /^admit;dur=\d+\.\d\d, guards;dur=[\d.]+, handler;dur=\d[\d.]*, total;dur=\d+/,
    )
  })

  test('tells them to who signs for it, as long as the signature holds, and to nobody else', async () => {
    expect(await header({ key }, signTiming(key, now + 1000))).toContain('total;dur=')
    for (const sent of [
      undefined,
      signTiming(key, now - 1),
      signTiming('another-key-0123456', now + 1000),
      `${now + 1000}.`,
      'x'.repeat(5000),
    ])
      expect(await header({ key }, sent)).toBe(null)
    expect(await header(undefined, signTiming(key, now + 1000))).toBe(null)
    expect(() => logging({ timing: { key: 'short' } })).toThrow('fewer than 16 characters')
  })
})
