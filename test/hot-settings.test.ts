import { type AnyElysia, Elysia } from 'elysia'
import { boot } from '#core/boot'
import { describe, expect, sleep, test } from '#test'
import { openDatabase } from '../plugins/database/index.ts'
import { createLogger } from '../plugins/logging/index.ts'
import { defineSettings, T } from '../plugins/settings/index.ts'
import { type KwikOptions, kwik, platformSettings, stopGracefully } from '../src/index.ts'
import { folder, write } from './plugins/settings/folder.ts'

const schema = T.Object({ ...platformSettings, generation: T.Integer({ default: 0, reload: 'hot' }) })

/** An app over settings in a file, which tests write anew. */
function made(first: string, options: Omit<KwikOptions, 'settings'> = {}) {
  const dir = folder({ 'config/base.yaml': first })
  const lines: string[] = []
  const settings = defineSettings(schema, { dir, env: { NODE_ENV: 'test' }, args: [], secretsDir: false })
  const logger = createLogger({ level: 'info', write: (line) => void lines.push(line), format: 'json' })
  const platform = kwik({ settings, logging: { logger }, signals: false, ...options })
  const app: AnyElysia = new Elysia().use(platform).get('/', () => 'ok', { public: true })
  const ask = async (headers: Record<string, string> = {}, path = '/') =>
    app.handle(new Request(`http://localhost${path}`, { headers }))
  const reload = (text: string) => {
    write(dir, 'config/base.yaml', text)
    return settings.reload()
  }
  return { app, settings, ask, reload, lines, dir }
}
const limited = async (answer: Response) => {
  await answer.text()
  return [answer.status, answer.headers.get('ratelimit-policy')?.split(';')[1]]
}

describe('settings that no part can keep', () => {
  for (const [text, key, options] of [
    ['rateLimit: { routes: { limit: 0, per: 1h } }', 'rateLimit.routes.limit is 0', { rateLimit: {} }],
    ['rateLimit: { global: { limit: 1.5, per: 1h } }', 'rateLimit.global.limit is 1.5', { rateLimit: {} }],
    ['rateLimit: { routes: { limit: 5, burst: 0, per: 1h } }', 'rateLimit.routes.burst is 0', { rateLimit: {} }],
    [
      'rateLimit: { routes: { limit: 5 } }',
      'rateLimit.routes: a limit of 5 in what time? Say `per`',
      { rateLimit: {} },
    ],
    ['rateLimit: { expectedNodes: 0 }', 'rateLimit.expectedNodes: 0', { rateLimit: {} }],
    ['cache: { ttl: 0 }', 'cache.ttl: a ttl of 0', { cache: {} }],
    ['server: { trustedProxies: [nope] }', 'trustedProxies: "nope"', {}],
    ['server: { bodyLimit: -1 }', 'bodyLimit: -1', {}],
  ] as const)
    test(`are named once when the app starts: ${text}`, () => {
      const { app } = made(text, options)
      app.get('/other', () => 'ok', { public: true })
      let said = ''
      try {
        boot(app)
      } catch (error) {
        said = (error as Error).message
      }
      expect(said.split(key)).toHaveLength(2)
    })

  for (const [text, words] of [
    ['cache: { ttl: -1 }', 'cache.ttl takes length of time, or seconds (got -1 from config/base.yaml:1:15)'],
    ['log: { slowRequest: -1 }', 'log.slowRequest takes length of time, or seconds or false (got -1 from'],
    ['compression: { threshold: 5XB }', 'compression.threshold takes size, or bytes (got "5XB" from'],
    ['cache: { maxEntries: 0 }', 'cache.maxEntries: 0'],
  ] as const)
    test(`are named when the platform is made: ${text}`, () => {
      expect(() => made(text, { cache: {} })).toThrow(words)
    })
})

