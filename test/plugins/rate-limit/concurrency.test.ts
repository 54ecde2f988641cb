import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import { openRedis } from '#core/adapters/redis'
import { boot } from '#core/boot'
import { describe, expect, sleep, test } from '#test'
import { type ConcurrencyPolicy, type RateLimitOptions, rateLimit } from '../../../plugins/rate-limit/index.ts'
import { redisServer } from '../../fixtures/redis-server.ts'
import { redisUrl, withRedis } from '../../services.ts'
import { inEach, withKeys } from './stores.ts'

/** Elsewhere another adapter listens. */
const onBun = test.skipIf(!('Bun' in globalThis))
const logger = { debug() {}, info() {}, warning() {}, error() {} }

/** Requests that wait until they are told to end. */
function crowd(policy: Partial<ConcurrencyPolicy> = {}, options: RateLimitOptions = {}) {
  const waiting: (() => void)[] = []
  const app = new Elysia()
    .use(core({ signals: false, logger }))
    .use(rateLimit(options))
    .guard({ public: true, rateLimit: { kind: 'concurrency', limit: 2, name: 'crowd', ...policy } }, (guard) =>
      guard
        .get('/wait', () => new Promise<string>((end) => waiting.push(() => end('done'))))
        .get('/fails', () => {
          throw new Error('no')
        })
        .get('/quick', () => 'x')
        .get('/stream', async function* () {
          yield 'first'
          await new Promise<void>((end) => waiting.push(end))
          yield 'last'
        }),
    )
  const ask = (path: string) => app.handle(new Request(`http://localhost${path}`))
  /** A request that is under way. */
  const begin = async (path: string) => {
    const before = waiting.length
    const answer = ask(path)
    if (path === '/stream') {
      const reader = (await answer).body!.getReader()
      await reader.read()
      return { reader, end: waiting[before]! }
    }
    while (waiting.length === before) await sleep(1)
    return { answer, end: waiting[before]! }
  }
  const isFree = async () => (await ask('/quick')).status === 200
  /** Places in Redis are freed beside the answer. */
  const getsFree = async () => {
    for (let i = 0; i < 200; i++) {
      if (await isFree()) return true
      await sleep(5)
    }
    return false
  }
  return { ask, begin, isFree, getsFree }
}

describe('a limit of requests at once', () => {
  inEach('refuses who comes when all places are taken, and says so', async (store) => {
    const { ask, begin, isFree, getsFree } = crowd({}, store)
    const [first, second] = [await begin('/wait'), await begin('/wait')]
    const refused = await ask('/quick')
    expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('ratelimit')]).toEqual([
      429,
      '1',
      '"crowd";r=0',
    ])
    expect(refused.headers.get('ratelimit-policy')).toMatch(/^"crowd";q=2;qu="concurrent-requests";pk=:[^:]+:$/)
    expect((await refused.json()).detail).toBe('The limit "crowd" is 2 requests at once. Try again in 1 s.')
    first.end()
    await first.answer
    expect(await getsFree()).toBe(true)
    second.end()
    await second.answer
    expect(await isFree()).toBe(true)
  })

  inEach('gives a place back after every kind of answer', async (store) => {
    const { ask, getsFree } = crowd({ limit: 1 }, store)
    for (const path of ['/quick', '/fails', '/fails', '/quick']) {
      expect(await getsFree()).toBe(true)
      await ask(path)
    }
    expect(await getsFree()).toBe(true)
  })

  inEach('gives the place of a stream back when its last byte is out, or its client has left', async (store) => {
    const { begin, isFree, getsFree } = crowd({ limit: 1 }, store)
    const read = await begin('/stream')
    expect(await isFree()).toBe(false)
    read.end()
    while (!(await read.reader!.read()).done);
    expect(await getsFree()).toBe(true)
    await sleep(20)
    const left = await begin('/stream')
    expect(await isFree()).toBe(false)
    await left.reader!.cancel()
    left.end()
    expect(await getsFree()).toBe(true)
  })

  inEach('takes no place where another limit refuses, and no unit where no place is free', async (store) => {
    const app = new Elysia()
      .use(core({ signals: false, logger }))
      .use(rateLimit(store))
      .get('/a', () => 'x', {
        public: true,
        rateLimit: [
          { kind: 'concurrency', limit: 1 },
          { limit: 1, per: '1h' },
        ],
      })
    const ask = () => app.handle(new Request('http://localhost/a'))
    const seen = await Promise.all([ask(), ask(), ask()])
    expect(seen.map(({ status }) => status).sort()).toEqual([200, 429, 429])
    await sleep(20)
    expect((await ask()).headers.get('ratelimit')).toMatch(/^"default";r=1, "default-2";r=0;t=\d+$/)
  })

  test('counts before routing too, where a stream holds its place', async () => {
    const app = new Elysia()
      .use(core({ signals: false, logger }))
      .use(rateLimit({ global: { kind: 'concurrency', limit: 1 } }))
      .get(
        '/stream',
        () =>
          new Response(
            new ReadableStream({
              pull(to) {
                to.enqueue(new TextEncoder().encode('a'))
                to.close()
              },
            }),
          ),
        { public: true },
      )
    const ask = (path: string) => app.handle(new Request(`http://localhost${path}`))
    const open = await ask('/stream')
    expect((await ask('/none')).status).toBe(429)
    await open.text()
    expect([(await ask('/none')).status, (await ask('/none')).status]).toEqual([404, 404])
  })

  onBun('lets go of a web socket once it is open', async () => {
    const app = new Elysia()
      .use(core({ signals: false, logger }))
      .use(rateLimit({ global: { kind: 'concurrency', limit: 1 } }))
      .ws('/ws', { public: true, message() {} })
      .listen({ port: 0, hostname: '127.0.0.1' })
    const open = () =>
      new Promise<boolean>((settle) => {
        const socket = new WebSocket(`ws://127.0.0.1:${app.server!.port}/ws`)
        socket.onopen = () => settle(true)
        socket.onerror = () => settle(false)
      })
    try {
      expect([await open(), await open()]).toEqual([true, true])
    } finally {
      await app.stop(true)
    }
  })

  onBun('is none for a web socket', () => {
    const app = new Elysia()
      .use(core({ signals: false, logger }))
      .use(rateLimit())
      .ws('/ws', { public: true, rateLimit: { kind: 'concurrency', limit: 1 }, message() {} })
    expect(() => boot(app)).toThrow('a web socket has no answer')
  })
})

