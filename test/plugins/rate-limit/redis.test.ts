import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import { openRedis } from '#core/adapters/redis'
import type { Redis } from '#core/ports/redis'
import { afterAll, afterEach, beforeAll, beforeEach, expect, sleep, test } from '#test'
import { accountsService } from '../../../plugins/accounts/index.ts'
import { createTables, openDatabase } from '../../../plugins/database/index.ts'
import { type RateLimitOptions, type RatePolicies, rateLimit, rateLimitOf } from '../../../plugins/rate-limit/index.ts'
import { kwik } from '../../../src/index.ts'
import { type RedisServer, redisServer } from '../../fixtures/redis-server.ts'
import { randomName, redisUrl, withRedis } from '../../services.ts'
import { accountTables } from '../accounts/app.ts'

/** Elsewhere another adapter listens. */
const onBun = test.skipIf(!('Bun' in globalThis))

const logger = { debug() {}, info() {}, warning() {}, error() {} }
const make = (redis: Redis, policy: RatePolicies, options: RateLimitOptions = {}) =>
  new Elysia()
    .use(core({ signals: false, logger }))
    .use(rateLimit({ redis, ...options }))
    .get('/a', () => 'a', { public: true, rateLimit: policy })
    .post('/a', ({ body }) => body, { public: true, rateLimit: policy })
type Handles = { handle(request: Request): Promise<Response> }
const ask = (to: Handles, path = '/a', method = 'GET') => to.handle(new Request(`http://localhost${path}`, { method }))
const statuses = async (to: Handles, times: number) => {
  const seen: number[] = []
  for (let i = 0; i < times; i++) seen.push((await ask(to)).status)
  return seen
}
async function connected(redis: Redis): Promise<Redis> {
  for (let i = 0; i < 200 && !(await redis.ping()); i++) await sleep(20)
  return redis
}

