import { Elysia } from 'elysia'
import { boot } from '#core/boot'
import { scopeOf } from '#core/scope'
import { describe, expect, test } from '#test'
import { type CorsOptions, type HeadersOptions, nonceOf } from '../../plugins/headers/index.ts'
import { ask, make, onBun, platform } from './app.ts'
import { onWire } from './wire.ts'

// Each test is a row of docs/explanation/threat-model.md.

describe('origins', () => {
  const of = (cors: CorsOptions, origin: string, path = '/', method = 'GET', more: Record<string, string> = {}) =>
    ask(make({ headers: { cors } }), path, { origin, ...more }, method)
  const good = {
    origins: ['https://good.com', 'https://*.good.com', /https:\/\/[a-z]+\.shop\.com/g],
    credentials: true,
  }
  const learns = ({ headers }: Response) => [...headers.keys()].filter((name) => name.startsWith('access-control-'))

  test('origins that look like an allowed one are denied', async () => {
    for (const origin of [
      'https://evilgood.com',
      'https://good.com.evil.com',
      'http://good.com',
      'https://good.com:444',
      'https://good.com@evil.com',
      'https://a.b.good.com',
      'https://good.com%00.evil.com',
      'https://a.shop.com.evil.com',
      'https://evil.com/?https://a.shop.com',
      'https://ashop.com',
      'https://good_com',
      'file://good.com',
    ])
      expect(learns(await of(good, origin))).toEqual([])
  })

  test('the origin null is never allowed, of a sandboxed frame or a file', async () => {
    for (const origins of [good.origins, () => true, [/.*/]])
      expect(learns(await of({ origins } as CorsOptions, 'null'))).toEqual([])
  })

  test('an expression with the flag g denies and allows the same each time', async () => {
    const app = make({ headers: { cors: good } })
    for (let i = 0; i < 4; i++) {
      expect(learns(await ask(app, '/', { origin: 'https://a.shop.com' }))).not.toEqual([])
      expect(learns(await ask(app, '/', { origin: 'https://a.shop.com.evil.com' }))).toEqual([])
    }
  })

  test('everybody with credentials is no app that starts', () => {
    expect(() => boot(make({ headers: { cors: { origins: '*', credentials: true } } }))).toThrow('credentials')
  })

  test('a denied origin learns nothing: not from answers, errors or preflights', async () => {
    const evil = 'https://evil.com'
    for (const path of ['/', '/none', '/fails', '/%zz']) expect(learns(await of(good, evil, path))).toEqual([])
    const preflight = await of(good, evil, '/', 'OPTIONS', { 'access-control-request-method': 'GET' })
    expect([learns(preflight), preflight.headers.get('allow')]).toEqual([[], null])
  })

  test('a cache cannot hand what one origin may read to another: answers vary by Origin, with one or without', async () => {
    const app = make({ headers: { cors: good } })
    for (const said of [{ origin: 'https://good.com' }, { origin: 'https://evil.com' }, {}] as Record<string, string>[])
      for (const path of ['/', '/none', '/fails'])
        expect((await ask(app, path, said)).headers.get('vary')).toContain('Origin')
  })

  test('a preflight lists no method that the path does not have', async () => {
    const said = { 'access-control-request-method': 'DELETE', 'access-control-request-private-network': 'true' }
    const { headers } = await of(good, 'https://good.com', '/admin', 'OPTIONS', said)
    expect(headers.get('access-control-allow-methods')).toBe('GET, HEAD')
    expect(headers.get('access-control-allow-private-network')).toBeNull()
  })
})

describe('answers', () => {
  const reflecting = () =>
    new Elysia()
      .use(platform())
      .get(
        '/header',
        ({ set, query }) => {
          set.headers['x-said'] = String((query as Record<string, string>)['v'])
          return 'x'
        },
        { public: true } as object,
      )
      .get(
        '/response',
        ({ query }) => new Response('x', { headers: { 'x-said': String((query as Record<string, string>)['v']) } }),
        {
          public: true,
        } as object,
      )
      .get('/redirect', ({ redirect, query }) => redirect(String((query as Record<string, string>)['v'])), {
        public: true,
      } as object)
      .get(
        '/cookie',
        ({ cookie, query }) => {
          cookie['said']!.value = (query as Record<string, string>)['v'] as never
          return 'x'
        },
        { public: true } as object,
      )

  onBun('line feeds in what a caller says begin no header and no second answer', () =>
    onWire(reflecting(), async ({ send }) => {
      for (const path of ['/header', '/response', '/redirect', '/cookie'])
        for (const feed of ['%0d%0a', '%0a', '%0d', '%e5%98%8a%e5%98%8d']) {
          const answer = await send(
            `GET ${path}?v=a${feed}Set-Cookie:%20evil=1${feed}${feed}HTTP/1.1%20200%20OK HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
          )
          const [head = ''] = answer.split('\r\n\r\n')
          expect(head).not.toMatch(/^set-cookie: evil/im)
          expect(answer.match(/^HTTP\/1\.1 \d\d\d/gm)).toHaveLength(1)
        }
    }),
  )

  onBun('a request that two servers would cut in two places is refused', () =>
    onWire(make(), async ({ send }) => {
      const hidden = 'GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n'
      for (const lines of [
        'Content-Length: 4\r\nTransfer-Encoding: chunked',
        'Content-Length: 4\r\nContent-Length: 0',
        'Transfer-Encoding: xchunked',
        'Content-Length: +4',
        'Content-Length : 4',
      ]) {
        const answer = await send(`POST /post HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n\r\n0\r\n\r\n${hidden}`)
        expect([answer.split(' ')[1], answer.includes('\r\n\r\nadmin')]).toEqual(['400', false])
      }
    }),
  )

  test('a policy that would fall apart does not start', () => {
    const starts = (headers: HeadersOptions) => () => boot(make({ headers }))
    for (const source of ["'self'; script-src *", 'a.com, b.com', 'a.com\r\nset-cookie: x=1', 'a b'])
      expect(starts({ set: { 'content-security-policy': { 'img-src': [source] } } })).toThrow('img-src')
    expect(starts({ set: { 'x-a': 'a\r\nb: c' } })).toThrow('x-a')
  })

  test('a nonce is never the same twice, and never stored', async () => {
    const app = new Elysia()
      .use(platform())
      .get('/page', ({ request }) => nonceOf(scopeOf(request)), { public: true } as object)
    const seen = new Set<string>()
    for (let i = 0; i < 100; i++) {
      const answer = await ask(app, '/page')
      const nonce = await answer.text()
      expect(nonce.length).toBe(24)
      expect(answer.headers.get('content-security-policy')).toContain(`'nonce-${nonce}'`)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      seen.add(nonce)
    }
    expect(seen.size).toBe(100)
  })

  test('what an error says never leaves, in production either', async () => {
    const { NODE_ENV: before = 'test' } = process.env
    try {
      for (const mode of ['production', 'development']) {
        process.env['NODE_ENV'] = mode
        const answer = await ask(make(), '/fails')
        const text = await answer.text()
        expect([answer.status, text.includes('hunter2'), text.includes('.ts')]).toEqual([500, false, false])
      }
    } finally {
      process.env['NODE_ENV'] = before
    }
  })

  test('what somebody is told who sent credentials is kept by no cache, on public routes too', async () => {
    const app = make()
    expect((await ask(app, '/', { authorization: '7' })).headers.get('cache-control')).toBe('no-store')
    expect((await ask(app, '/')).headers.get('cache-control')).toBeNull()
  })
})
