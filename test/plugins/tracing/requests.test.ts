import { status } from 'elysia'
import { refuse } from '#core/errors'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { describe, expect, sleep, test } from '#test'
import { rateLimit } from '../../../plugins/rate-limit/index.ts'
import { canary, mark } from '../../canary.ts'
import { type Seen, traced } from './spans.ts'

/** Milliseconds that a stream takes: ten seconds where time is no matter. */
const streamed = process.env['KWIK_LONG'] === '1' ? 10_000 : 40
const open = { public: true } as never
const closedShop = (): KwikPlugin<{}> =>
  definePlugin<KwikPlugin<{}>, {}>({
    name: 'closed',
    options: {},
    keys: [],
    setup: () => ({
      admit: (scope) => (scope.request.url.endsWith('/closed') ? refuse('KWIK_UNAVAILABLE') : undefined),
    }),
  })
const bytes = (text: string) => new TextEncoder().encode(text)

/** What `GET path` leaves. */
async function spanOf(path: string, init?: RequestInit): Promise<Seen[]> {
  return traced(
    (app) =>
      app
        .use(closedShop())
        .use(rateLimit({}))
        .get('/products/:id', ({ params }) => ({ id: params.id }), open)
        .get('/limited', () => 'x', { public: true, rateLimit: { limit: 1, per: '1h', by: 'ip' } } as never)
        .get('/broken', () => Promise.reject(new TypeError('disk is full at postgres://app:hunter2@db/app')), open)
        .get('/taken', () => Promise.reject(refuse('KWIK_NOT_FOUND')), open)
        .get('/conflict', () => status(409, 'no'), open)
        .get(
          '/breaks',
          async function* () {
            yield 'a'
            throw new RangeError('the disk is full')
          },
          open,
        )
        .get(
          '/tears',
          async function* () {
            yield 'a'
            throw 'torn'
          },
          open,
        )
        .get('/moved', () => Response.redirect('http://localhost/products/1'), open)
        .get(
          '/stream',
          () =>
            new Response(
              new ReadableStream({
                async start(to) {
                  to.enqueue(bytes('a'))
                  await sleep(streamed)
                  to.enqueue(bytes('b'))
                  to.close()
                },
              }),
            ),
          open,
        ),
    async (ask) => {
      if (path === '/limited') await (await ask(path)).text()
      await (await ask(path, init)).text().catch(() => {})
    },
  )
}

describe('a request', () => {
  const ends: [string, RequestInit | undefined, string, number, string | undefined][] = [
    [`/products/7?token=${canary}`, undefined, 'GET /products/:id', 200, undefined],
    ['/none', undefined, 'GET', 404, undefined],
    ['/products/7', { method: 'PUT' }, 'PUT', 405, undefined],
    ['/products/7', { method: 'HEAD' }, 'HEAD /products/:id', 200, undefined],
    ['/products/7', { method: 'PROPFIND' }, '_OTHER', 501, '501'],
    ['/limited', undefined, 'GET /limited', 429, undefined],
    ['/broken', undefined, 'GET /broken', 500, 'TypeError'],
    ['/taken', undefined, 'GET /taken', 404, undefined],
    ['/conflict', undefined, 'GET /conflict', 409, undefined],
    ['/moved', undefined, 'GET /moved', 302, undefined],
    ['/closed', undefined, 'GET', 503, '503'],
    ['/%ff', undefined, 'GET', 400, undefined],
    ['/stream', undefined, 'GET /stream', 200, undefined],
  ]
  for (const [path, init, name, code, error] of ends)
    test(`${init?.method ?? 'GET'} ${path.split('?')[0]} is one server span ${name} with ${code}`, async () => {
      const spans = await spanOf(path, init)
      const span = spans.at(-1)!
      expect(spans.length).toBe(path === '/limited' ? 2 : 1)
      expect([
        span.name,
        span.kind,
        span.attributes['http.response.status_code'],
        span.attributes['error.type'],
      ]).toEqual([name, 1, code, error])
      expect(span.status).toBe(code >= 500 ? 2 : 0)
      expect(span.attributes['http.route']).toBe(name.includes('/') ? name.slice(name.indexOf('/')) : undefined)
      expect(JSON.stringify(span)).not.toContain(mark)
    })

  test('that fails says why, without the secret in it', async () => {
    const [span] = await spanOf('/broken')
    expect(span!.events[0]).toContain('disk is full')
    expect(span!.events[0]).toContain('requests.test.ts')
    expect(JSON.stringify(span)).not.toContain('hunter2')
  })

  test('that fails has its failure before its end', async () => {
    for (const path of ['/broken', '/breaks']) {
      const [span] = await spanOf(path)
      const [seconds, nanoseconds] = (JSON.parse(span!.events[0]!) as { time: [number, number] }).time
      expect(seconds * 1000 + nanoseconds / 1e6 - span!.startedAt).toBeLessThan(span!.ms + 1e-3)
    }
  })

  test('whose answer broke off has failed', async () => {
    const [span] = await spanOf('/breaks')
    expect([span!.status, span!.attributes['error.type']]).toEqual([2, 'RangeError'])
    expect(span!.events[0]).toContain('the disk is full')
    const [other] = await spanOf('/tears')
    expect([other!.status, other!.attributes['error.type']]).toEqual([2, 'broken'])
  })

  test('whose answer is a stream ends with the stream', async () => {
    const [span] = await spanOf('/stream')
    expect(span!.ms).toBeGreaterThan(streamed - 5)
  })

  test('says its trace in the line of its log', async () => {
    let line: Record<string, unknown> = {}
    const [span] = await traced(
      (app) => app.get('/x', () => 'x', open),
      async (ask, _, lines) => {
        await ask('/x')
        line = JSON.parse(lines.find((text) => text.includes('kwik.access'))!)
      },
    )
    expect([line['traceId'], line['spanId']]).toEqual([span!.traceId, span!.spanId])
  })
})