withRedis.describe('limits in Redis', () => {
  let redis: Redis
  beforeAll(() => {
    redis = openRedis({ url: redisUrl, prefix: `${randomName()}:`, deadline: '5s' })
  })
  const keys = async () => ((await redis.run(['KEYS', `${redis.prefix}*`])) as string[]).sort()
  const clean = async () => {
    const all = await keys()
    if (all.length > 0) await redis.run(['DEL', ...all])
  }
  afterEach(clean)
  afterAll(async () => {
    await clean()
    await redis.close()
  })

  test('are counted under keys that say what they are, and that go when nothing is used', async () => {
    await ask(
      make(redis, [
        { limit: 2, per: '1m' },
        { name: 'all', limit: 9, per: '2s' },
      ]),
    )
    expect(await keys()).toEqual([`${redis.prefix}rl:all:*:ip:none`, `${redis.prefix}rl:default:GET_/a:ip:none`])
    const left = Number(await redis.run(['PTTL', `${redis.prefix}rl:default:GET_/a:ip:none`]))
    expect(left).toBeGreaterThan(25_000)
    expect(left).toBeLessThanOrEqual(30_000)
  })

  test('are shared by the apps of all processes', async () => {
    const [one, two] = [make(redis, { limit: 3, per: '1h' }), make(redis, { limit: 3, per: '1h' })]
    expect([...(await statuses(one, 2)), ...(await statuses(two, 2)), ...(await statuses(one, 1))]).toEqual([
      200, 200, 200, 429, 429,
    ])
    const refused = await ask(two)
    expect(refused.headers.get('ratelimit')).toMatch(/^"default";r=0;t=1(?:200|199)$/)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(1100)
  })

  test('take nothing of one policy where another refuses', async () => {
    const app = make(redis, [
      { limit: 100, per: '1h' },
      { limit: 1, per: '1h' },
    ])
    expect(await statuses(app, 3)).toEqual([200, 429, 429])
    expect((await ask(app)).headers.get('ratelimit')).toMatch(/^"default";r=99;/)
  })

  test('go by the clock of Redis: what the processes think the time is has no effect', async () => {
    const at = (now: number) => make(redis, { limit: 3, per: '1h' }, { clock: { now: () => now } })
    const apps = [at(0), at(Date.now() + 86_400_000), at(Date.now() - 86_400_000)]
    expect((await Promise.all(apps.map((app) => statuses(app, 1)))).flat()).toEqual([200, 200, 200])
    for (const app of apps) {
      const refused = await ask(app)
      expect([refused.status, Math.ceil(Number(refused.headers.get('retry-after')) / 10)]).toEqual([429, 120])
    }
  })

  test('hold before routing too: 404, HEAD, OPTIONS and bodies', async () => {
    const global = { limit: 3, per: '1h' } as const
    for (const [path, method] of [
      ['/none', 'GET'],
      ['/a', 'HEAD'],
      ['/a', 'OPTIONS'],
      ['/a', 'POST'],
    ] as const) {
      const app = make(redis, { limit: 100, per: '1h' }, { global })
      for (let i = 0; i < 3; i++) expect((await ask(app, path, method)).status).not.toBe(429)
      const refused = await ask(app, path, method)
      expect(refused.status).toBe(429)
      expect(refused.headers.get('ratelimit-policy')).toMatch(/^"global";q=3;w=3600;pk=:[^:]+:$/)
      await clean()
    }
  })

  onBun('hold for web sockets', async () => {
    const app = new Elysia()
      .use(core({ signals: false, logger }))
      .use(rateLimit({ redis, global: { limit: 1, per: '1h' } }))
      .ws('/ws', { public: true, message() {} })
      .listen({ port: 0, hostname: '127.0.0.1' })
    const opened = () =>
      new Promise<boolean>((settle) => {
        const socket = new WebSocket(`ws://127.0.0.1:${app.server!.port}/ws`)
        socket.onopen = () => {
          socket.close()
          settle(true)
        }
        socket.onerror = () => settle(false)
      })
    try {
      expect([await opened(), await opened()]).toEqual([true, false])
    } finally {
      await app.stop(true)
    }
  })

  test('go on after Redis forgot its scripts', async () => {
    const app = make(redis, { limit: 3, per: '1h' })
    expect(await statuses(app, 1)).toEqual([200])
    await redis.run(['SCRIPT', 'FLUSH'])
    expect(await statuses(app, 3)).toEqual([200, 200, 429])
  })

  onBun(
    'of four processes let through exactly their number of 200 requests at once',
    async () => {
      const program = new URL('../../fixtures/programs/limited-app.ts', import.meta.url).pathname
      const children = Array.from({ length: 4 }, () =>
        spawn(process.execPath, [program, redisUrl, redis.prefix], { stdio: ['ignore', 'pipe', 'inherit'] }),
      )
      try {
        const ports = await Promise.all(
          children.map(async (child) => String((await once(child.stdout, 'data'))[0]).trim()),
        )
        const answers = await Promise.all(
          Array.from({ length: 200 }, async (_, at) => (await fetch(`http://127.0.0.1:${ports[at % 4]}/`)).status),
        )
        expect(answers.filter((status) => status === 200).length).toBe(50)
        expect(answers.filter((status) => status === 429).length).toBe(150)
      } finally {
        for (const child of children) child.kill()
      }
    },
    30_000,
  )
})

