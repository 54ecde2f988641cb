import { type AnyElysia, Elysia, t } from 'elysia'
import { core } from '#core/access'
import { describe, expect, sleep, test } from '#test'
import { permissions } from '../../../../plugins/permissions/index.ts'
import { type IdempotencyOptions, idempotency } from '../../../../plugins/resources/index.ts'
import { declared, who } from '../app.ts'
import { sending, told } from './app.ts'

const logger = { debug() {}, info() {}, warning() {}, error() {} }

/** An app whose routes count how often they ran. */
function counting(options: IdempotencyOptions = {}) {
  let runs = 0
  const open = { public: true, idempotent: true } as const
  const app = new Elysia()
    .use(core({ signals: false, logger, timeout: '2s' }))
    .use(permissions({ declared }))
    .use(who())
    .use(idempotency(options))
    .post(
      '/orders',
      ({ body, set }) => {
        set.status = 201
        set.headers['location'] = `/orders/${++runs}`
        set.headers['set-cookie'] = 'a=b'
        return { run: runs, ...body }
      },
      { ...open, body: t.Object({ name: t.String(), size: t.Optional(t.Number()) }) },
    )
    .post('/paid', () => ({ run: ++runs }), { permission: 'products:create', idempotent: { required: true } })
    .post('/orders/:id/pay', () => ({ run: ++runs }), open)
    .post('/wrong/:status', ({ params, status }) => status(Number(params.status) as 409, { run: ++runs }), open)
    .post(
      '/empty',
      () => {
        runs++
        return new Response(null, { status: 204 })
      },
      open,
    )
    .post('/stream', () => Response.json({ run: ++runs }), open)
    .post('/big', () => Response.json({ run: ++runs, much: 'x'.repeat(300_000) }), open)
    .post('/large', () => ({ run: ++runs, much: 'x'.repeat(300_000) }), open)
    .post(
      '/events',
      () => {
        runs++
        return new Response(new ReadableStream({ start() {} }), { headers: { 'content-type': 'text/event-stream' } })
      },
      open,
    )
    .post(
      '/slow',
      async () => {
        await sleep(100)
        return { run: ++runs }
      },
      open,
    )
    .post(
      '/late',
      async () => {
        await sleep(150)
        return { run: ++runs }
      },
      { ...open, timeout: '50ms' },
    )
    .post('/form', ({ body }) => ({ run: ++runs, names: Object.keys(body as object) }), open)
  return { app, send: sending(app), runs: () => runs }
}