describe('what a caller says of its trace', () => {
  const id = '0af7651916cd43dd8448eb211c80319c'
  const parent = 'b7ad6b7169203331'
  const taken: [string, string][] = [
    ['is followed', `00-${id}-${parent}-01`],
    ['is followed in a later version', `cc-${id}-${parent}-01-what-the-future-will-be-like`],
  ]
  const asked = (header: string, followCallers = true) =>
    traced(
      (app) => app.get('/x', () => 'x', open),
      async (ask) => void (await ask('/x', { headers: { traceparent: header, tracestate: 'vendor=1' } })),
      { options: { followCallers } },
    )
  for (const [says, header] of taken)
    test(says, async () => {
      const [span] = await asked(header)
      expect([span!.traceId, span!.parent]).toEqual([id, parent])
    })

  const refused: [string, string][] = [
    ['has an invalid version', `ff-${id}-${parent}-01`],
    ['has more than its version says', `00-${id}-${parent}-01-more`],
    ['is all zeros', `00-${'0'.repeat(32)}-${parent}-01`],
    ['has a span of zeros', `00-${id}-${'0'.repeat(16)}-01`],
    ['is in capital letters', `00-${id.toUpperCase()}-${parent}-01`],
    ['is too short', `00-${id}-${parent}`],
    ['is no such thing', 'x'.repeat(10_000)],
  ]
  for (const [says, header] of refused)
    test(`is left alone when it ${says}`, async () => {
      const [span] = await asked(header)
      expect(span!.traceId).not.toBe(id)
      expect(span!.parent).toBeUndefined()
    })

  test('decides whether the trace is recorded', async () => {
    expect(await asked(`00-${id}-${parent}-00`)).toEqual([])
    const spans = await traced(
      (app) => app.get('/x', () => 'x', open),
      async (ask) => {
        await ask('/x')
        await ask('/x', { headers: { traceparent: `00-${id}-${parent}-01` } })
      },
      { options: { ratio: 0 } },
    )
    expect(spans.map((span) => span.traceId)).toEqual([id])
  })

  test('is left alone where callers are not followed', async () => {
    const [span] = await asked(`00-${id}-${parent}-01`, false)
    expect(span!.traceId).not.toBe(id)
  })
})

describe('headers and query', () => {
  test('are written only where they are listed, and never a token', async () => {
    const [span] = await traced(
      (app) => app.get('/x', () => 'x', open),
      async (ask) =>
        void (await ask(`/x?page=2&secret=${canary}`, {
          headers: {
            'x-tenant': 'acme',
            authorization: `Bearer ${canary}-${canary}`,
            'x-note': `Bearer ${canary}-${canary}`,
            cookie: `s=${canary}`,
          },
        })),
      { options: { record: { headers: ['X-Tenant', 'x-note'], query: ['page'] } } },
    )
    expect(span!.attributes['http.request.header.x-tenant']).toEqual(['acme'])
    expect(span!.attributes['kwik.request.query.page']).toEqual(['2'])
    expect(JSON.stringify(span)).not.toContain(mark)
  })
})

describe('500 requests at once', () => {
  test('have a trace each, and their own spans below it', async () => {
    const { record } = await import('../../../plugins/tracing/index.ts')
    const spans = await traced(
      (app) =>
        app.get(
          '/x/:id',
          async ({ params }) => {
            await sleep(Math.random() * 5)
            return record('work', () => sleep(1).then(() => params['id']), { id: params['id'] })
          },
          open,
        ),
      async (ask) => void (await Promise.all(Array.from({ length: 500 }, (_, n) => ask(`/x/${n}`)))),
    )
    const servers = new Map(spans.filter(({ kind }) => kind === 1).map((span) => [span.spanId, span]))
    const works = spans.filter(({ name }) => name === 'work')
    expect([servers.size, works.length]).toEqual([500, 500])
    for (const work of works) {
      const above = servers.get(work.parent!)!
      expect([above.traceId, above.attributes['url.path']]).toEqual([work.traceId, `/x/${work.attributes['id']}`])
    }
  })
})
