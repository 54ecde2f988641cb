import { createServer } from 'node:http'
import { Elysia, t } from 'elysia'
import { openRedis } from '#core/adapters/redis'
import { stopGracefully } from '#core/lifecycle'
import { expect, sleep } from '#test'
import { createTables, defineTable, openDatabase } from '../../../plugins/database/index.ts'
import { createLogger, getLogger, otlpSink } from '../../../plugins/logging/index.ts'
import { kwik } from '../../../src/index.ts'
import { canary, mark } from '../../canary.ts'
import { redisUrl, withRedis } from '../../services.ts'

interface Value {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: string }
}
interface Span {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly attributes: Value[]
}
interface Heard {
  readonly path: string
  readonly text: string
}

/** A collector of OTLP over HTTP, which also answers calls of the app. */
async function collector() {
  const heard: Heard[] = []
  const called: (string | string[] | undefined)[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (data) => (text += String(data)))
    request.on('end', () => {
      if (request.url?.startsWith('/v1/')) heard.push({ path: request.url, text })
      else called.push(request.headers['traceparent'])
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  }).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const { port } = server.address() as { port: number }
  const bodies = (path: string) => heard.filter((one) => one.path === path).map((one) => JSON.parse(one.text))
  return {
    heard,
    called,
    url: `http://127.0.0.1:${port}`,
    spans: (): Span[] =>
      bodies('/v1/traces').flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap((one: { scopeSpans: { spans: Span[] }[] }) => one.scopeSpans.flatMap((two) => two.spans)),
      ),
    records: (): Record<string, unknown>[] =>
      bodies('/v1/logs').flatMap(({ resourceLogs }) => resourceLogs[0].scopeLogs[0].logRecords),
    metrics: (): { name: string }[] => bodies('/v1/metrics').at(-1).resourceMetrics[0].scopeMetrics[0].metrics,
    services: (): unknown[] =>
      ['/v1/traces', '/v1/logs', '/v1/metrics'].map(
        (path) =>
          /"service.name","value":\{"stringValue":"(\w+)"/.exec(
            heard.find((one) => one.path === path)?.text ?? '',
          )?.[1],
      ),
    close: () => new Promise((done) => server.close(done)),
  }
}

const products = defineTable('products', (f) => ({ id: f.id(), name: f.string().unique() }))
const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${canary}`

async function shop() {
  const at = await collector()
  const db = openDatabase({ url: 'sqlite::memory:' })
  await createTables(db, [products])
  const redis = openRedis({ url: redisUrl, deadline: '5s', prefix: `kwik-${crypto.randomUUID()}:` })
  const texts: string[] = []
  const logger = createLogger({
    format: 'json',
    level: 'debug',
    sinks: [otlpSink({ endpoint: at.url, service: 'shop' }), { line: (line) => void texts.push(line) }],
  })
  const platform = kwik({
    database: db,
    redis,
    signals: false,
    logging: { logger, slowQuery: '0s' },
    tracing: { endpoint: at.url, service: 'shop' },
    metrics: { endpoint: at.url, service: 'shop', prometheus: { token: 'scraper-0123456789abcdef' } },
    compression: true,
  })
  const log = getLogger(['shop', 'orders'])
  const app = new Elysia()
    .use(platform)
    .post(
      '/orders',
      async ({ body }) => {
        await db.tx(async () => void (await db.drizzle.insert(products.for(db)).values({ name: body.name })))
        await redis.run(['SET', `${redis.prefix}${body.name}`, body.name, 'PX', 1000])
        await (await fetch(`${at.url}/pay?token=${canary}`, { headers: { authorization: `Bearer ${canary}` } })).text()
        log.info('order of {name}', { name: 'lamp', password: canary, token: jwt })
        return { placed: true }
      },
      { public: true, body: t.Object({ name: t.String(), password: t.Optional(t.String()) }) },
    )
    .post(
      '/fail',
      async ({ body }) => {
        await db.drizzle.insert(products.for(db)).values({ name: body.name })
        await db.drizzle
          .insert(products.for(db))
          .values({ name: body.name })
          .catch((error) => {
            throw new Error(
              `cannot save password=${canary} at postgres://app:${canary}@db/app: ${(error as Error).message}`,
              { cause: error },
            )
          })
      },
      { public: true, body: t.Object({ name: t.String() }) },
    )
  const ask = async (path: string, init: RequestInit = {}) => app.handle(new Request(`http://localhost${path}`, init))
  const end = async () => {
    await stopGracefully(app)
    await logger.flush()
    await redis.close()
    await at.close()
  }
  return { at, ask, end, texts, redis }
}

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

withRedis.test(
  'one trace spans a request, its statements, Redis and an outgoing call; metrics and lines belong to it',
  async () => {
    const { at, ask, end, redis } = await shop()
    await redis.ping()
    const answer = await ask('/orders', post({ name: 'lamp' }, { 'x-request-id': 'order-1' }))
    expect(answer.status).toBe(200)
    await end()
    const spans = at.spans()
    const server = spans.find(({ kind }) => kind === 2)!
    const below = spans.filter(({ parentSpanId }) => parentSpanId === server.spanId).map(({ name }) => name)
    expect([server.name, ...below.sort()]).toEqual(['POST /orders', 'GET', 'INSERT products', 'SET'])
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    expect(at.called).toEqual([`00-${server.traceId}-${spans.find(({ name }) => name === 'GET')!.spanId}-01`])
    const ours = at.records().filter(({ traceId }) => traceId === server.traceId)
    expect(ours.map(({ body }) => (body as { stringValue: string }).stringValue)).toEqual([
      'a statement was slow',
      'order of lamp',
      'POST /orders 200',
    ])
    expect(ours.every(({ spanId }) => spanId === server.spanId)).toBe(true)
    expect(at.metrics().map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'http.server.request.duration',
        'db.client.operation.duration',
        'http.server.active_requests',
      ]),
    )
    expect(at.services()).toEqual(['shop', 'shop', 'shop'])
  },
  30_000,
)

withRedis.test(
  'a secret that is planted anywhere is in no line, span, metric or answer',
  async () => {
    const { at, ask, end, texts, redis } = await shop()
    await redis.ping()
    const secrets = {
      authorization: `Bearer ${canary}`,
      cookie: `session=${canary}`,
      'x-api-key': canary,
      'x-request-id': `${canary} ${canary}`,
      traceparent: canary,
      tracestate: canary,
      'accept-encoding': 'identity',
    }
    const answers: string[] = []
    const read = async (answer: Response): Promise<void> =>
      void answers.push(JSON.stringify([...answer.headers]) + (await answer.text()))
    await read(await ask(`/orders?token=${canary}`, post({ name: 'lamp', password: canary }, secrets)))
    await read(await ask(`/orders?password=${canary}`, post({ name: 7, password: canary }, secrets)))
    await read(await ask('/orders', post({ name: 'x', pasword: canary }, secrets)))
    await read(await ask('/fail', post({ name: canary }, secrets)))
    await read(
      await ask('/orders', {
        method: 'POST',
        headers: { ...secrets, 'content-type': 'application/json' },
        body: `{"password":"${canary}`,
      }),
    )
    await read(await ask('/metrics', { headers: { authorization: 'Bearer scraper-0123456789abcdef' } }))
    await read(await ask('/health/ready'))
    await sleep(10)
    await end()
    expect(answers.length).toBe(7)
    expect(at.spans().length).toBeGreaterThan(8)
    expect(texts.length).toBeGreaterThan(8)
    for (const output of [...at.heard.map(({ text }) => text), ...texts, ...answers]) expect(output).not.toContain(mark)
  },
  30_000,
)
