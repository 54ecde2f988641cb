import { Elysia } from 'elysia'
import { core } from '#core/access'
import { boot } from '#core/boot'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import { describe, expect, test } from '#test'
import {
  type LimitedCall,
  type RateLimitOptions,
  type RatePolicies,
  rateLimit,
  rateLimitOf,
} from '../../../plugins/rate-limit/index.ts'
import { inEach } from './stores.ts'

const errors: { message: string; about: object | undefined }[] = []
const logger = {
  debug() {},
  info() {},
  warning() {},
  error: (message: string, about?: object) => void errors.push({ message, about }),
}
/** Callers are who they say, and come from where they say. */
const callers = () =>
  definePlugin<KwikPlugin<{}>, {}>({
    name: 'callers',
    options: {},
    keys: [],
    setup: () => ({
      open: (scope) => {
        const address = scope.request.headers.get('x-address')
        if (address !== null) Object.defineProperty(scope, 'address', { value: address })
      },
      authenticator: {
        way: 'bearer',
        authenticate: ({ request }) => {
          const id = request.headers.get('authorization')
          return id === null ? null : { id, via: 'bearer', user: { id }, permissions: new Set<string>() }
        },
      },
    }),
  })
const make = (options: RateLimitOptions = {}) =>
  new Elysia()
    .use(core({ signals: false, logger }))
    .use(callers())
    .use(rateLimit(options))
type Handles = { handle(request: Request): Promise<Response> }
const ask = (app: Handles, path = '/a', said: Record<string, string> = {}, method = 'GET') =>
  app.handle(new Request(`http://localhost${path}`, { method, headers: said }))
const statuses = async (app: Handles, ...paths: string[]) => {
  const seen: number[] = []
  for (const path of paths) seen.push((await ask(app, path)).status)
  return seen
}
const left = (response: Response) => Number(/;r=(\d+)/.exec(response.headers.get('ratelimit')!)![1])
const perHour = { limit: 10, per: '1h' } as const

describe('the cost of a call', () => {
  inEach('is what a function says of query, path and headers', async (store) => {
    const seen: LimitedCall[] = []
    const app = make(store).get('/p/:id/x-:kind/*', () => 'x', {
      public: true,
      rateLimit: {
        ...perHour,
        cost: (call) => {
          seen.push(call)
          return call.query.has('deep') ? 5 : 1
        },
      },
    })
    expect(left(await ask(app, '/p/7%3A/x-b/c/d?deep=1'))).toBe(5)
    expect(left(await ask(app, '/p/7/x-b/c?page=1'))).toBe(4)
    expect((await ask(app, '/p/7/x-b/c?deep')).status).toBe(429)
    expect(left(await ask(app, '/p/7/x-b/c'))).toBe(3)
    const { method, path, params, principal } = seen[0]!
    expect([method, path, { ...params }, principal]).toEqual([
      'GET',
      '/p/7%3A/x-b/c/d',
      { id: '7:', kind: 'b', '*': 'c/d' },
      null,
    ])
  })

  inEach('that could never pass is refused as a bad request, and counts for nothing', async (store) => {
    const app = make(store).get('/a', () => 'x', {
      public: true,
      rateLimit: [perHour, { ...perHour, name: 'units', cost: ({ query }) => Number(query.get('size')) }],
    })
    const refused = await ask(app, '/a?size=11')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([400, null])
    expect(await refused.json()).toMatchObject({
      code: 'KWIK_RATE_LIMIT_COST',
      detail: 'It counts for 11, and the limit "units" never lets more than 10 through at once. Ask for less.',
    })
    expect((await ask(app, '/a?size=10')).headers.get('ratelimit')).toMatch(/^"default";r=9;t=\d+, "units";r=0;/)
  })

  inEach('may be nothing', async (store) => {
    const app = make(store).get('/a', () => 'x', { public: true, rateLimit: { ...perHour, limit: 1, cost: () => 0 } })
    expect(await statuses(app, '/a', '/a', '/a')).toEqual([200, 200, 200])
  })

  test('that is no whole number is a fault of ours, in the log and not in the answer', async () => {
    for (const cost of [Number.NaN, -1, 1.5, '2' as unknown as number]) {
      errors.length = 0
      const app = make().get('/a', () => 'x', { public: true, rateLimit: { ...perHour, cost: () => cost } })
      const failed = await ask(app)
      expect([failed.status, await failed.json()]).toEqual([500, expect.objectContaining({ code: 'KWIK_INTERNAL' })])
      expect(JSON.stringify(errors, (_, value) => (value instanceof Error ? value.message : value))).toContain(
        `cost is ${cost}`,
      )
    }
  })
})

