import { Elysia, t } from 'elysia'
import { core } from '#core/access'
import { boot } from '#core/boot'
import { describe, expect, test } from '#test'
import { type CorsOptions, headers } from '../../../plugins/headers/index.ts'
import { rateLimit } from '../../../plugins/rate-limit/index.ts'
import { tenants } from '../../../plugins/tenants/index.ts'
import { versions } from '../../../plugins/versioning/index.ts'

const logger = { debug() {}, info() {}, warning() {}, error() {} }
const make = (cors?: CorsOptions) =>
  new Elysia()
    .use(core({ signals: false, logger }))
    .use(headers(cors && { cors }))
    .use(rateLimit({ global: { limit: 1000, per: '1h' } }))
    .get('/p', () => 'x', { public: true })
    .post('/p', ({ body }) => body, { public: true, body: t.Object({ a: t.Number() }) })
    .get('/private', () => 'x', { auth: true })
    .get('/limited', () => 'x', { public: true, rateLimit: { limit: 1, per: '1h' } })
    .get(
      '/vary',
      ({ set }) => {
        set.headers['vary'] = 'Accept, origin'
        return 'x'
      },
      { public: true },
    )
    .get(
      '/fails',
      () => {
        throw new Error('no')
      },
      { public: true },
    )
    .options('/own', () => 'mine', { public: true })
    .get('/own', () => 'x', { public: true })
type Handles = { handle(request: Request): Promise<Response> }
const good = { origins: ['https://good.com', 'http://localhost:3000'] } satisfies CorsOptions
const ask = (
  app: Handles,
  origin?: string,
  path = '/p',
  method = 'GET',
  more: Record<string, string> = {},
  body?: string,
) =>
  app.handle(
    new Request(`http://localhost${path}`, {
      method,
      headers: { ...(origin && { origin }), ...more },
      body: body ?? null,
    }),
  )
const preflight = (app: Handles, origin: string, path = '/p', wanted = 'POST') =>
  ask(app, origin, path, 'OPTIONS', { 'access-control-request-method': wanted })
const corsNames = (response: Response) =>
  [...response.headers.keys()].filter((name) => name.startsWith('access-control-'))
const allowed = async (cors: CorsOptions, origin: string) =>
  (await ask(make(cors), origin)).headers.get('access-control-allow-origin')

describe('without CORS', () => {
  test('no origin is allowed, and OPTIONS is a method like others', async () => {
    const response = await preflight(make(), 'https://good.com')
    expect([response.status, response.headers.get('allow'), corsNames(response)]).toEqual([
      204,
      'GET, HEAD, OPTIONS, POST',
      [],
    ])
    expect((await ask(make(), 'https://good.com')).headers.get('vary')).toBeNull()
  })
})

describe('a header of the app’s own choosing', () => {
  test('that names the tenant or the version may be sent, and no other', async () => {
    const api = versions({ vendor: 'shop', readers: [{ header: 'X-Api' }], list: [{ v: '1', released: '2026-01-01' }] })
    const app = new Elysia()
      .use(core({ signals: false, logger }))
      .use(headers({ cors: good }))
      .use(tenants({ by: 'header', name: 'X-Shop' }))
      .use(api)
      .get('/p', () => 'x', { public: true })
    const names = (await preflight(app, 'https://good.com')).headers.get('access-control-allow-headers')?.split(', ')
    expect(names).toEqual(expect.arrayContaining(['authorization', 'x-api', 'x-shop']))
    const plain = (await preflight(make(good), 'https://good.com')).headers.get('access-control-allow-headers')
    expect(plain).toBe('authorization, content-type, idempotency-key, if-match, if-none-match, x-api-key, x-request-id')
  })
})

