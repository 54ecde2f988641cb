import { readFileSync } from 'node:fs'
import { Elysia, t } from 'elysia'
import { core, unauthenticated } from '#core/access'
import { boot } from '#core/boot'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { scopeOf } from '#core/scope'
import { describe, expect, test } from '#test'
import { type HeadersOptions, headers, nonceOf } from '../../../plugins/headers/index.ts'
import { permissions } from '../../../plugins/permissions/index.ts'
import { rateLimit } from '../../../plugins/rate-limit/index.ts'

/** Elsewhere another adapter listens. */
const onBun = test.skipIf(!('Bun' in globalThis))

const api = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}
const logger = { debug() {}, info() {}, warning() {}, error() {} }
const make = (options?: HeadersOptions, trustedProxies: readonly string[] = []) =>
  new Elysia().use(core({ signals: false, logger, trustedProxies })).use(headers(options))
type Handles = { handle(request: Request): Promise<Response> }
const ask = (app: Handles, path = '/', method = 'GET', said: Record<string, string> = {}) =>
  app.handle(new Request(`http://localhost${path}`, { method, headers: said }))
const pick = (response: Response, names: Iterable<string>) =>
  Object.fromEntries([...names].map((name) => [name, response.headers.get(name)]))

const everything = () =>
  make()
    .use(rateLimit())
    .get('/', () => ({ a: 1 }), { public: true })
    .get('/static', 'plain', { public: true })
    .get('/304', () => new Response(null, { status: 304 }), { public: true })
    .get('/private', () => 'x', { auth: true })
    .get(
      '/fails',
      () => {
        throw new Error('secret detail')
      },
      { public: true },
    )
    .get('/limited', () => 'x', { public: true, rateLimit: { limit: 1, per: '1h' } })
    .get('/redirect', ({ redirect }) => redirect('http://localhost/'), { public: true })
    .get('/see', () => Response.redirect('http://localhost/', 303), { public: true })
    .get('/file', () => new Response(readFileSync(import.meta.filename)), { public: true })
    .get(
      '/stream',
      async function* () {
        yield 'a'
        yield 'b'
      },
      { public: true },
    )
    .post('/post', ({ body }) => body, { public: true, bodyLimit: 10 })
    .post('/shaped', ({ body }) => body, { public: true, body: t.Object({ a: t.Number() }) })
    .guard({ public: true }, (inner) => inner.mount('/mounted', () => new Response('m', { status: 201 })))
    .ws('/ws', { public: true, message() {} })

describe('the api profile is on every answer', () => {
  const app = everything()
  test.each([
    ['GET', '/', 200],
    ['HEAD', '/', 200],
    ['OPTIONS', '/', 204],
    ['GET', '/static', 200],
    ['GET', '/304', 304],
    ['GET', '/private', 401],
    ['GET', '/none', 404],
    ['PUT', '/', 405],
    ['GET', '/%zz', 400],
    ['GET', '/fails', 500],
    ['GET', '/redirect', 302],
    ['GET', '/see', 303],
    ['GET', '/file', 200],
    ['GET', '/stream', 200],
    ['GET', '/mounted', 201],
    ['GET', `/${'x'.repeat(9000)}`, 414],
  ])('%s %s', async (method, path, status) => {
    const response = await ask(app, path, method)
    expect([response.status, pick(response, Object.keys(api))]).toEqual([status, api])
    if (status === 500) expect(await response.text()).not.toContain('secret')
  })

  test('also where a body is refused, and where there were too many', async () => {
    const body = (text: string, path = '/post') =>
      app.handle(
        new Request(`http://localhost${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: text,
        }),
      )
    const [broken, large] = [await body('{'), await body('"0123456789"')]
    await ask(app, '/limited')
    const limited = await ask(app, '/limited')
    const invalid = await body('{"a":"b"}', '/shaped')
    expect([broken.status, large.status, limited.status, invalid.status]).toEqual([400, 413, 429, 422])
    for (const response of [broken, large, limited, invalid]) expect(pick(response, Object.keys(api))).toEqual(api)
  })

  onBun('on a real socket as well, and on the handshake of a web socket', async () => {
    const served = everything().listen({ port: 0, hostname: '127.0.0.1' })
    try {
      const base = `http://127.0.0.1:${served.server!.port}`
      for (const path of ['/', '/static', '/file', '/stream', '/none', '/mounted'])
        expect(pick(await fetch(base + path), Object.keys(api))).toEqual(api)
      const handshake = await fetch(`${base}/ws`, {
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        },
      })
      expect([handshake.status, pick(handshake, Object.keys(api))]).toEqual([101, api])
    } finally {
      await served.stop(true)
    }
  })
})