describe('a key', () => {
  test('makes the first answer the answer of every repeat', async () => {
    const { send, runs } = counting()
    const first = await send('/orders', { key: 'k1', body: { name: 'tea', size: 2 } })
    const again = await send('/orders', { key: 'k1', body: { size: 2, name: 'tea' } })
    expect([first.headers.get('location'), again.headers.get('location')]).toEqual(['/orders/1', '/orders/1'])
    expect([first.headers.get('set-cookie'), again.headers.get('set-cookie')]).toEqual(['a=b', null])
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'))
    const body = { run: 1, name: 'tea', size: 2 }
    expect([await told(first), await told(again), runs()]).toEqual([[201, 'first', body], [201, 'true', body], 1])
    expect((await told(await send('/orders', { key: '"k1"', body: { name: 'tea', size: 2 } })))[1]).toBe('true')
    expect((await told(await send('/orders', { key: 'k2', body: { name: 'tea' } })))[0]).toBe(201)
    for (let i = 0; i < 2; i++) await send('/orders', { body: { name: 'tea' } })
    expect(runs()).toBe(4)
  })

  test('stands for one body, path and query', async () => {
    const { send, runs } = counting()
    await send('/orders', { key: 'k1', body: { name: 'tea' } })
    const other = await send('/orders', { key: 'k1', body: { name: 'coffee' } })
    const problem = (await other.json()) as { code: string; detail: string; errors: { parameter: string }[] }
    expect([other.status, problem.code, problem.errors[0]!.parameter]).toEqual([
      422,
      'KWIK_IDEMPOTENCY_MISMATCH',
      'Idempotency-Key',
    ])
    expect(problem.detail).toContain('"k1"')
    expect((await send('/orders?a=1', { key: 'k1', body: { name: 'tea' } })).status).toBe(422)
    await send('/orders/1/pay', { key: 'k1' })
    expect((await send('/orders/2/pay', { key: 'k1' })).status).toBe(422)
    expect(runs()).toBe(2)
  })

  test('is one of 1 to 255 printable characters, and there where it is required', async () => {
    const { send, runs } = counting()
    for (const key of ['', '   ', '"', '""', '"a', 'x'.repeat(256), 'ü', 'a\tb', `"${'x'.repeat(256)}"`])
      expect([key, ...(await told(await send('/empty', { key })))]).toEqual([key, 400, 'first', 'KWIK_IDEMPOTENCY_KEY'])
    for (const key of ['x', 'x'.repeat(255), 'a b~!', '"a\\"b"'])
      expect((await send('/empty', { key })).status).toBe(204)
    expect((await told(await send('/paid')))[2]).toBe('KWIK_IDEMPOTENCY_KEY')
    expect((await send('/paid', { as: '' })).status).toBe(401)
    expect((await send('/paid', { as: 'nobody' })).status).toBe(403)
    expect(runs()).toBe(4)
  })

  test('belongs to one caller, route and tenant', async () => {
    const { send, runs } = counting({ tenant: ({ headers }) => headers.get('x-shop') ?? '' })
    for (const as of ['alice', 'bob', 'alice']) await send('/paid', { key: 'k', as })
    expect(runs()).toBe(2)
    await send('/empty', { key: 'k' })
    await send('/stream', { key: 'k' })
    expect(runs()).toBe(4)
    for (const shop of ['one', 'two', 'one']) await send('/empty', { key: 'k', headers: { 'x-shop': shop } })
    expect(runs()).toBe(6)
    await send('/empty', { key: 'k', as: '' })
    expect(runs()).toBe(7)
  })

  test('says no answer again to a caller who may do something else by now', async () => {
    const { send, runs } = counting()
    expect((await send('/paid', { key: 'k' })).status).toBe(200)
    const lesser = await told(await send('/paid', { key: 'k', as: 'lesser' }))
    expect(lesser).toEqual([409, 'first', 'KWIK_IDEMPOTENCY_NOT_KEPT'])
    expect([await told(await send('/paid', { key: 'k' })), runs()]).toEqual([[200, 'true', { run: 1 }], 1])
  })

  test('stands for one media type: a merge patch is another thing to do', async () => {
    const { send, runs } = counting()
    const body = { name: 'tea' }
    await send('/orders/1/pay', { key: 'k', body })
    const merge = { 'content-type': 'application/merge-patch+json' }
    expect((await send('/orders/1/pay', { key: 'k', body, headers: merge })).status).toBe(422)
    const same = { 'content-type': 'Application/JSON; charset=utf-8' }
    expect((await told(await send('/orders/1/pay', { key: 'k', body, headers: same })))[1]).toBe('true')
    expect(runs()).toBe(1)
  })

  test('is forgotten after its time', async () => {
    let now = Date.now()
    const { send, runs } = counting({ ttl: '1h', clock: { now: () => now } })
    await send('/empty', { key: 'k' })
    now += 3_599_000
    await send('/empty', { key: 'k' })
    now += 2000
    await send('/empty', { key: 'k' })
    expect(runs()).toBe(2)
  })

  test('compares files of a form by what is in them', async () => {
    const { app, runs } = counting()
    const post = (text: string) => {
      const part = 'content-disposition: form-data; name="file"; filename="a.txt"\r\ncontent-type: text/plain'
      const body = `--edge\r\n${part}\r\n\r\n${text}\r\n--edge--\r\n`
      const headers = {
        'content-type': 'multipart/form-data; boundary=edge',
        'content-length': String(body.length),
        'idempotency-key': 'k',
      }
      return app.handle(new Request('http://localhost/form', { method: 'POST', headers, body }))
    }
    expect([(await post('one')).status, (await post('one')).status, (await post('two')).status]).toEqual([
      200, 200, 422,
    ])
    expect(runs()).toBe(1)
  })
})

