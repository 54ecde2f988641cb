import { Elysia } from 'elysia'
import { core } from '#core/access'
import { boot } from '#core/boot'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Principal, Way } from '#core/scope'
import { describe, expect, test } from '#test'
import { type RateLimitOptions, type RatePolicies, rateLimit } from '../../../plugins/rate-limit/index.ts'

/** Elsewhere another adapter listens. */
const onBun = describe.skipIf(!('Bun' in globalThis))

/** Callers are who they say: `<way> <id>`. */
const callers = () =>
  definePlugin<KwikPlugin<{}>, {}>({
    name: 'callers',
    options: {},
    keys: [],
    setup: () => ({
      authenticator: {
        way: 'bearer',
        authenticate: ({ request }): Principal | null => {
          const [via, id] = request.headers.get('authorization')?.split(' ') ?? []
          return id === undefined ? null : { id, via: via as Way, user: { id }, permissions: new Set() }
        },
      },
    }),
  })
const make = (options: RateLimitOptions = {}) =>
  new Elysia()
    .use(core({ signals: false }))
    .use(callers())
    .use(rateLimit(options))
const app = (policy: RatePolicies | false, options: RateLimitOptions = {}) =>
  make(options)
    .get('/a', () => 'a', { public: true, rateLimit: policy })
    .get('/b', () => 'b', { public: true, rateLimit: policy })
    .post('/a', ({ body }) => body, { public: true, rateLimit: policy })
type Handles = { handle(request: Request): Promise<Response> }
const ask = (to: Handles, path: string, who?: string, method = 'GET') =>
  to.handle(new Request(`http://localhost${path}`, { method, headers: who ? { authorization: who } : {} }))
const statuses = async (to: Handles, ...paths: [path: string, who?: string][]) => {
  const seen: number[] = []
  for (const [path, who] of paths) seen.push((await ask(to, path, who)).status)
  return seen
}

/** What the policies are, without the names of partitions. */
const policies = (headers: Headers) => headers.get('ratelimit-policy')?.replaceAll(/;pk=:[\w+/=]{12}:/g, '')