describe('what differs from the profile', () => {
  test('is said for the app or for a route, and false takes a header away', async () => {
    const app = make({ set: { 'X-Frame-Options': 'DENY', 'origin-agent-cluster': false } })
      .get('/', () => 'x', { public: true })
      .get('/own', () => 'x', {
        public: true,
        responseHeaders: {
          'content-security-policy': { 'default-src': ["'none'"], 'img-src': ["'self'", 'data:'] },
          'x-frame-options': false,
        },
      })
      .guard({ public: true, responseHeaders: { 'x-a': 'guard' } }, (inner) =>
        inner.get('/guard', () => 'x').get('/off', () => 'x', { responseHeaders: false }),
      )
    const names = ['content-security-policy', 'x-frame-options', 'origin-agent-cluster', 'x-a']
    const seen = async (path: string) => Object.values(pick(await ask(app, path), names))
    expect(await seen('/')).toEqual([api['content-security-policy'], 'DENY', null, null])
    expect(await seen('/own')).toEqual(["default-src 'none'; img-src 'self' data:", null, null, null])
    expect(await seen('/guard')).toEqual([api['content-security-policy'], 'DENY', null, 'guard'])
    expect(await seen('/off')).toEqual([api['content-security-policy'], 'DENY', null, null])
  })

  test('is what a handler says itself, unless the header is enforced', async () => {
    const app = make({ enforce: ['Referrer-Policy'] })
      .get(
        '/set',
        ({ set }) => {
          set.headers['content-security-policy'] = "default-src 'self'"
          set.headers['referrer-policy'] = 'unsafe-url'
          return 'x'
        },
        { public: true },
      )
      .get('/response', () => new Response('x', { headers: { 'content-security-policy': "default-src 'self'" } }), {
        public: true,
      })
    for (const path of ['/set', '/response']) {
      const response = await ask(app, path)
      expect(response.headers.get('content-security-policy')).toBe("default-src 'self'")
      expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    }
  })
})

describe('answers to somebody who is signed in', () => {
  test('are not stored, unless the handler or the route says otherwise', async () => {
    const routes = (options?: HeadersOptions) =>
      make(options)
        .get('/open', () => 'x', { public: true })
        .get('/private', () => 'x', { auth: true })
        .get('/cached', () => 'x', { auth: true, responseHeaders: { 'cache-control': 'private, max-age=60' } })
    const seen = async (app: Handles, path: string) => (await ask(app, path)).headers.get('cache-control')
    expect([await seen(routes(), '/open'), await seen(routes(), '/private')]).toEqual([null, 'no-store'])
    expect(await seen(routes(), '/cached')).toBe('private, max-age=60')
    expect(await seen(routes({ noStore: false }), '/private')).toBeNull()
  })

  test('are not stored on a public route either: it may say something of theirs', async () => {
    const app = make()
      .use(
        definePlugin<KwikPlugin<{}>, {}>({
          name: 'callers',
          options: {},
          keys: [],
          setup: () => ({
            authenticator: {
              way: 'bearer',
              authenticate: ({ request }) => {
                const id = request.headers.get('authorization')
                if (id === 'bad') return unauthenticated()
                return id === null ? null : { id, via: 'bearer', user: { id }, permissions: new Set<string>() }
              },
            },
          }),
        }),
      )
      .get('/', () => ({ a: 1 }), { public: true })
      .get('/text', () => new Response('x'), { public: true })
      .get('/logo', () => 'x', { public: true, responseHeaders: { 'cache-control': 'public, max-age=60' } })
      .get('/framed', () => 'x', { public: true, responseHeaders: { 'x-frame-options': 'DENY' } })
    const seen = async (path: string, authorization?: string) =>
      (await ask(app, path, 'GET', authorization ? { authorization } : {})).headers.get('cache-control')
    for (const path of ['/', '/text', '/framed'])
      expect([await seen(path), await seen(path, '7'), await seen(path, 'bad')]).toEqual([null, 'no-store', 'no-store'])
    expect(await seen('/logo', '7')).toBe('public, max-age=60')
  })

  test('are not stored where a guard asks for a permission, whatever the route says after it', async () => {
    const app = make()
      .use(permissions({ declared: ['products:read'] }))
      .guard({ permission: 'products:read' }, (guard) =>
        guard.get('/private', () => 'x', { permission: undefined } as object),
      )
    expect((await ask(app, '/private')).headers.get('cache-control')).toBe('no-store')
  })
})

