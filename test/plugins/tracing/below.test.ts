import { createServer } from 'node:http'
import { openRedis } from '#core/adapters/redis'
import { describe, expect, test } from '#test'
import { defineTable } from '../../../plugins/database/index.ts'
import { continueTrace, record, traced as tracedMethod, traceHeaders } from '../../../plugins/tracing/index.ts'
import { canary, mark } from '../../canary.ts'
import { both, redisUrl, withRedis } from '../../services.ts'
import { named, traced } from './spans.ts'

const open = { public: true } as never
const products = defineTable('products', (t) => ({ id: t.id(), name: t.string().unique(), stock: t.int().default(0) }))

/** A server that answers what it was asked with. */
async function listener() {
  const heard: { url: string | undefined; headers: Record<string, unknown> }[] = []
  const server = createServer((request, response) => {
    heard.push({ url: request.url, headers: request.headers })
    response.writeHead(request.url === '/gone' ? 410 : 200).end('ok')
  }).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const { port } = server.address() as { port: number }
  return { heard, port, url: `http://127.0.0.1:${port}`, close: () => new Promise((done) => server.close(done)) }
}

describe('a statement of the database', () => {
  both('is a span below its request: text without values, operation, table, rows', [products], async (db) => {
    const spans = await traced(
      (app) =>
        app.get(
          '/x',
          async () => {
            await db.drizzle.insert(products.for(db)).values({ name: `${canary} lamp` })
            const rows = await db.drizzle.select().from(products.for(db))
            await db.values(`select name from products where name = '${canary} lamp' and stock = 0 limit 7`)
            return rows.length
          },
          open,
        ),
      async (ask) => void (await ask('/x')),
      { database: db },
    )
    const server = named(spans, 'GET /x')
    const select = spans.filter(({ name }) => name === 'SELECT products')
    expect([named(spans, 'INSERT products').parent, ...select.map(({ parent }) => parent)]).toEqual([
      server.spanId,
      server.spanId,
      server.spanId,
    ])
    expect(select[0]).toMatchObject({
      kind: 2,
      status: 0,
      attributes: {
        'db.system.name': db.dialect,
        'db.operation.name': 'SELECT',
        'db.collection.name': 'products',
        'db.response.returned_rows': 1,
      },
    })
    expect(String(select[0]!.attributes['db.query.text'])).toContain('from "products"')
    expect(select[1]!.attributes['db.query.text']).toBe(
      'select name from products where name = ? and stock = ? limit ?',
    )
    expect(JSON.stringify(spans)).not.toContain(mark)
  })

  both('that fails is an error with its code, and no value', [products], async (db) => {
    const spans = await traced(
      (app) =>
        app.get(
          '/x',
          async () => {
            const add = () => db.drizzle.insert(products.for(db)).values({ name: canary })
            await add()
            await add().catch(() => {})
            return 'x'
          },
          open,
        ),
      async (ask) => void (await ask('/x')),
      { database: db },
    )
    const span = spans.find(({ status }) => status === 2)!
    const code = db.dialect === 'postgresql' ? '23505' : 'SQLITE_CONSTRAINT_UNIQUE'
    expect([span.name, span.attributes['error.type'], span.attributes['db.response.status_code']]).toEqual([
      'INSERT products',
      code,
      code,
    ])
    expect(JSON.stringify(spans)).not.toContain(mark)
  })

  both('in a transaction of work that a request left behind is of the same trace', [products], async (db) => {
    const queue: { trace: ReturnType<typeof traceHeaders>; name: string }[] = []
    const spans = await traced(
      (app) =>
        app.post(
          '/jobs',
          () => {
            queue.push({ trace: traceHeaders(), name: 'import' })
            return 'queued'
          },
          open,
        ),
      async (ask) => {
        await ask('/jobs', { method: 'POST' })
        for (const job of queue)
          await continueTrace(job.trace, `run ${job.name}`, () =>
            db.tx(async () => void (await db.drizzle.insert(products.for(db)).values({ name: 'a' }))),
          )
      },
      { database: db },
    )
    const [server, job, insert] = [
      named(spans, 'POST /jobs'),
      named(spans, 'run import'),
      named(spans, 'INSERT products'),
    ]
    expect([job.parent, insert.parent]).toEqual([server.spanId, job.spanId])
    expect(new Set([server, job, insert].map(({ traceId }) => traceId)).size).toBe(1)
  })
})

withRedis.describe('a Redis command', () => {
  test('is a span below its request with its name, and neither key nor value', async () => {
    const redis = openRedis({ url: redisUrl, deadline: '5s', prefix: `kwik-${crypto.randomUUID()}:` })
    try {
      const key = `${redis.prefix}${canary}`
      const spans = await traced(
        (app) =>
          app.get(
            '/x',
            async () => {
              await redis.run(['SET', key, canary, 'PX', 5000])
              await redis.run(['EVAL', `return '${canary}'`, 1, key, canary])
              await redis.run(['INCR', key]).catch(() => {})
              await redis.run(['DEL', key])
              return 'x'
            },
            open,
          ),
        async (ask) => {
          await redis.ping()
          await ask('/x')
        },
      )
      const server = named(spans, 'GET /x')
      for (const name of ['SET', 'EVAL', 'DEL'])
        expect(named(spans, name)).toMatchObject({ kind: 2, status: 0, parent: server.spanId })
      expect(named(spans, 'SET').attributes).toMatchObject({
        'db.system.name': 'redis',
        'db.query.text': 'SET ? ? ? ?',
      })
      expect(named(spans, 'INCR')).toMatchObject({ status: 2, attributes: { 'error.type': 'ERR' } })
      expect(JSON.stringify(spans)).not.toContain(mark)
    } finally {
      await redis.close()
    }
  })
})