describe('a limit on a route', () => {
  test('answers what is too much with a problem that says when to come again', async () => {
    const one = app({ limit: 2, per: '1m' })
    expect(await statuses(one, ['/a'], ['/a'])).toEqual([200, 200])
    const refused = await ask(one, '/a')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30'])
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(await refused.json()).toEqual({
      type: '/problems/rate-limited',
      title: 'Too many requests',
      status: 429,
      code: 'KWIK_RATE_LIMITED',
      detail: 'The limit "default" is 2 in 60 s. Try again in 30 s.',
    })
  })

  test('says on each answer what it is and what is left', async () => {
    const one = app([
      { limit: 10, per: '1s' },
      { name: 'daily', limit: 1000, per: '1d', by: 'ip' },
    ])
    const { headers } = await ask(one, '/a')
    expect(policies(headers)).toBe('"default";q=10;w=1, "daily";q=1000;w=86400')
    expect(headers.get('ratelimit')).toBe('"default";r=9;t=1, "daily";r=999;t=87')
    const silent = await ask(app({ limit: 2, per: '1m' }, { fields: false }), '/a')
    expect([silent.headers.get('ratelimit'), silent.headers.get('ratelimit-policy')]).toEqual([null, null])
  })

  test('names the count that an answer is of, and says nothing of the caller by it', async () => {
    const one = app({ limit: 10, per: '1m' })
    const partition = async (path: string, who?: string) =>
      /;pk=:([^:]+):$/.exec((await ask(one, path, who)).headers.get('ratelimit-policy')!)![1]!
    const seen = [await partition('/a'), await partition('/b'), await partition('/a', 'bearer 1')]
    expect(new Set(seen).size).toBe(3)
    expect([await partition('/a'), await partition('/b'), await partition('/a', 'bearer 1')]).toEqual(seen)
    for (const text of seen) expect(text).toMatch(/^[\w+/]{11}=$/)
  })

  test('counts each route for itself, and routes whose policy has one name together', async () => {
    expect(await statuses(app({ limit: 1, per: '1m' }), ['/a'], ['/b'], ['/a'])).toEqual([200, 200, 429])
    expect(await statuses(app({ limit: 1, per: '1m', name: 'both' }), ['/a'], ['/b'])).toEqual([200, 429])
  })

  test('counts each user for himself, and strangers by address', async () => {
    const one = app({ limit: 1, per: '1m' })
    expect(await statuses(one, ['/a', 'bearer 1'], ['/a', 'bearer 2'], ['/a'], ['/a', 'bearer 1'], ['/a'])).toEqual([
      200, 200, 200, 429, 429,
    ])
  })

  test('counts an API key beside the user who has it, when it is told to', async () => {
    const one = app({ limit: 1, per: '1m', by: 'apiKey' })
    expect(await statuses(one, ['/a', 'apiKey 1'], ['/a', 'bearer 1'], ['/a', 'apiKey 1'])).toEqual([200, 200, 429])
  })

  test('takes no id for another: not one that looks like an address, not one of any length', async () => {
    const one = app({ limit: 1, per: '1m' })
    const long = 'x'.repeat(5000)
    expect(
      await statuses(one, ['/a'], ['/a', 'bearer ip:none'], ['/a', `bearer ${long}y`], ['/a', `bearer ${long}z`]),
    ).toEqual([200, 200, 200, 200])
  })

  test('refuses before the body is read', async () => {
    const one = app({ limit: 1, per: '1m' })
    const post = () =>
      new Request('http://localhost/a', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `"${'x'.repeat(900_000)}"`,
      })
    expect((await one.handle(post())).status).toBe(200)
    const second = post()
    expect([(await one.handle(second)).status, second.bodyUsed]).toEqual([429, false])
  })

  test('takes nothing of one policy where another refuses', async () => {
    const one = app([
      { limit: 100, per: '1h' },
      { limit: 1, per: '1h' },
    ])
    await statuses(one, ['/a'], ['/a'], ['/a'])
    expect((await ask(one, '/a')).headers.get('ratelimit')).toMatch(/^"default";r=99;/)
  })

  test('counts HEAD as the GET that it stands for', async () => {
    const one = app({ limit: 1, per: '1m' })
    expect((await ask(one, '/a', undefined, 'HEAD')).status).toBe(200)
    expect(await statuses(one, ['/a'])).toEqual([429])
  })

  test('gives way again as time goes by', async () => {
    let now = 0
    const one = app({ limit: 1, per: '10s' }, { clock: { now: () => now } })
    expect(await statuses(one, ['/a'], ['/a'])).toEqual([200, 429])
    now = 10_000
    expect(await statuses(one, ['/a'], ['/a'])).toEqual([200, 429])
  })
})

describe('a limit for every route', () => {
  const options: RateLimitOptions = { routes: { limit: 1, per: '1m' } }
  const one = make(options)
    .get('/a', () => 'a', { public: true })
    .get('/more', () => 'm', { public: true, rateLimit: { limit: 2, per: '1m' } })
    .get('/free', () => 'f', { public: true, rateLimit: false })

  test('holds where a route says nothing, and not where it says something else', async () => {
    expect(await statuses(one, ['/a'], ['/a'], ['/more'], ['/more'], ['/more'])).toEqual([200, 429, 200, 200, 429])
    expect(await statuses(one, ['/free'], ['/free'], ['/free'])).toEqual([200, 200, 200])
  })
})