describe('a reload of the settings', () => {
  test('changes limits for all, and what was counted stays counted', async () => {
    const { ask, reload } = made('rateLimit: { routes: { limit: 2, per: 1h } }', { rateLimit: {} })
    expect(await limited(await ask())).toEqual([200, 'q=2'])
    expect((await reload('rateLimit: { routes: { limit: 4, per: 1h } }')).applied.length).toBe(1)
    // The half that was used is half of the new limit.
    const told = []
    for (let n = 0; n < 3; n++) told.push(await limited(await ask()))
    expect(told).toEqual([
      [200, 'q=4'],
      [200, 'q=4'],
      [429, 'q=4'],
    ])
    await reload('rateLimit: { global: { limit: 1, per: 1h } }')
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 429])
    await reload('{}')
    expect(await limited(await ask())).toEqual([200, undefined])
  })

  test('leaves a part alone that the app does not ask for', async () => {
    const { ask, reload } = made('{}')
    await reload('rateLimit: { routes: { limit: 1, per: 1h } }')
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200])
  })

  test('that no part can keep is refused whole, and says which', async () => {
    const begin =
      'rateLimit: { routes: { limit: 5, per: 1h } }\nheaders: { cors: { origins: [https://a.example.com], credentials: true } }'
    const { ask, reload, settings, lines } = made(begin, { rateLimit: {} })
    const origin = { origin: 'https://a.example.com' }
    await ask(origin)
    const wrong = begin.replace('limit: 5', 'limit: 7').replace('[https://a.example.com]', "'*'")
    const report = await reload(wrong)
    expect(report.rejected?.map(({ text }) => text)).toEqual([
      'headers.cors.origins (config/base.yaml:2:29): headers threw when it was to prepare',
    ])
    expect(lines.some((line) => line.includes('would let any page act as its visitor'))).toBe(true)
    const answer = await ask(origin)
    expect([answer.headers.get('access-control-allow-origin'), (await limited(answer))[1]]).toEqual([
      origin.origin,
      'q=5',
    ])
    expect(settings.current.rateLimit?.routes?.limit).toBe(5)
    expect((await reload(begin.replace('limit: 5', 'limit: 0'))).rejected).toMatchObject([
      {
        key: 'rateLimit.routes.limit',
        text: expect.stringContaining('rateLimit.routes.limit (config/base.yaml:1:31)'),
      },
    ])
    expect(lines.some((line) => line.includes('rateLimit.routes.limit is 0'))).toBe(true)
    expect((await reload(begin.replace('limit: 5', 'limit: 7'))).applied).toHaveLength(1)
    expect((await limited(await ask()))[1]).toBe('q=7')
  })

  test('that a hook of the app breaks off leaves limits and origins as they were', async () => {
    const { ask, reload, settings } = made('rateLimit: { routes: { limit: 5, per: 1h } }', { rateLimit: {} })
    await ask()
    const end = settings.onReload({
      prepare: () => {},
      commit: () => {
        throw new Error('late')
      },
    })
    const next = 'rateLimit: { routes: { limit: 7, per: 1h } }\nheaders: { cors: { origins: [https://a.example.com] } }'
    const told = async () => {
      const answer = await ask({ origin: 'https://a.example.com' })
      return [answer.headers.get('access-control-allow-origin'), (await limited(answer))[1]]
    }
    expect((await reload(next)).rejected).toHaveLength(1)
    expect(await told()).toEqual([null, 'q=5'])
    end()
    await settings.reload()
    expect(await told()).toEqual(['https://a.example.com', 'q=7'])
  })

  test('that would part two policies of one name is refused', async () => {
    const shared = { name: 'shared', limit: 5, per: '1h' } as const
    const { app, ask, reload } = made('{}', { rateLimit: { routes: shared } })
    app.get('/own', () => 'own', { public: true, rateLimit: shared } as never)
    await ask()
    expect((await reload('rateLimit: { routes: { limit: 6 } }')).rejected).toHaveLength(1)
    expect((await limited(await ask()))[1]).toBe('q=5')
    const twice = made('{}', { rateLimit: { routes: { kind: 'sliding', limit: 5, per: '1h' } } })
    await twice.ask()
    expect((await twice.reload('rateLimit: { routes: { limit: 9 } }')).applied).toHaveLength(1)
    expect((await limited(await twice.ask()))[1]).toBe('q=9')
  })

  test('changes whose scripts may read answers', async () => {
    const { ask, reload } = made('{}')
    const allowed = async (origin: string) => (await ask({ origin })).headers.get('access-control-allow-origin')
    expect(await allowed('https://a.example.com')).toBe(null)
    await reload('headers: { cors: { origins: [https://a.example.com] } }')
    expect([await allowed('https://a.example.com'), await allowed('https://b.example.com')]).toEqual([
      'https://a.example.com',
      null,
    ])
    await reload('headers: { cors: { origins: [https://b.example.com] } }')
    expect([await allowed('https://a.example.com'), await allowed('https://b.example.com')]).toEqual([
      null,
      'https://b.example.com',
    ])
  })

  test('changes how long answers are kept, from the next one on', async () => {
    const clock = { at: Date.parse('2026-01-01'), now: () => clock.at }
    const { app, ask, reload, settings, lines } = made('cache: { ttl: 1h }', { cache: { debug: true }, clock })
    let runs = 0
    app.get('/n/:id', () => `${++runs}`, { public: true, cache: true } as never)
    app.get('/own', () => `${++runs}`, { public: true, cache: { ttl: '1h' } } as never)
    const told = async (path: string) => {
      const answer = await ask({}, path)
      await answer.text()
      return answer.headers.get('cache-status')?.slice('kwik; '.length)
    }
    const pass = (minutes: number) => void (clock.at += minutes * 60_000)
    expect([await told('/n/1'), await told('/own')]).toEqual(['fwd=miss; stored', 'fwd=miss; stored'])
    expect((await reload('cache: { ttl: 1m, swr: 10s }')).applied).toHaveLength(2)
    expect(await told('/n/2')).toBe('fwd=miss; stored')
    pass(2)
    expect([await told('/n/1'), await told('/n/2'), await told('/own')]).toEqual(['hit', 'fwd=miss; stored', 'hit'])
    expect((await reload('cache: { ttl: 0 }')).rejected?.map(({ text }) => text)).toEqual([
      'cache.ttl (config/base.yaml:1:15), cache.swr (nowhere): cache threw when it was to prepare',
    ])
    expect(lines.some((line) => line.includes('cache.ttl: a ttl of 0 keeps nothing'))).toBe(true)
    expect((await reload('{}')).rejected).toHaveLength(1)
    expect(settings.current.cache?.ttl).toBe('1m')
    pass(2)
    expect(await told('/n/2')).toBe('fwd=miss; stored')
    pass(0.5)
    expect(await told('/n/2')).toBe('hit')
    // Where things are kept is settled at boot.
    expect((await reload('cache: { ttl: 1m, swr: 10s, maxEntries: 5 }')).applied).toEqual([])
  })

  test('changes what counts as slow', async () => {
    const database = openDatabase({ url: 'sqlite::memory:' })
    const { app, ask, reload, lines } = made('log: { slowRequest: 1h, slowQuery: 1h }', { database })
    app.get('/query', async () => `${await database.values('select 1')} ${await sleep(5)}`, { public: true } as never)
    const slow = async () => {
      lines.length = 0
      await (await ask({}, '/query')).text()
      const said = lines.map((line) => JSON.parse(line) as { level: string; message?: string; slow?: boolean })
      return [
        said.some(({ message }) => message === 'a statement was slow'),
        said.some(({ level }) => level === 'warning'),
      ]
    }
    expect(await slow()).toEqual([false, false])
    await reload('log: { slowRequest: 1h, slowQuery: 0s }')
    expect(await slow()).toEqual([true, true])
    await reload('log: { slowRequest: 1ms, slowQuery: false }')
    expect(await slow()).toEqual([false, true])
    await stopGracefully(app)
  })

  test('before the first request counts from the first request on', async () => {
    const { ask, reload } = made('rateLimit: { routes: { limit: 1, per: 1h } }', { rateLimit: {} })
    await reload('rateLimit: { routes: { limit: 9, per: 1h } }')
    expect((await limited(await ask()))[1]).toBe('q=9')
  })

  test('shows each of a hundred requests in flight one generation, in settings, limits and origins', async () => {
    const textOf = (n: number) =>
      [
        `generation: ${n}`,
        `rateLimit: { global: { limit: ${1000 + n}, per: 1h }, routes: { limit: ${1000 + n}, per: 1h } }`,
        `headers: { cors: { origins: [https://g${n}.example.com] } }`,
      ].join('\n')
    const { app, settings, reload } = made(textOf(1), { rateLimit: {} })
    app.get(
      '/wait',
      async ({ settings: own }) => {
        await sleep(Math.random() * 20)
        return { generations: [own.generation, settings.current.generation] }
      },
      { public: true } as never,
    )
    const answers: Promise<{ began: number; seen: unknown[]; expected: unknown[] }>[] = []
    const ask = (): void => {
      const began = settings.current.generation
      const origin = `https://g${began}.example.com`
      const answer = Promise.resolve(app.handle(new Request('http://localhost/wait', { headers: { origin } })))
      answers.push(
        answer.then(async (response) => {
          const { generations } = (await response.json()) as { generations: number[] }
          const quotas = [...response.headers.get('ratelimit-policy')!.matchAll(/q=(\d+)/g)].map((found) =>
            Number(found[1]),
          )
          const allowed = response.headers.get('access-control-allow-origin')
          return {
            began,
            seen: [...generations, ...quotas, allowed],
            expected: [began, began, 1000 + began, 1000 + began, origin],
          }
        }),
      )
    }
    for (let n = 2; n <= 51; n++) {
      ask()
      const reloading = reload(textOf(n))
      ask()
      expect((await reloading).applied.length).toBe(4)
    }
    const all = await Promise.all(answers)
    expect(all).toHaveLength(100)
    for (const { seen, expected } of all) expect(seen).toEqual(expected)
    expect(new Set(all.map(({ began }) => began)).size).toBeGreaterThan(40)
  })
})