withRedis.describe('places in Redis', () => {
  onBun(
    'that a killed process had are free when their lease is over; of a working process they stay taken',
    () =>
      withKeys(async (redis) => {
        const program = new URL('../../fixtures/programs/crowded-app.ts', import.meta.url).pathname
        const start = async () => {
          const child = spawn(process.execPath, [program, redisUrl, redis.prefix, '1s'], {
            stdio: ['ignore', 'pipe', 'inherit'],
          })
          return { child, port: String((await once(child.stdout, 'data'))[0]).trim() }
        }
        const [one, other] = await Promise.all([start(), start()])
        const enter = (port: string) =>
          fetch(`http://127.0.0.1:${port}/`).then(
            ({ status }) => status,
            () => 'cut off' as const,
          )
        const places = async () =>
          (await redis.run(['ZRANGE', `${redis.prefix}rl:crowd:*:ip:127.0.0.1`, 0, -1])) as string[]
        try {
          const first = enter(one.port)
          while ((await places()).length === 0) await sleep(10)
          const [place] = await places()
          for (let i = 0; i < 5; i++) {
            expect(await enter(other.port)).toBe(429)
            await sleep(400)
          }
          expect(await places()).toEqual([place!])
          one.child.kill('SIGKILL')
          expect(await first).toBe('cut off')
          // Who is let in waits for ever: its place says that it is in.
          const isIn = async () => {
            while ((await places()).every((each) => each === place)) await sleep(20)
            return 'in' as const
          }
          const entered = isIn()
          let last: unknown = 429
          while (last === 429) {
            last = await Promise.race([enter(other.port), entered])
            await sleep(50)
          }
          expect(last).toBe('in')
        } finally {
          one.child.kill('SIGKILL')
          other.child.kill('SIGKILL')
        }
      }),
    30_000,
  )

  test('are counted by each process while it is away, and told to a Redis that has forgotten them', async () => {
    const server = await redisServer()
    await server.start()
    const redis = openRedis({ url: server.url, deadline: '250ms' })
    try {
      while (!(await redis.ping())) await sleep(20)
      const { begin, isFree } = crowd({ limit: 2, lease: '1s' }, { redis, expectedNodes: 2 })
      await begin('/wait')
      await server.kill()
      await begin('/wait')
      expect(await isFree()).toBe(false)
      await server.start()
      while (!(await redis.ping())) await sleep(20)
      const members = async () => Number(await redis.run(['ZCARD', 'kwik:rl:crowd:*:ip:none']))
      for (let i = 0; i < 100 && (await members()) === 0; i++) await sleep(50)
      expect(await members()).toBe(1)
    } finally {
      await redis.close()
      await server.kill()
    }
  }, 20_000)
})
