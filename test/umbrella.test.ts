import { Elysia, t } from 'elysia'
import { defineKwik, kwik, kwikPlugin, servicesOf, stopGracefully } from 'kwik'
import { accountsService } from 'kwik/accounts'
import { openRedis } from 'kwik/core'
import { openDatabase } from 'kwik/database'
import { afterAll, describe, expect, test } from '#test'
import { randomName, redisUrl, withRedis } from './services.ts'

const secret = '8c1f0d6a3b9e4f72a5d0c6b1e8f39a47'

/** An app as it was before Kwik: ten routes that say nothing of who may call them. */
const plain = () =>
  new Elysia()
    .get('/text', () => 'text')
    .get('/static', 'static')
    .get('/json', () => ({ a: 1, b: [true, null] }))
    .get('/html', () => new Response('<p>hello</p>', { headers: { 'content-type': 'text/html', 'x-own': 'yes' } }))
    .get('/users/:id', ({ params, query }) => ({ id: params.id, page: query['page'] }))
    .post('/echo', ({ body }) => body, { body: t.Object({ name: t.String() }) })
    .put('/things/:id', ({ params, body }) => ({ ...(body as object), id: params.id }))
    .patch('/teapot', ({ status }) => status(418, { short: 'stout' }))
    .delete('/things/:id', ({ set }) => {
      set.status = 204
    })
    .get('/cookie', ({ cookie }) => {
      cookie['seen']!.value = 'yes'
      return 'cookie'
    })

const json = { 'content-type': 'application/json' }
const asked: readonly (readonly [path: string, init?: RequestInit])[] = [
  ['/text'],
  ['/static'],
  ['/json'],
  ['/html'],
  ['/users/7?page=2'],
  ['/echo', { method: 'POST', headers: json, body: '{"name":"x","more":1}' }],
  ['/things/7', { method: 'PUT', headers: json, body: '{"a":1}' }],
  ['/teapot', { method: 'PATCH' }],
  ['/things/7', { method: 'DELETE' }],
  ['/cookie'],
]

describe('kwikPlugin in an app that exists', () => {
  const lines: string[] = []
  const before = plain()
  const after = new Elysia().use(kwikPlugin).use(plain())
  const ask = async (app: { handle(request: Request): Promise<Response> }, path: string, init?: RequestInit) => {
    const response = await app.handle(new Request(`http://localhost${path}`, init))
    const headers = [...response.headers].filter(([name]) => name !== 'x-request-id')
    return { status: response.status, headers, body: await response.text() }
  }

  for (const [path, init] of asked)
    test(`keeps the answer of ${init?.method ?? 'GET'} ${path}`, async () => {
      expect(await ask(after, path, init)).toEqual(await ask(before, path, init))
    })

  test('adds a request id and health', async () => {
    const response = await after.handle(new Request('http://localhost/text'))
    expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
    expect((await after.handle(new Request('http://localhost/health/live'))).status).toBe(200)
  })

  test('warns once, with all routes that say nothing', async () => {
    const app = new Elysia()
      .use(kwik({ strict: false, headers: false, logging: { write: (line) => void lines.push(line) } }))
      .use(plain())
    for (const [path, init] of asked) await ask(app, path, init)
    const warnings = lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 'warning')
    expect(warnings).toHaveLength(1)
    for (const [path, init] of asked)
      expect(warnings[0].message).toContain(`${init?.method ?? 'GET'} /${path.split('/')[1]!.split('?')[0]}`)
  })
})

describe('kwik()', () => {
  const database = openDatabase({ url: 'sqlite::memory:' })
  afterAll(() => database.close())

  test('says what a part lacks', () => {
    const accounts = accountsService(database)
    expect(() => kwik({ accounts })).toThrow('kwik({ tokens: { secret } })')
    expect(() => kwik({ tokens: { secret } })).toThrow('kwik({ accounts })')
    expect(() => servicesOf(new Elysia())).toThrow('what kwik({...}) returned')
  })

  test('knows what it was wired with', () => {
    const accounts = accountsService(database)
    const wired = servicesOf(kwik({ database, accounts, tokens: { secret }, logging: false }))
    expect([wired.database, wired.accounts, typeof wired.tokens?.issue]).toEqual([database, accounts, 'function'])
  })

  test('takes options that were kept in a variable', async () => {
    const options = defineKwik({ permissions: ['a:read'], logging: false })
    const app = new Elysia().use(kwik(options)).get('/', () => 'x', { permission: 'a:read' })
    expect((await app.handle(new Request('http://localhost/'))).status).toBe(401)
  })

  test('adds nothing that is switched off', async () => {
    const app = new Elysia()
      .use(kwik({ logging: false, headers: false, health: false }))
      .get('/', () => 'x', { public: true })
    const response = await app.handle(new Request('http://localhost/'))
    expect([...response.headers]).toEqual([])
    expect((await app.handle(new Request('http://localhost/health/live'))).status).toBe(404)
  })
})

withRedis.test('idempotency keys are in Redis where there is one', async () => {
  const redis = openRedis({ url: redisUrl, prefix: `${randomName()}:`, deadline: '5s' })
  const app = new Elysia()
    .use(kwik({ redis, idempotency: {}, logging: false }))
    .post('/a', () => 'a', { public: true, idempotent: true })
  const headers = { 'idempotency-key': 'k' }
  await app.handle(new Request('http://localhost/a', { method: 'POST', headers }))
  const keys = (await redis.run(['KEYS', `${redis.prefix}idem:*`])) as string[]
  expect(keys).toHaveLength(1)
  await redis.run(['DEL', ...keys])
  await redis.close()
})

withRedis.test('a connection that kwik() opened is closed with the app', async () => {
  const platform = kwik({ redis: redisUrl, rateLimit: {}, logging: false, signals: false })
  const app = new Elysia()
    .use(platform)
    .get('/', () => 'x', { public: true, rateLimit: { limit: 5, per: '1m', by: 'ip' } })
  expect((await app.handle(new Request('http://localhost/'))).status).toBe(200)
  const { redis } = servicesOf(platform)
  expect(await redis!.ping()).toBe(true)
  await stopGracefully(app)
  expect(await redis!.ping()).toBe(false)
})