describe('Strict-Transport-Security', () => {
  const seen = async (options: HeadersOptions, url = 'https://localhost/') => {
    const app = make(options).get('/', () => 'x', { public: true })
    return (await app.handle(new Request(url))).headers.get('strict-transport-security')
  }
  test('is said over TLS alone', async () => {
    expect(await seen({})).toBe('max-age=63072000; includeSubDomains')
    expect(await seen({}, 'http://localhost/')).toBeNull()
    expect(await seen({ hsts: false })).toBeNull()
    expect(await seen({ hsts: { maxAge: '365d', preload: true } })).toBe('max-age=31536000; includeSubDomains; preload')
  })

  onBun('is said where a trusted proxy says that it came by TLS, and believed of nobody else', async () => {
    const served = async (proxies: readonly string[]) => {
      const app = make({}, proxies)
        .get('/', () => 'x', { public: true })
        .listen({ port: 0, hostname: '127.0.0.1' })
      try {
        const response = await fetch(`http://127.0.0.1:${app.server!.port}/`, {
          headers: { 'x-forwarded-proto': 'https' },
        })
        return response.headers.get('strict-transport-security')
      } finally {
        await app.stop(true)
      }
    }
    expect(await served([])).toBeNull()
    expect(await served(['127.0.0.1'])).toBe('max-age=63072000; includeSubDomains')
  })
})

describe('a page with scripts of ours', () => {
  const page = (request: Request) =>
    new Response(`<script nonce="${nonceOf(scopeOf(request))}">1</script>`, {
      headers: { 'content-type': 'text/html' },
    })
  const app = make()
    .get('/asked', ({ request }) => page(request), { public: true })
    .get('/docs', ({ request }) => page(request), { public: true, responseHeaders: 'docs' })
    .get('/data', () => 'x', { public: true })
    .get('/own', ({ request }) => page(request), {
      public: true,
      responseHeaders: { 'content-security-policy': "script-src 'nonce-{nonce}'" },
    })

  test('has a nonce that its policy names, a new one each time, and is not stored', async () => {
    for (const path of ['/asked', '/docs', '/own']) {
      const nonces = new Set<string>()
      for (let i = 0; i < 5; i++) {
        const response = await ask(app, path)
        const nonce = /nonce="([^"]+)"/.exec(await response.text())![1]!
        nonces.add(nonce)
        expect(response.headers.get('content-security-policy')).toContain(`script-src 'nonce-${nonce}'`)
        expect(response.headers.get('cache-control')).toBe('no-store')
        expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      }
      expect(nonces.size).toBe(5)
    }
    expect((await ask(app, '/data')).headers.get('content-security-policy')).toBe(api['content-security-policy'])
  })
})

describe('an app does not start', () => {
  const starts = (options: HeadersOptions) => () => boot(make(options).get('/', () => 'x', { public: true }))
  test.each<[HeadersOptions, string]>([
    [{ set: { 'content-security-policy': { 'img-src': ["'self'; script-src *"] } } }, 'img-src'],
    [{ set: { 'content-security-policy': { 'img-src': ['a,b'] } } }, 'img-src'],
    [{ set: { 'content-security-policy': { 'img src': ['a'] } } }, 'img src'],
    [{ set: { 'content-security-policy': "default-src 'none', script-src *" } }, 'comma'],
    [{ set: { 'x-a': 'a\r\nset-cookie: b' } }, 'x-a'],
    [{ set: { 'x-a': 'ü' } }, 'x-a'],
    [{ set: { 'x a': 'a' } }, 'x a'],
    [{ set: { 'x-a': { 'img-src': ['a'] } } }, 'x-a'],
    [{ enforce: ['x a'] }, 'x a'],
    [{ hsts: { preload: true, maxAge: '1d' } }, 'preload'],
    [{ hsts: { preload: true, includeSubDomains: false } }, 'preload'],
    [{ profile: 'page' as 'docs' }, 'page'],
  ])('with %j', (options, why) => {
    expect(starts(options)).toThrow(why)
  })

  test('with a route whose headers cannot be sent', () => {
    const app = make().get('/', () => 'x', { public: true, responseHeaders: { 'x-a': 'a\nb' } })
    expect(() => boot(app)).toThrow('GET /')
  })
})