describe('of requests with one key', () => {
  test('one runs, and the others are told to come again', async () => {
    const { send, runs } = counting()
    const all = await Promise.all(Array.from({ length: 20 }, () => send('/slow', { key: 'k' })))
    const refused = all.filter(({ status }) => status === 409)
    expect([refused.length, runs()]).toEqual([19, 1])
    expect(refused[0]!.headers.get('retry-after')).toBe('1')
    expect(await told(refused[0]!)).toEqual([409, 'first', 'KWIK_IDEMPOTENCY_RUNNING'])
    expect(await told(await send('/slow', { key: 'k' }))).toEqual([200, 'true', { run: 1 }])
  })

  test('another body is refused while the first runs', async () => {
    const { send } = counting()
    const first = send('/slow', { key: 'k' })
    await sleep(20)
    expect((await send('/slow', { key: 'k', body: { a: 1 } })).status).toBe(422)
    expect((await first).status).toBe(200)
  })
})

describe('an answer', () => {
  test('of 2xx and 4xx is kept; one that may be another later is not', async () => {
    const { send, runs } = counting()
    for (const [status, times] of [
      [202, 1],
      [404, 1],
      [409, 1],
      [422, 1],
      [401, 2],
      [403, 2],
      [429, 2],
      [500, 2],
      [503, 2],
    ] as const) {
      const before = runs()
      for (let i = 0; i < 2; i++) expect((await send(`/wrong/${status}`, { key: `k${status}` })).status).toBe(status)
      expect([status, runs() - before]).toEqual([status, times])
    }
  })

  test('that the schema refused is none: the key stays free', async () => {
    const { send, runs } = counting()
    expect((await send('/orders', { key: 'k', body: { nam: 'tea' } })).status).toBe(422)
    expect((await send('/orders', { key: 'k', body: { name: 'tea' } })).status).toBe(201)
    expect(runs()).toBe(1)
  })

  test('without a body, or made by the handler as a Response, is said again', async () => {
    const { send, runs } = counting()
    for (const again of ['first', 'true']) {
      expect(await told(await send('/empty', { key: 'k' }))).toEqual([204, again, ''])
      expect(await told(await send('/stream', { key: 'k' }))).toEqual([200, again, { run: 2 }])
    }
    expect(runs()).toBe(2)
  })

  test('that is a stream or too large is given, and then known to be done', async () => {
    const { send, runs } = counting()
    const events = await send('/events', { key: 'k' })
    await events.body!.cancel()
    for (const path of ['/big', '/large'])
      expect(((await (await send(path, { key: 'k' })).json()) as { much: string }).much.length).toBe(300_000)
    for (const path of ['/events', '/big', '/large'])
      expect(await told(await send(path, { key: 'k' }))).toEqual([409, 'first', 'KWIK_IDEMPOTENCY_NOT_KEPT'])
    expect(runs()).toBe(3)
  })

  test('that comes too late is what a repeat gets', async () => {
    const { send, runs } = counting()
    expect((await send('/late', { key: 'k' })).status).toBe(503)
    expect((await send('/late', { key: 'k' })).status).toBe(409)
    await sleep(200)
    expect(await told(await send('/late', { key: 'k' }))).toEqual([200, 'true', { run: 1 }])
    expect(runs()).toBe(1)
  })
})

test('a route that only reads, a lifetime of nothing and a size that is none do not start', async () => {
  const start = (idempotent: object, method = 'POST'): AnyElysia => {
    const app: AnyElysia = new Elysia().use(core({ signals: false, logger })).use(idempotency())
    return app.route(method, '/', () => 'x', { public: true, idempotent } as never)
  }
  const faults = async (app: AnyElysia) =>
    ((await (await app.handle(new Request('http://localhost/', { method: 'POST' }))).json()) as { code: string }).code
  for (const app of [start({}, 'GET'), start({ ttl: 0 }), start({ maxBytes: -1 })])
    expect(await faults(app)).toBe('KWIK_BOOT')
})