describe('an outgoing call', () => {
  test('is a span that is handed on as traceparent; credentials and query are not in it', async () => {
    const other = await listener()
    const spans = await traced(
      (app) =>
        app.get(
          '/x',
          async () => {
            await (await fetch(`${other.url}/pay?key=${canary}#${canary}`, { headers: { 'x-own': '1' } })).text()
            await (await fetch(new Request(`${other.url}/gone`, { method: 'POST', headers: { 'x-own': '2' } }))).text()
            await fetch('http://127.0.0.1:1/down').catch(() => {})
            return 'x'
          },
          open,
        ),
      async (ask) => void (await ask('/x')),
    )
    await other.close()
    const server = named(spans, 'GET /x')
    const [call, gone, down] = spans.filter(({ kind }) => kind === 2)
    expect(call).toMatchObject({
      name: 'GET',
      parent: server.spanId,
      status: 0,
      attributes: {
        'url.full': `${other.url}/pay`,
        'server.address': '127.0.0.1',
        'server.port': other.port,
        'http.response.status_code': 200,
      },
    })
    expect(other.heard[0]!.headers).toMatchObject({
      traceparent: `00-${call!.traceId}-${call!.spanId}-01`,
      'x-own': '1',
    })
    expect(other.heard[1]!.headers).toMatchObject({
      traceparent: `00-${gone!.traceId}-${gone!.spanId}-01`,
      'x-own': '2',
    })
    expect([gone!.name, gone!.status, gone!.attributes['error.type']]).toEqual(['POST', 2, '410'])
    expect(down!.status).toBe(2)
    expect(JSON.stringify(spans)).not.toContain(mark)
  })

  test('is put back when the app stops, and is left alone outside of traces and where it is switched off', async () => {
    const other = await listener()
    const before = globalThis.fetch
    const spans = await traced(
      (app) => app.get('/x', () => fetch(other.url).then((answer) => answer.text()), open),
      async (ask) => {
        await ask('/x')
        await (await fetch(other.url)).text()
      },
    )
    expect(globalThis.fetch).toBe(before)
    await traced(
      (app) => app.get('/x', () => fetch(other.url).then((answer) => answer.text()), open),
      async (ask) => {
        await ask('/x')
        expect(globalThis.fetch).toBe(before)
      },
      { options: { fetch: false } },
    )
    await other.close()
    expect(spans.filter(({ kind }) => kind === 2).length).toBe(1)
    expect(other.heard.map(({ headers }) => typeof headers['traceparent'])).toEqual([
      'string',
      'undefined',
      'undefined',
    ])
  })
})

describe("an app's own span", () => {
  class Photos {
    factor = 2
    @tracedMethod()
    double(by: number): number {
      return by * this.factor
    }
    @tracedMethod('shrink')
    async fail(): Promise<never> {
      throw new RangeError(`token=${canary}`)
    }
  }

  test('is below the one it is made in, and says when it failed', async () => {
    const photos = new Photos()
    const spans = await traced(
      (app) =>
        app.get(
          '/x',
          async () => {
            const answer = await record('resize', async () => photos.double(4), { size: 3 })
            await photos.fail().catch(() => {})
            return answer
          },
          open,
        ),
      async (ask) => expect(await (await ask('/x')).text()).toBe('8'),
    )
    const [server, resize, double, shrink] = ['GET /x', 'resize', 'double', 'shrink'].map((name) => named(spans, name))
    expect([resize!.parent, double!.parent, shrink!.parent]).toEqual([server!.spanId, resize!.spanId, server!.spanId])
    expect([resize!.attributes['size'], shrink!.status, shrink!.attributes['error.type']]).toEqual([3, 2, 'RangeError'])
    expect(JSON.stringify(spans)).not.toContain(mark)
  })

  test('is found by the API of OpenTelemetry', async () => {
    const { trace } = await import('@opentelemetry/api')
    const spans = await traced(
      (app) =>
        app.get(
          '/x',
          () => {
            trace.getActiveSpan()?.setAttribute('shop.cart', 3)
            return trace.getTracer('shop').startActiveSpan('own', (span) => {
              span.end()
              return 'x'
            })
          },
          open,
        ),
      async (ask) => void (await ask('/x')),
    )
    expect(named(spans, 'own').parent).toBe(named(spans, 'GET /x').spanId)
    expect(named(spans, 'GET /x').attributes['shop.cart']).toBe(3)
  })

  test('that is to begin a trace of its own leads to the one that asked for it', async () => {
    let carried = {}
    const spans = await traced(
      (app) =>
        app.get(
          '/x',
          () => {
            carried = traceHeaders()
            return 'x'
          },
          open,
        ),
      async (ask) => {
        await ask('/x')
        continueTrace(carried, 'later', () => {}, { link: true })
        continueTrace({ traceparent: 'nonsense' }, 'alone', () => {})
      },
    )
    const server = named(spans, 'GET /x')
    expect([named(spans, 'later').links, named(spans, 'later').traceId === server.traceId]).toEqual([
      [server.traceId],
      false,
    ])
    expect(named(spans, 'alone').parent).toBeUndefined()
  })
})
