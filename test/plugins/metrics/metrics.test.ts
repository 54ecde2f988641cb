import { createServer } from 'node:http'
import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import { stopGracefully } from '#core/lifecycle'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Database } from '#core/ports/database'
import type { Principal } from '#core/scope'
import { describe, expect, sleep, test } from '#test'
import { defineTable } from '../../../plugins/database/index.ts'
import { Meter, type MetricsOptions, metrics } from '../../../plugins/metrics/index.ts'
import { permissions } from '../../../plugins/permissions/index.ts'
import { rateLimit } from '../../../plugins/rate-limit/index.ts'
import { canary, mark } from '../../canary.ts'
import { both } from '../../services.ts'

const open = { public: true } as never
const token = 'scraper-0123456789abcdef'
const quiet = { debug() {}, info() {}, warning() {}, error() {} }
const products = defineTable('products', (t) => ({ id: t.id(), name: t.string().unique() }))

const identity = (): KwikPlugin<{}> =>
  definePlugin<KwikPlugin<{}>, {}>({
    name: 'identity',
    options: {},
    keys: [],
    setup: () => ({
      authenticator: {
        way: 'bearer',
        authenticate: ({ request }): Principal | null => {
          const granted = request.headers.get('x-may')
          return granted === null
            ? null
            : { id: 'u', via: 'bearer', user: { id: 'u' }, permissions: new Set(granted.split(',')) }
        },
      },
    }),
  })

function measured(build: (app: AnyElysia) => AnyElysia, options: MetricsOptions = {}, database?: Database) {
  const app = build(
    new Elysia()
      .use(core({ signals: false, logger: quiet, ...(database && { database }) }))
      .use(identity())
      .use(metrics({ prometheus: { token }, ...options })),
  )
  const ask = async (path: string, init?: RequestInit) => app.handle(new Request(`http://localhost${path}`, init))
  const text = async () => (await ask('/metrics', { headers: { authorization: `Bearer ${token}` } })).text()
  /** The value of a line that begins so, with the labels in any order. */
  const value = async (name: string, ...labels: string[]) => {
    const line = (await text())
      .split('\n')
      .find(
        (one) =>
          (one.startsWith(`${name}{`) || one.startsWith(`${name} `)) && labels.every((label) => one.includes(label)),
      )
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')))
  }
  return { app, ask, text, value }
}