describe('what does not count', () => {
  const login = (store: RateLimitOptions, policy: Partial<Extract<RatePolicies, { per: unknown }>> = {}) =>
    make(store).get('/login', ({ query, status }) => status(Number(query['as']) as 200, 'x'), {
      public: true,
      rateLimit: { limit: 3, per: '1h', by: 'ip', countWhen: 'failure', ...policy } as RatePolicies,
    })
  const tries = (app: Handles, ...as: number[]) => statuses(app, ...as.map((status) => `/login?as=${status}`))

  inEach('is every answer but those that refuse the caller, where failures alone count', async (store) => {
    const app = login(store)
    expect(await tries(app, 200, 200, 200, 200, 500, 503)).toEqual([200, 200, 200, 200, 500, 503])
    expect(await tries(app, 401, 401, 200, 422, 200, 200)).toEqual([401, 401, 200, 422, 429, 429])
  })

  inEach('is what a function says of the answer', async (store) => {
    const app = login(store, { countWhen: (response) => response.status === 200 })
    expect(await tries(app, 401, 401, 401, 401, 200, 200, 200, 200)).toEqual([401, 401, 401, 401, 200, 200, 200, 429])
  })

  inEach('has its unit until it is answered: no crowd of guesses gets past the limit', async (store) => {
    const app = login(store)
    const seen = await Promise.all(Array.from({ length: 50 }, () => ask(app, '/login?as=401')))
    expect(seen.filter(({ status }) => status === 401).length).toBe(3)
  })

  inEach('is given back under a sliding window too', async (store) => {
    expect(await tries(login(store, { kind: 'sliding' }), 200, 200, 200, 200, 401, 401, 401, 401)).toEqual([
      200, 200, 200, 200, 401, 401, 401, 429,
    ])
  })

  test('stays counted when the function fails, and the answer leaves', async () => {
    errors.length = 0
    const app = login(
      {},
      {
        limit: 1,
        countWhen: () => {
          throw new Error('no')
        },
      },
    )
    expect(await tries(app, 200, 200)).toEqual([200, 429])
    expect(errors[0]!.message).toContain('countWhen failed')
  })
})

describe('rateLimitOf', () => {
  const app = (store: RateLimitOptions) =>
    make(store)
      .get(
        '/a',
        async ({ request, query }) => {
          const { spend, refund, policy } = query as Record<string, string>
          if (spend) await rateLimitOf(request).spend(Number(spend), policy)
          if (refund) await rateLimitOf(request).refund(Number(refund), policy)
          return 'x'
        },
        { public: true, rateLimit: [perHour, { ...perHour, name: 'more', kind: 'sliding' }] },
      )
      .get('/none', ({ request }) => rateLimitOf(request).spend(1), { public: true })
      .get('/one', ({ request }) => rateLimitOf(request).spend(4), { public: true, rateLimit: perHour })

  inEach('takes more units after the fact, and gives units back', async (store) => {
    const one = app(store)
    const state = async (query = '') => (await ask(one, `/a${query}`)).headers.get('ratelimit')!
    const units = async (query?: string) => (await state(query)).match(/r=\d+/g)!.join(' ')
    expect(await units('?spend=3')).toBe('r=9 r=9')
    expect(await units('?spend=2&policy=more')).toBe('r=5 r=5')
    expect(await units('?refund=4')).toBe('r=4 r=2')
    expect(await units()).toBe('r=7 r=5')
    expect(await units('?refund=100')).toBe('r=6 r=4')
    expect(await units()).toBe('r=9 r=9')
    await ask(one, '/a?spend=1000&policy=default')
    const owing = await ask(one)
    // A whole burst is the most that can be owed: the next unit is six minutes away.
    expect([owing.status, owing.headers.get('retry-after')]).toEqual([429, '360'])
    await ask(one, '/one')
    expect(left(await ask(one, '/one'))).toBe(4)
  })

  test('names a policy or a route that has none, and takes whole units alone', async () => {
    const messages = async (path: string) => {
      errors.length = 0
      expect((await ask(app({}), path)).status).toBe(500)
      return (errors[0]!.about as { error: Error }).error.message
    }
    expect(await messages('/a?spend=1&policy=other')).toContain('GET /a has no limit "other"')
    expect(await messages('/none')).toContain('GET /none has no limit')
    expect(await messages('/a?spend=1.5')).toContain('1.5 units')
    expect(await messages('/a?refund=-1')).toContain('-1 units')
  })
})