withRedis.describe('limits in a Redis that fails', () => {
  let server: RedisServer
  let redis: Redis
  beforeEach(async () => {
    server = await redisServer()
    await server.start()
    redis = await connected(openRedis({ url: server.url, deadline: '250ms' }))
  })
  afterEach(async () => {
    await redis.close()
    await server.kill()
  })

  test('are counted by each process for its part while it is away, and together when it is back', async () => {
    const app = make(redis, { limit: 8, per: '1h' }, { expectedNodes: 4 })
    expect(await statuses(app, 1)).toEqual([200])
    await server.kill()
    expect(await statuses(app, 4)).toEqual([200, 200, 429, 429])
    await server.start()
    await connected(redis)
    expect((await ask(app)).headers.get('ratelimit')).toMatch(/^"default";r=7;/)
  })

  test('say in the log when it goes and when it comes back, once', async () => {
    const lines: string[] = []
    const say = (line: string) => void lines.push(line)
    const app = new Elysia()
      .use(core({ signals: false, logger: { ...logger, warning: say, info: say } }))
      .use(rateLimit({ redis }))
      .get('/a', () => 'a', { public: true, rateLimit: { limit: 100, per: '1h' } })
    await statuses(app, 2)
    await server.kill()
    await statuses(app, 3)
    await server.start()
    await connected(redis)
    await statuses(app, 2)
    expect(lines).toEqual([
      'rate limits: Redis does not answer, each process counts for itself',
      'rate limits: Redis answers again',
    ])
  })

  test('let nobody wait while it hangs', async () => {
    const app = make(redis, { limit: 20, per: '1h' }, { expectedNodes: 10, global: { limit: 1000, per: '1h' } })
    expect(await statuses(app, 1)).toEqual([200])
    server.pause()
    expect(await statuses(app, 3)).toEqual([200, 200, 429])
    server.resume()
    await connected(redis)
    // What was sent while it hung has counted, or not: there is more left than the part of one process.
    expect(await statuses(app, 4)).toEqual([200, 200, 200, 200])
  })

  test('refuse with 503 where a policy says so', async () => {
    const app = make(redis, { limit: 8, per: '1h', onStoreDown: 'deny' })
    await server.kill()
    const refused = await ask(app)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await refused.json()).toMatchObject({ code: 'KWIK_UNAVAILABLE' })
    expect((await ask(make(redis, { limit: 8, per: '1h' }, { onStoreDown: 'deny' }))).status).toBe(503)
  })

  onBun('refuse to sign anybody in, with 503 and a time to come again, where accounts are used', async () => {
    const database = openDatabase({ url: 'sqlite::memory:' })
    try {
      await createTables(database, accountTables)
      const accounts = accountsService(database)
      const app = new Elysia().use(
        kwik({
          database,
          accounts,
          redis,
          tokens: { secret: crypto.getRandomValues(new Uint8Array(32)) },
          logging: { write: () => {} },
          rateLimit: {},
          signals: false,
        }),
      )
      const login = () =>
        app.handle(
          new Request('http://localhost/auth/login', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: '{"email":"ann@example.com","password":"wrong horse battery"}',
          }),
        )
      expect((await login()).status).toBe(401)
      await server.kill()
      const refused = await login()
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    } finally {
      await database.close()
    }
  })

  test('let everybody pass where a policy says so, and count the others all the same', async () => {
    const app = make(redis, [
      { limit: 1, per: '1h', onStoreDown: 'allow' },
      { name: 'other', limit: 3, per: '1h' },
    ])
    expect(await statuses(app, 2)).toEqual([200, 429])
    await server.kill()
    expect(await statuses(app, 4)).toEqual([200, 200, 200, 429])
    const free = make(redis, { limit: 1, per: '1h' }, { onStoreDown: 'allow' })
    expect(await statuses(free, 5)).toEqual([200, 200, 200, 200, 200])
    expect((await ask(free)).headers.get('ratelimit')).toBeNull()
  })

  test('start anew in a Redis that has forgotten them: no more than the part of a process and one limit pass', async () => {
    const app = make(redis, { limit: 10, per: '1h' }, { expectedNodes: 2 })
    const passed = async (times: number) => (await statuses(app, times)).filter((status) => status === 200).length
    expect(await passed(4)).toBe(4)
    await server.kill()
    const alone = await passed(30)
    expect(alone).toBe(5)
    await server.start()
    await connected(redis)
    expect(await passed(30)).toBe(10)
    await server.kill()
    expect(await passed(30)).toBe(0)
  })

  test('are given back here when they were taken here', async () => {
    const app = new Elysia()
      .use(core({ signals: false, logger }))
      .use(rateLimit({ redis }))
      .get(
        '/a',
        ({ request, query }) =>
          query['spend'] &&
          rateLimitOf(request)
            .spend(2)
            .then(() => 'x'),
        {
          public: true,
          rateLimit: { limit: 3, per: '1h', countWhen: (response) => response.headers.get('x-free') === null },
        },
      )
      .get('/free', ({ set }) => (set.headers['x-free'] = 'yes'), {
        public: true,
        rateLimit: { name: 'free', limit: 1, per: '1h', countWhen: ({ headers }) => !headers.has('x-free') },
      })
    await server.kill()
    expect([(await ask(app, '/free')).status, (await ask(app, '/free')).status]).toEqual([200, 200])
    expect([(await ask(app, '/a?spend=2')).status, (await ask(app)).status]).toEqual([200, 429])
  })
})