describe('requests', () => {
  test('are counted by method, pattern and status, never by path', async () => {
    const { ask, text, value } = measured((app) =>
      app
        .get('/products/:id', () => 'x', open)
        .get(
          '/broken',
          () => {
            throw new Error('x')
          },
          open,
        ),
    )
    for (const path of ['/products/canary-1', '/products/canary-2', '/none-canary', '/broken'])
      await (await ask(path)).text()
    await ask('/products/1', { method: 'HEAD' })
    await ask('/products/1', { method: 'PROPFIND' })
    const count = 'http_server_request_duration_seconds_count'
    expect(await value(count, 'http_route="/products/:id"', 'http_request_method="GET"')).toBe(2)
    expect(await value(count, 'http_route="/products/:id"', 'http_request_method="HEAD"')).toBe(1)
    expect(await value(count, 'http_response_status_code="404"')).toBe(1)
    expect(await value(count, 'http_route="/broken"', 'error_type="500"')).toBe(1)
    expect(await value(count, 'http_request_method="_OTHER"')).toBe(1)
    expect(
      await value('http_server_request_duration_seconds_bucket', 'http_route="/products/:id"', 'le="+Inf"', 'GET'),
    ).toBe(2)
    expect((await text()).toLowerCase()).not.toContain(mark)
  })

  test('whose answer did not leave whole say whose fault it was', async () => {
    const { ask, value } = measured((app) =>
      app
        .get(
          '/breaks',
          async function* () {
            yield 'a'
            throw new Error('x')
          },
          open,
        )
        .get('/endless', () => new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(1)) }), open),
    )
    await (await ask('/breaks')).text().catch(() => {})
    await (await ask('/endless')).body!.cancel()
    const count = 'http_server_request_duration_seconds_count'
    expect(await value(count, 'http_route="/breaks"', 'error_type="broken"')).toBe(1)
    expect(await value(count, 'http_route="/endless"', 'error_type="aborted"')).toBe(1)
  })

  test('that are being answered are told, also those whose client leaves', async () => {
    let release = (): void => {}
    const { ask, value } = measured((app) =>
      app
        .get(
          '/slow',
          () =>
            new Promise<string>((done) => {
              release = () => done('x')
            }),
          open,
        )
        .get(
          '/events',
          () =>
            new Response(new ReadableStream({ start: (to) => to.enqueue(new TextEncoder().encode('data: 1\n\n')) }), {
              headers: { 'content-type': 'text/event-stream' },
            }),
          open,
        ),
    )
    // The one that asks is among them.
    const slow = ask('/slow')
    const events = await ask('/events')
    expect([await value('http_server_active_requests'), await value('kwik_sse_streams')]).toEqual([3, 1])
    release()
    await (await slow).text()
    await events.body!.cancel()
    expect([await value('http_server_active_requests'), await value('kwik_sse_streams')]).toEqual([1, 0])
  })

  test('that were refused because too many came are told by route', async () => {
    const { ask, value } = measured((app) =>
      app
        .use(rateLimit())
        .get('/x', () => 'x', { public: true, rateLimit: { limit: 1, per: '1h', by: 'ip' } } as never),
    )
    for (let n = 0; n < 4; n++) await ask('/x')
    expect(await value('kwik_rate_limit_refusals_total', 'http_route="/x"')).toBe(3)
  })
})

describe('statements', () => {
  both('are counted by operation, table and failure', [products], async (db) => {
    const { app, ask, value, text } = measured(
      (one) =>
        one.get(
          '/x',
          async () => {
            await db.drizzle.insert(products.for(db)).values({ name: canary })
            await db.drizzle
              .insert(products.for(db))
              .values({ name: canary })
              .catch(() => {})
            return 'x'
          },
          open,
        ),
      {},
      db,
    )
    await ask('/x')
    const labels = ['db_operation_name="INSERT"', 'db_collection_name="products"', `db_system_name="${db.dialect}"`]
    const count = 'db_client_operation_duration_seconds_count'
    expect(await value(count, ...labels, 'error_type="unique"')).toBe(1)
    expect(await value(count, ...labels)).toBe(1)
    await db.values('select 1')
    if (db.dialect === 'postgresql') {
      expect(await value('db_client_connection_max')).toBe(10)
      expect(await value('db_client_connection_count', 'state="idle"')).toBeGreaterThan(0)
      expect(await value('db_client_connection_pending_requests')).toBe(0)
    }
    expect(await text()).not.toContain(mark)
    await stopGracefully(app)
    await db.values('select 1')
    expect(await value(count, 'db_operation_name="SELECT"')).toBe(1)
  })
})

describe('the route of Prometheus', () => {
  const refused = async (headers: Record<string, string>) => {
    const { ask } = measured((app) => app.get('/x', () => 'x', open))
    const answer = await ask('/metrics', { headers })
    return [answer.status, (await answer.text()).includes('http_server')]
  }
  test('is closed to whoever has not its token', async () => {
    expect(await refused({})).toEqual([401, false])
    expect(await refused({ authorization: 'Bearer scraper-0123456789abcdeX' })).toEqual([401, false])
    expect(await refused({ authorization: token })).toEqual([401, false])
  })

  test('can ask for a permission, at a path of its own', async () => {
    const { ask } = measured((app) => app.use(permissions({ declared: ['metrics:read'] })).get('/x', () => 'x', open), {
      prometheus: { path: '/internal/numbers', permission: 'metrics:read' },
    })
    const statuses = []
    for (const may of [undefined, 'other:read', 'metrics:read'])
      statuses.push((await ask('/internal/numbers', { headers: may === undefined ? {} : { 'x-may': may } })).status)
    expect([...statuses, (await ask('/metrics')).status]).toEqual([401, 403, 200, 404])
  })

  const wrong: [MetricsOptions, string][] = [
    [{ prometheus: {} }, 'say who may read them'],
    [{ prometheus: { token, permission: 'metrics:read' } }, 'one of the two'],
    [{ prometheus: { token: 'short' } }, 'fewer than 16 characters'],
    [{ prometheus: { permission: 'metrics:read' } }, 'needs permissions'],
  ]
  for (const [options, says] of wrong)
    test(`is refused at boot where it is not guarded: ${says}`, async () => {
      const { app } = measured((one) => one.get('/x', () => 'x', open), options)
      const { boot } = await import('#core/boot')
      expect(() => boot(app)).toThrow(says)
    })
})