describe('a global limit', () => {
  const global = { limit: 3, per: '1m' } as const
  test('counts whatever an address asks for: also what is not there, HEAD and OPTIONS, each once', async () => {
    for (const [path, method] of [
      ['/none', 'GET'],
      ['/a', 'HEAD'],
      ['/a', 'OPTIONS'],
      ['/a', 'PUT'],
      ['/a', 'GET'],
    ] as const) {
      const one = app(false, { global })
      for (let i = 0; i < 3; i++) expect((await ask(one, path, undefined, method)).status).not.toBe(429)
      expect((await ask(one, path, undefined, method)).status).toBe(429)
      expect((await ask(one, '/b', 'bearer 7')).status).toBe(429)
    }
  })

  test('stands beside the limits of routes', async () => {
    const one = app({ limit: 2, per: '1m' }, { global })
    const { headers } = await ask(one, '/a')
    expect(policies(headers)).toBe('"global";q=3;w=60, "default";q=2;w=60')
    expect(headers.get('ratelimit')).toBe('"global";r=2;t=20, "default";r=1;t=30')
  })
})

onBun('on a real socket', () => {
  test('the address that counts is that of the socket or what a trusted proxy says', async () => {
    const make = (trustedProxies: string[]) =>
      new Elysia()
        .use(core({ trustedProxies, signals: false }))
        .use(rateLimit({ global: { limit: 1, per: '1m' } }))
        .get('/', () => 'x', { public: true })
        .ws('/ws', { public: true, rateLimit: { limit: 1, per: '1m' }, message() {} })
        .listen({ port: 0, hostname: '127.0.0.1' })
    const from = async (port: number, address: string) =>
      (await fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-forwarded-for': address } })).status
    const open = make([])
    const behind = make(['127.0.0.1'])
    try {
      const port = open.server!.port!
      expect([await from(port, '6.6.6.6'), await from(port, '7.7.7.7')]).toEqual([200, 429])
      const proxied = behind.server!.port!
      expect([await from(proxied, '6.6.6.6'), await from(proxied, '7.7.7.7')]).toEqual([200, 200])
      expect(await from(proxied, '9.9.9.9, 6.6.6.6')).toBe(429)
      expect([await from(proxied, '2001:db8::1'), await from(proxied, '2001:db8::2')]).toEqual([200, 429])
    } finally {
      await open.stop(true)
      await behind.stop(true)
    }
  })

  test('plain values and files are counted like what a function makes', async () => {
    const one = make({ global: { limit: 5, per: '1m' } })
      .get('/static', 'plain', { public: true, rateLimit: { limit: 1, per: '1m' } })
      .get('/file', () => Bun.file(import.meta.filename), { public: true, rateLimit: { limit: 1, per: '1m' } })
      .get('/free', 'plain', { public: true })
      .listen({ port: 0, hostname: '127.0.0.1' })
    const get = async (path: string) => (await fetch(`http://127.0.0.1:${one.server!.port}${path}`)).status
    try {
      expect([await get('/static'), await get('/static')]).toEqual([200, 429])
      expect([await get('/file'), await get('/file')]).toEqual([200, 429])
      expect([await get('/free'), await get('/free')]).toEqual([200, 429])
    } finally {
      await one.stop(true)
    }
  })

  test('a web socket is counted when it is opened', async () => {
    const one = make()
      .ws('/ws', { public: true, rateLimit: { limit: 1, per: '1m' }, message() {} })
      .listen({ port: 0, hostname: '127.0.0.1' })
    const opened = () =>
      new Promise<boolean>((settle) => {
        const socket = new WebSocket(`ws://127.0.0.1:${one.server!.port}/ws`)
        socket.onopen = () => {
          socket.close()
          settle(true)
        }
        socket.onerror = () => settle(false)
      })
    try {
      expect([await opened(), await opened()]).toEqual([true, false])
    } finally {
      await one.stop(true)
    }
  })
})

describe('an app', () => {
  const starts = (policy: RatePolicies, options?: RateLimitOptions) => () => boot(app(policy, options))
  const fine = { limit: 1, per: '1m' } as const
  test('does not start with a policy that cannot hold, and says which route has it', () => {
    expect(starts({ ...fine, cost: 2 })).toThrow('GET /a')
    expect(starts(fine, { global: { ...fine, by: 'user' } })).toThrow("by is 'ip'")
    expect(starts(fine, { expectedNodes: 0 })).toThrow('expectedNodes')
    expect(starts(fine)).not.toThrow()
  })
})
