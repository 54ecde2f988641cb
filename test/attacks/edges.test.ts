import { Elysia } from 'elysia'
import { describe, expect, test } from '#test'
import type { RatePolicies } from '../../plugins/rate-limit/index.ts'
import type { KwikOptions } from '../../src/index.ts'
import { ask, type Handles, make, onBun, once, platform, statusOf } from './app.ts'
import { onWire } from './wire.ts'

// Each test is a row of docs/explanation/threat-model.md.

describe('hosts', () => {
  const hosts = { headers: { hosts: ['api.example.com', 'localhost'] } }

  test('a Host that is not ours is refused, on every path and before anything else', async () => {
    const app = make(hosts)
    for (const path of ['/', '/none', '/limited', '/limited'])
      expect(await statusOf(app, path, {}, 'GET', 'http://evil.com')).toBe(421)
    expect(await statusOf(app, '/limited')).toBe(200)
  })

  test('a Host that looks like ours is another one', async () => {
    for (const host of [
      'api.example.com.evil.com',
      'evil-api.example.com',
      'api.example.com@evil.com',
      'xapi.example.com',
      'api-example.com',
    ])
      expect(await statusOf(make(hosts), '/', {}, 'GET', `http://${host}`)).toBe(421)
  })

  onBun('two Host headers, or a whole URL in the request line, lead to no other host', () =>
    onWire(make(hosts), async ({ send, get }) => {
      expect(await get('/', 'Host: api.example.com')).toBe(200)
      expect(await get('/', 'Host: api.example.com', 'Host: evil.com')).not.toBe(200)
      expect(await get('/', 'Host: evil.com', 'Host: api.example.com')).not.toBe(200)
      expect(await get('http://api.example.com/', 'Host: evil.com')).toBe(421)
      const answer = await send('GET http://evil.com/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
      expect(answer).not.toContain('evil.com')
    }),
  )

  onBun('X-Forwarded-Host of a stranger names no host, and no link is made of it', () =>
    onWire(make(hosts), async ({ send }) => {
      const answer = await send(
        'GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: evil.com\r\nForwarded: host=evil.com\r\nConnection: close\r\n\r\n',
      )
      expect([answer.split(' ')[1], answer.includes('evil.com')]).toEqual(['200', false])
    }),
  )

  onBun('a short Host, or none, moves no path', () =>
    onWire(make(), async ({ send, get }) => {
      for (const host of ['a', 'ab', 'abc']) expect(await get('/xx/admin', `Host: ${host}`)).toBe(404)
      expect(await send('GET /xx/admin HTTP/1.0\r\n\r\n')).toContain(' 404 ')
      expect(await send('GET /public/admin HTTP/1.0\r\n\r\n')).not.toContain('\r\n\r\nadmin')
    }),
  )

  onBun('X-Original-URL and X-Rewrite-URL name no path', () =>
    onWire(make(), async ({ get }) => {
      expect(await get('/none', 'X-Original-URL: /admin')).toBe(404)
      expect(await get('/none', 'X-Rewrite-URL: /admin')).toBe(404)
    }),
  )
})

describe('addresses', () => {
  /** Statuses of requests that each say another address, to an app that allows one an hour. */
  const limited = (options: KwikOptions, ...lines: readonly (readonly string[])[]) =>
    onWire(make(options), async ({ get }) => {
      const seen: number[] = []
      for (const one of lines) seen.push(await get('/limited', ...one))
      return seen
    })
  const behind = { trustedProxies: ['127.0.0.1'] }

  onBun('a forged X-Forwarded-For, or any header like it, makes no new caller', async () => {
    const names = [
      'X-Forwarded-For',
      'X-Real-IP',
      'X-Client-IP',
      'CF-Connecting-IP',
      'True-Client-IP',
      'X-Originating-IP',
    ]
    const lines = [
      ...names.map((name) => [`${name}: 6.6.6.6`]),
      ['Forwarded: for=6.6.6.6'],
      ['X-Forwarded-For: 127.0.0.1'],
    ]
    expect(await limited({}, [], ...lines)).toEqual([200, ...lines.map(() => 429)])
  })

  onBun('what a client wrote itself before its proxy did is not believed', async () => {
    expect(
      await limited(
        behind,
        ['X-Forwarded-For: 1.1.1.1, 9.9.9.9'],
        ['X-Forwarded-For: 2.2.2.2, 9.9.9.9'],
        ['X-Forwarded-For: 2.2.2.2', 'X-Forwarded-For: 9.9.9.9'],
      ),
    ).toEqual([200, 429, 429])
  })

  onBun('a port, brackets, a zone or another spelling of one address make no new caller', async () => {
    expect(
      await limited(
        behind,
        ['X-Forwarded-For: 1.2.3.4:5678'],
        ['X-Forwarded-For: 1.2.3.4:5679'],
        ['X-Forwarded-For: ::ffff:1.2.3.4'],
        ['X-Forwarded-For: [::ffff:102:304]:80'],
        ['X-Forwarded-For: [2001:db8::1]:9'],
        ['Forwarded: for="[2001:DB8:0:0::1]:80"'],
        ['X-Forwarded-For: 2001:db8::1%eth0'],
      ),
    ).toEqual([200, 429, 429, 429, 200, 429, 429])
  })

  onBun('names that say nothing, and lists without an end, stay with the proxy', async () => {
    const long = Array.from({ length: 1000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`).join(', ')
    expect(
      await limited(
        { trustedProxies: ['127.0.0.1', '10.0.0.0/8'] },
        ['X-Forwarded-For: 6.6.6.6, unknown'],
        ['X-Forwarded-For: 7.7.7.7, _hidden'],
        ['X-Forwarded-For: 8.8.8.8, 999.1.1.1'],
        [`X-Forwarded-For: 6.6.6.1, ${long}`],
        [`X-Forwarded-For: 6.6.6.2, ${long}`],
      ),
    ).toEqual([200, 429, 429, 200, 429])
  })

  onBun('Forwarded beside X-Forwarded-For: where they differ neither is believed', async () => {
    expect(
      await limited(
        behind,
        ['X-Forwarded-For: 9.9.9.9', 'Forwarded: for=6.6.6.6'],
        ['X-Forwarded-For: 9.9.9.9', 'Forwarded: for=7.7.7.7'],
        ['X-Forwarded-For: 9.9.9.9', 'Forwarded: for=9.9.9.9'],
      ),
    ).toEqual([200, 429, 200])
  })

  onBun('an address of IPv6 for each request is one caller in its /64, and 32 in its /48', async () => {
    const from = (address: string) => [`X-Forwarded-For: ${address}`]
    const inOne = Array.from({ length: 5 }, (_, at) => from(`2001:db8::${at + 1}`))
    expect(await limited(behind, ...inOne)).toEqual([200, 429, 429, 429, 429])
    const networks = Array.from({ length: 40 }, (_, at) => from(`2001:db8:1:${at.toString(16)}::1`))
    const seen = await limited(behind, ...networks)
    expect(seen.filter((status) => status === 200).length).toBe(32)
  })

  onBun('X-Forwarded-Proto of a stranger makes no request secure', () =>
    onWire(make(), async ({ send }) => {
      const answer = await send(
        'GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n',
      )
      expect(answer).toContain('"secure":false')
      expect(answer.toLowerCase()).not.toContain('strict-transport-security')
    }),
  )
})

describe('limits', () => {
  onBun('no other spelling of a path has a count of its own', () =>
    onWire(make(), async ({ get }) => {
      expect(await get('/limited')).toBe(200)
      const spellings = [
        '/limited/',
        '/limited?a=1',
        '/./limited',
        '/x/../limited',
        '/%6Cimited',
        '/LIMITED',
        '//limited',
      ]
      const more = [
        '/limited%20',
        '/limited;a=1',
        '/limited%00',
        '/limited%2f',
        '/limited?',
        '/limited#a',
        '/limited%2e',
      ]
      for (const path of [...spellings, ...more]) expect([429, 404, 400]).toContain(await get(path))
    }),
  )

  test('HEAD counts as the GET that it stands for', async () => {
    const app = make()
    expect(await statusOf(app, '/limited', {}, 'HEAD')).toBe(200)
    expect([await statusOf(app, '/limited', {}, 'HEAD'), await statusOf(app, '/limited')]).toEqual([429, 429])
  })

  test('a header that names another method changes none', async () => {
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
      const app = make()
      expect(await statusOf(app, '/post', { [name]: 'POST' })).toBe(405)
      expect(await statusOf(app, '/limited', { [name]: 'OPTIONS' })).toBe(200)
      expect(await statusOf(app, '/limited', { [name]: 'OPTIONS' })).toBe(429)
    }
  })

  test('OPTIONS, methods and paths that are not there count for the address', async () => {
    for (const [path, method] of [
      ['/limited', 'OPTIONS'],
      ['/none', 'GET'],
      ['/limited', 'DELETE'],
      ['/none', 'PROPFIND'],
    ] as const) {
      const app = make({ rateLimit: { global: { limit: 2, per: '1h' } } })
      await statusOf(app, path, {}, method)
      await statusOf(app, path, {}, method)
      expect(await statusOf(app, path, {}, method)).toBe(429)
    }
  })

  test('a preflight that is none reaches no route without its limit', async () => {
    const app = make({ headers: { cors: { origins: ['https://good.com'] } } })
    const said = { origin: 'https://good.com', 'access-control-request-method': 'GET' }
    expect(await statusOf(app, '/limited', said)).toBe(200)
    expect(await statusOf(app, '/limited', said)).toBe(429)
    const preflight = await ask(app, '/limited', said, 'OPTIONS')
    expect([preflight.status, await preflight.text()]).toEqual([204, ''])
  })

  test('a crowd at once gets no further than one after the other', async () => {
    const app = make({}, { limit: 10, per: '1h', by: 'ip' })
    const seen = await Promise.all(Array.from({ length: 200 }, () => statusOf(app, '/limited')))
    expect(seen.filter((status) => status === 200).length).toBe(10)
  })

  test('a user whose id is the name of another count has a count of his own', async () => {
    const app = make({}, { ...once, by: 'user' })
    const ids = ['ip:none', 'user:1', '1', 'own:1', 'rl:default:*:ip:none', 'x'.repeat(4000)]
    expect(await statusOf(app, '/limited')).toBe(200)
    for (const id of ids) expect(await statusOf(app, '/limited', { authorization: id })).toBe(200)
    for (const id of ids) expect(await statusOf(app, '/limited', { authorization: id })).toBe(429)
  })

  test('a large body over the limit is not read', async () => {
    const app = make()
    const post = (size: number) =>
      new Request('http://localhost/post', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `{"a":${'1'.repeat(size)}}`,
      })
    await app.handle(post(1))
    const large = post(10_000_000)
    expect([(await app.handle(large)).status, large.bodyUsed]).toEqual([429, false])
  })

  test('a cost that is no number, or less than nothing, is never taken for free', async () => {
    const app = make({}, { limit: 10, per: '1h', cost: ({ query }) => Number(query.get('size') ?? 1) })
    expect(await statusOf(app, '/limited?size=10')).toBe(200)
    for (const size of ['-10', 'NaN', 'x', '0.5', '1e99', 'Infinity']) {
      expect([400, 500]).toContain(await statusOf(app, `/limited?size=${size}`))
      expect(await statusOf(app, '/limited')).toBe(429)
    }
  })

  test('guesses are not hidden among good answers, nor sent all at once', async () => {
    const policy: RatePolicies = { limit: 3, per: '1h', by: 'ip', countWhen: 'failure' }
    const guess = (app: Handles, right: boolean) => statusOf(app, '/login', right ? { 'x-right': 'yes' } : {})
    const login = () =>
      new Elysia()
        .use(platform())
        .get('/login', ({ request, status }) => (request.headers.has('x-right') ? 'in' : status(401, 'no')), {
          public: true,
          rateLimit: policy,
        } as object)
    const mixed = login()
    const seen: number[] = []
    for (let i = 0; i < 6; i++) {
      seen.push(await guess(mixed, false))
      if (i < 3) await guess(mixed, true)
    }
    expect(seen).toEqual([401, 401, 401, 429, 429, 429])
    const crowd = login()
    const all = await Promise.all(Array.from({ length: 50 }, () => guess(crowd, false)))
    expect(all.filter((status) => status === 401).length).toBe(3)
  })
})