describe("an app's own instruments", () => {
  test('are exported with the others', async () => {
    const meter = new Meter()
    const placed = meter.counter('shop.orders.placed', { unit: '{order}', description: 'Orders.\nAll of them.' })
    const size = meter.histogram('shop.orders.size', { unit: 'By', bounds: [10, 100] })
    meter.gauge('shop.stock', () => [[7, { shop: 'a"b\\c\nd' }]])
    placed.add(2, { channel: 'web' })
    for (const bytes of [5, 10, 50, 500]) size.record(bytes)
    const { text } = measured((app) => app.get('/x', () => 'x', open), { meter })
    const lines = await text()
    for (const line of [
      '# HELP shop_orders_placed_total Orders. All of them.',
      '# TYPE shop_orders_placed_total counter',
      'shop_orders_placed_total{channel="web"} 2',
      'shop_orders_size_bytes_bucket{le="10"} 2',
      'shop_orders_size_bytes_bucket{le="100"} 3',
      'shop_orders_size_bytes_bucket{le="+Inf"} 4',
      'shop_orders_size_bytes_sum 565',
      'shop_stock{shop="a\\"b\\\\c\\nd"} 7',
    ])
      expect(lines.split('\n')).toContain(line)
  })

  test('have names of their own, and series without end become one', () => {
    const meter = new Meter()
    const one = meter.counter('a')
    expect(() => meter.counter('a')).toThrow('there is a "a" already')
    expect(() => meter.counter('1 a')).toThrow('is no name of a metric')
    for (let n = 0; n < 3000; n++) one.add(1, { id: n })
    const points = [...one.points()]
    expect(points.length).toBe(2001)
    expect(points.at(-1)).toEqual({ labels: { 'otel.metric.overflow': true }, value: 1000 })
  })
})

describe('a collector', () => {
  test('gets all metrics now and then, and at the end', async () => {
    const heard: {
      path: string | undefined
      key: unknown
      body: { resourceMetrics: { scopeMetrics: { metrics: { name: string }[] }[] }[] }
    }[] = []
    const server = createServer((request, response) => {
      let text = ''
      request.on('data', (data) => (text += String(data)))
      request.on('end', () => {
        heard.push({ path: request.url, key: request.headers['x-key'], body: JSON.parse(text) })
        response.writeHead(200).end('{}')
      })
    }).listen(0, '127.0.0.1')
    await new Promise((done) => server.once('listening', done))
    const { port } = server.address() as { port: number }
    const { app, ask } = measured((one) => one.get('/x', () => 'x', open), {
      endpoint: `http://127.0.0.1:${port}`,
      headers: { 'x-key': 'k' },
      interval: '50ms',
    })
    await ask('/x')
    for (let n = 0; n < 100 && heard.length < 2; n++) await sleep(20)
    const before = heard.length
    await stopGracefully(app)
    await new Promise((done) => server.close(done))
    expect([heard[0]!.path, heard[0]!.key, heard.length]).toEqual(['/v1/metrics', 'k', before + 1])
    const { metrics: all } = heard.at(-1)!.body.resourceMetrics[0]!.scopeMetrics[0]!
    expect(all.find(({ name }) => name === 'http.server.request.duration')).toMatchObject({
      unit: 's',
      histogram: { aggregationTemporality: 2, dataPoints: [{ count: '1' }] },
    })
  })

  test('that is down is warned of once, and requests go on', async () => {
    const warnings: string[] = []
    const app: AnyElysia = new Elysia()
      .use(core({ signals: false, logger: { ...quiet, warning: (text) => void warnings.push(text) } }))
      .use(metrics({ endpoint: 'http://127.0.0.1:1', interval: '20ms' }))
      .get('/x', () => 'x', { public: true })
    for (let n = 0; n < 10; n++) {
      expect((await app.handle(new Request('http://localhost/x'))).status).toBe(200)
      await sleep(20)
    }
    await stopGracefully(app)
    expect(warnings.length).toBe(1)
    expect(warnings[0]).toContain('metrics cannot be delivered: the collector cannot be reached')
  })
})