describe('a caller', () => {
  inEach(
    'is whom a function names, by address where it names nobody, and never another kind of caller',
    async (store) => {
      const app = make(store).get('/a', () => 'x', {
        public: true,
        rateLimit: { limit: 1, per: '1h', by: ({ headers }) => headers.get('x-shop') ?? undefined },
      })
      const from = async (said: Record<string, string>) => (await ask(app, '/a', said)).status
      expect([await from({ 'x-shop': 'a' }), await from({ 'x-shop': 'b' }), await from({ 'x-shop': 'a' })]).toEqual([
        200, 200, 429,
      ])
      expect([await from({}), await from({ 'x-shop': 'ip:none' }), await from({ 'x-shop': 'user:1' })]).toEqual([
        200, 200, 200,
      ])
      expect([await from({}), await from({ authorization: '1' })]).toEqual([429, 429])
    },
  )

  test('that a function names with no text is a fault of ours', async () => {
    const app = make().get('/a', () => 'x', { public: true, rateLimit: { ...perHour, by: () => 7 as never } })
    expect((await ask(app)).status).toBe(500)
  })

  inEach('may be named before routing', async (store) => {
    const app = make({ ...store, global: { limit: 1, per: '1h', by: ({ path }) => path } }).get('/a', () => 'x', {
      public: true,
    })
    expect(await statuses(app, '/a', '/b', '/a', '/b')).toEqual([200, 404, 429, 429])
  })
})

describe('addresses of IPv6', () => {
  const app = (options: RateLimitOptions, more: object = {}) =>
    make(options).get('/a', () => 'x', { public: true, rateLimit: { limit: 1, per: '1h', by: 'ip', ...more } })
  const from = async (to: Handles, address: string) => (await ask(to, '/a', { 'x-address': address })).status

  inEach('are one caller in a /64', async (store) => {
    const one = app(store)
    expect([
      await from(one, '2001:db8::1'),
      await from(one, '2001:db8::ffff:2'),
      await from(one, '2001:db8:0:1::1'),
    ]).toEqual([200, 429, 200])
  })

  inEach('of one /48 together have 32 times the limit, however many networks they come from', async (store) => {
    for (const kind of ['gcra', 'sliding'] as const) {
      const one = app(store, { kind, name: kind })
      const seen: number[] = []
      for (let i = 0; i < 40; i++) seen.push(await from(one, `2001:db8:7:${i.toString(16)}::1`))
      expect(seen.filter((status) => status === 200).length).toBe(32)
      const refused = await ask(one, '/a', { 'x-address': '2001:db8:7:ffff::1' })
      expect(refused.headers.get('ratelimit')).toMatch(new RegExp(`^"${kind}";r=0;t=\\d+$`))
      expect((await refused.json()).detail).toContain('for all addresses of your network together')
      expect(await from(one, '2001:db8:8::1')).toBe(200)
    }
  })

  inEach('may be counted by other prefixes', async (store) => {
    const one = app({ ...store, ipv6: { prefix: 56, wide: 32, wideTimes: 2 } })
    expect([await from(one, '2001:db8:0:100::1'), await from(one, '2001:db8:0:1ff::1')]).toEqual([200, 429])
    expect([await from(one, '2001:db8:9::1'), await from(one, '2001:db8:a::1')]).toEqual([200, 429])
    const none = app({ ...store, ipv6: { wide: false } }, { name: 'none' })
    for (let i = 0; i < 40; i++) expect(await from(none, `2001:db8:7:${i.toString(16)}::1`)).toBe(200)
  })

  test('have prefixes that can be', () => {
    for (const ipv6 of [{ prefix: 8 }, { prefix: 64.5 }, { wide: 64 }, { prefix: 48 }, { wideTimes: 0 }])
      expect(() => rateLimitStarts({ ipv6 })).toThrow('ipv6')
  })
})

const rateLimitStarts = (options: RateLimitOptions): void => {
  const app = make(options).get('/a', () => 'x', { public: true })
  boot(app)
}