describe('an origin', () => {
  test.each([
    'null',
    'https://evilgood.com',
    'https://good.com.evil',
    'http://good.com',
    'https://good.com:444',
    'https://good.com/',
    'https://good.com/a',
    'https://u@good.com',
    'good.com',
    '*',
    'https://sub.good.com',
  ])('%s is denied, without a word', async (origin) => {
    const response = await ask(make(good), origin)
    expect([response.status, corsNames(response), response.headers.get('vary')]).toEqual([200, [], 'Origin'])
    const answer = await preflight(make(good), origin)
    expect([answer.status, corsNames(answer), answer.headers.get('vary')]).toEqual([
      204,
      [],
      'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    ])
  })

  test('is allowed in any of its spellings', async () => {
    expect(await allowed(good, 'https://good.com')).toBe('https://good.com')
    expect(await allowed(good, 'HTTPS://GOOD.COM')).toBe('https://good.com')
    expect(await allowed(good, 'https://good.com:443')).toBe('https://good.com')
    expect(await allowed(good, 'http://localhost:3000')).toBe('http://localhost:3000')
    expect(await allowed({ origins: ['HTTPS://Good.com'] }, 'https://good.com')).toBe('https://good.com')
  })

  test('with a star has one label more', async () => {
    const cors = { origins: ['https://*.good.com'] }
    expect(await allowed(cors, 'https://a.good.com')).toBe('https://a.good.com')
    for (const origin of [
      'https://good.com',
      'https://a.b.good.com',
      'https://agood.com',
      'https://a.good.com.evil',
      'https://a-good.com',
      'http://a.good.com',
    ])
      expect(await allowed(cors, origin)).toBeNull()
  })

  test('fits an expression as a whole, the second time too', async () => {
    const app = make({ origins: [/https:\/\/[a-z]+\.good\.com/g] })
    for (let i = 0; i < 3; i++)
      expect((await ask(app, 'https://a.good.com')).headers.get('access-control-allow-origin')).toBe(
        'https://a.good.com',
      )
    for (const origin of ['https://a.good.com.evil', 'https://a.good.com:444'])
      expect((await ask(app, origin)).headers.get('access-control-allow-origin')).toBeNull()
  })

  test('is asked of a function, at once or later; null it is not asked of', async () => {
    const asked: string[] = []
    const origins = (origin: string) => asked.push(origin) > 0 && origin === 'https://good.com'
    for (const check of [origins, async (origin: string) => origins(origin)]) {
      expect(await allowed({ origins: check }, 'https://good.com')).toBe('https://good.com')
      expect(await allowed({ origins: check }, 'https://bad.com')).toBeNull()
      expect(await allowed({ origins: check }, 'null')).toBeNull()
      const answer = await preflight(make({ origins: check }), 'https://good.com')
      expect([answer.status, answer.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, HEAD, POST'])
    }
    expect(asked).not.toContain('null')
  })
})

describe('an allowed answer', () => {
  test('says who may read it and which of its headers, and that the page may have it', async () => {
    const { headers } = await ask(make(good), 'https://good.com')
    expect(headers.get('access-control-expose-headers')).toContain('link')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(headers.get('vary')).toBe('Origin')
    const own = await ask(make({ ...good, credentials: true, exposedHeaders: ['X-Total'] }), 'https://good.com')
    expect(own.headers.get('access-control-allow-credentials')).toBe('true')
    expect(own.headers.get('access-control-expose-headers')).toBe('x-total')
  })

  test('varies by origin also without one, beside what the handler says', async () => {
    expect((await ask(make(good))).headers.get('vary')).toBe('Origin')
    expect((await ask(make(good), 'https://good.com', '/vary')).headers.get('vary')).toBe('Accept, origin')
    expect((await ask(make(good))).headers.get('cross-origin-resource-policy')).toBe('same-origin')
  })

  test('may be an error of any kind', async () => {
    const app = make(good)
    await ask(app, undefined, '/limited')
    const json = { 'content-type': 'application/json' }
    const answers = [
      await ask(app, 'https://good.com', '/p', 'POST', json, '{"a":"b"}'),
      await ask(app, 'https://good.com', '/fails'),
      await ask(app, 'https://good.com', '/private'),
      await ask(app, 'https://good.com', '/none'),
      await ask(app, 'https://good.com', '/limited'),
    ]
    expect(answers.map((one) => one.status)).toEqual([422, 500, 401, 404, 429])
    for (const { headers } of answers) expect(headers.get('access-control-allow-origin')).toBe('https://good.com')
  })

  test('to everybody says so, and needs no Vary', async () => {
    const { headers } = await ask(make({ origins: '*' }), 'https://any.com')
    expect([headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual(['*', null])
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
  })
})

describe('a preflight', () => {
  test('is told the methods of the path, headers and how long that holds', async () => {
    const { headers, status } = await preflight(
      make({ ...good, allowedHeaders: ['X-A', 'Content-Type'] }),
      'https://good.com',
    )
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe('https://good.com')
    expect(headers.get('access-control-allow-methods')).toBe('GET, HEAD, POST')
    expect(headers.get('access-control-allow-headers')).toBe('x-a, content-type')
    expect(headers.get('access-control-max-age')).toBe('600')
  })

  test('is answered before limits and before anybody is asked who he is', async () => {
    const app = make(good)
    for (let i = 0; i < 3; i++) expect((await preflight(app, 'https://good.com', '/limited', 'GET')).status).toBe(204)
    const answer = await preflight(app, 'https://good.com', '/private', 'GET')
    expect([answer.status, answer.headers.get('ratelimit')]).toEqual([204, null])
    expect((await ask(app, undefined, '/limited')).status).toBe(200)
  })

  test('is no other OPTIONS request: that reaches the route', async () => {
    const app = make(good)
    expect(await (await ask(app, 'https://good.com', '/own', 'OPTIONS')).text()).toBe('mine')
    const without = await ask(app, undefined, '/own', 'OPTIONS', { 'access-control-request-method': 'GET' })
    expect(await without.text()).toBe('mine')
    expect((await preflight(app, 'https://good.com', '/own', 'GET')).status).toBe(204)
  })
})

describe('an app does not start with CORS', () => {
  test.each<[CorsOptions, string]>([
    [{ origins: '*', credentials: true }, 'credentials'],
    [{ origins: ['*'] }, "'*', alone"],
    [{ origins: ['good.com'] }, 'good.com'],
    [{ origins: ['https://good.com/app'] }, '/app'],
    [{ origins: ['null'] }, 'null'],
    [{ origins: ['https://*'] }, 'https://*'],
    [{ origins: ['https://a.*.com'] }, 'https://a.*.com'],
    [{ ...good, allowedHeaders: ['x a'] }, 'x a'],
  ])('for %j', (cors, why) => {
    expect(() => boot(make(cors))).toThrow(why)
  })
})