test('the lag of the event loop is measured', async () => {
  const { app, ask, value } = measured((one) => one.get('/x', () => 'x', open))
  await ask('/x')
  for (let n = 0; n < 150 && (await value('kwik_event_loop_lag_seconds_count')) === undefined; n++) await sleep(20)
  expect(await value('kwik_event_loop_lag_seconds_count')).toBeGreaterThan(0)
  expect(await value('process_memory_usage_bytes')).toBeGreaterThan(1e6)
  await stopGracefully(app)
})

test('an app that asks for no metrics has none', async () => {
  const app = new Elysia()
    .use(core({ signals: false, logger: quiet }))
    .use(metrics())
    .get('/x', () => 'x', { public: true })
  expect((await app.handle(new Request('http://localhost/metrics'))).status).toBe(404)
})

describe('what an app measures wrongly', () => {
  test('spoils nothing: no numbers, and less than nothing where a count only grows', async () => {
    const meter = new Meter()
    const spread = meter.histogram('shop.spread', { bounds: [1] })
    const count = meter.counter('shop.count')
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 2]) spread.record(value)
    for (const value of [Number.NaN, -1, 3]) count.add(value)
    meter.upDownCounter('shop.level').add(-1)
    const { text } = measured((app) => app, { meter })
    const lines = (await text()).split('\n')
    for (const line of ['shop_spread_sum 2', 'shop_spread_count 1', 'shop_count_total 3', 'shop_level -1'])
      expect(lines).toContain(line)
  })

  test('leaves the rest as it is: a gauge that throws is told once and has no value', async () => {
    const warnings: unknown[] = []
    const meter = new Meter()
    meter.gauge('shop.queue', () => {
      throw new Error('the queue is away')
    })
    meter.gauge('shop.open', () => 1)
    const logger = { ...quiet, warning: (_: string, said?: object) => void warnings.push(said) }
    const app = new Elysia().use(core({ signals: false, logger })).use(metrics({ prometheus: { token }, meter }))
    const scraped = async () => {
      const answer = await app.handle(
        new Request('http://localhost/metrics', { headers: { authorization: `bearer  ${token}` } }),
      )
      return [answer.status, (await answer.text()).includes('\nshop_open 1')]
    }
    expect([await scraped(), await scraped()]).toEqual([
      [200, true],
      [200, true],
    ])
    expect(warnings).toMatchObject([{ gauge: 'shop.queue' }])
  })

  test('is refused where two names are one for Prometheus, and labels that become one are one', async () => {
    const meter = new Meter()
    meter.counter('shop.orders').add(1, { 'a.b': 'x', a_b: 'y"', '1st': 'z', '': 'e' })
    for (const name of ['shop_orders', 'shop.orders.total'])
      expect(() => meter.counter(name)).toThrow(`"${name}" and "shop.orders" are both shop_orders_total`)
    const { text } = measured((app) => app, { meter })
    expect(await text()).toContain('shop_orders_total{a_b="x;y\\"",_1st="z",_="e"} 1')
  })
})
