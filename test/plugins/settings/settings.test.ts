import { Type } from '@sinclair/typebox'
import { Elysia, t } from 'elysia'
import { describe, expect, test } from '#test'
import {
  defineSettings,
  kwikSettings,
  optionalSecret,
  provideSettings,
  secret,
} from '../../../plugins/settings/index.ts'
import { mark } from '../../canary.ts'
import { faultsOf, folder } from './folder.ts'

const schema = t.Object({
  server: t.Object({
    port: t.Integer({ default: 3000, maximum: 65535, env: 'PORT' }),
    bodyLimit: t.Optional(t.Number()),
  }),
  debug: t.Boolean({ default: false }),
  mode: t.Union([t.Literal('fast'), t.Literal('slow')], { default: 'slow' }),
  origins: t.Array(t.String(), { default: ['https://a'] }),
  ports: t.Optional(t.Array(t.Integer())),
  flags: t.Optional(t.Record(t.String(), t.Boolean())),
  mail: t.Optional(t.Object({ from: t.String(), retries: t.Integer({ default: 3 }) })),
})
const read = (env: Record<string, string> = {}, files: Record<string, string> = {}, profile?: string) =>
  defineSettings(schema, { dir: folder(files), env, ...(profile && { profile }) })
const faults = (env: Record<string, string>, files: Record<string, string> = {}) => faultsOf(() => read(env, files))

describe('settings', () => {
  test('have their defaults when nobody says anything', () => {
    expect(read().current).toEqual({ server: { port: 3000 }, debug: false, mode: 'slow', origins: ['https://a'] })
  })

  test('come from .env, then .env.<profile>, then .env.local, then the environment', () => {
    const files = {
      '.env': 'PORT=1\nKWIK_MODE=fast\nKWIK_DEBUG=true',
      '.env.production': 'PORT=2\nKWIK_MAIL__FROM=p',
      '.env.local': 'PORT=3',
      '.env.development': 'PORT=9',
    }
    expect(read({ PORT: '4' }, files, 'production').current.server.port).toBe(4)
    const settings = read({ NODE_ENV: 'production' }, files)
    expect(settings.current).toMatchObject({
      server: { port: 3 },
      mode: 'fast',
      debug: true,
      mail: { from: 'p', retries: 3 },
    })
    expect(settings.explain('server.port')).toEqual({
      key: 'server.port',
      value: '3',
      from: '.env.local:1 PORT',
      hot: false,
      overrides: [
        { value: '"2"', from: '.env.production:1 PORT' },
        { value: '"1"', from: '.env:1 PORT' },
        { value: '3000', from: 'default' },
      ],
    })
  })

  test('in tests do not depend on .env.local', () => {
    expect(read({}, { '.env.local': 'PORT=3' }, 'test').current.server.port).toBe(3000)
  })

  test('take the profile from KWIK_PROFILE, then NODE_ENV, then .env', () => {
    expect(read({ NODE_ENV: 'production' }).profile).toBe('production')
    expect(read({ NODE_ENV: 'production', KWIK_PROFILE: 'test' }).profile).toBe('test')
    expect(read({ NODE_ENV: '' }, { '.env': 'KWIK_PROFILE=production' }).profile).toBe('production')
    expect(read().profile).toBe('development')
    expect(faults({ NODE_ENV: 'prodution' })).toEqual([
      'profile must be one of development, test, production, did you mean "production"? (got "prodution" from env NODE_ENV)',
    ])
    expect(faults({}, { '.env.local': 'NODE_ENV=test' })).toEqual([
      '.env.local:1 NODE_ENV cannot choose the profile: set it in the environment or in .env',
    ])
  })

  test('count the name of a place more than a plain one in the same layer, and a later layer more than both', () => {
    expect(read({ PORT: '1', KWIK_SERVER__PORT: '2' }).current.server.port).toBe(2)
    expect(read({ PORT: '1' }, { '.env': 'KWIK_SERVER__PORT=2' }).current.server.port).toBe(1)
  })

  test('take an empty variable for none', () => {
    expect(read({ PORT: '' }, { '.env': 'PORT=5' }).current.server.port).toBe(5)
  })

  test('turn texts into values', () => {
    const { current } = read({
      KWIK_SERVER__BODY_LIMIT: '1.5',
      KWIK_DEBUG: '1',
      KWIK_ORIGINS: 'https://x, https://y',
      KWIK_PORTS: '[1,2]',
      KWIK_FLAGS: '{"new":true}',
      KWIK_MAIL: '{"from":"a"}',
      KWIK_MAIL__RETRIES: '5',
    })
    expect(current).toEqual({
      server: { port: 3000, bodyLimit: 1.5 },
      debug: true,
      mode: 'slow',
      origins: ['https://x', 'https://y'],
      ports: [1, 2],
      flags: { new: true },
      mail: { from: 'a', retries: 5 },
    })
  })

  for (const text of ['1e3', '3.7', '0x10', '9007199254740993', 'Infinity', 'NaN', '+5', '012', ' 5', '1_000', 'abc'])
    test(`refuse "${text}" as an integer, naming the variable and its place`, () => {
      expect(faults({}, { '.env': `# one\nPORT='${text}'` })[0]).toMatch(
        new RegExp(
          `^server\\.port must be an integer.* \\(got ${JSON.stringify(text).replaceAll(/[+.]/g, '\\$&')} from \\.env:2 PORT\\)$`,
        ),
      )
      expect(faults({ KWIK_SERVER__PORT: text })[0]).toContain('from env KWIK_SERVER__PORT)')
    })

  test('refuse what is no number, boolean, list or object', () => {
    for (const text of ['1e3', 'Infinity', '0x10', '.5', '5.'])
      expect(faults({ KWIK_SERVER__BODY_LIMIT: text })).toEqual([
        `server.bodyLimit must be a number (got "${text}" from env KWIK_SERVER__BODY_LIMIT)`,
      ])
    for (const text of ['yes', 'on', 'TRUE', 'no'])
      expect(faults({ KWIK_DEBUG: text })).toEqual([`debug must be true or false (got "${text}" from env KWIK_DEBUG)`])
    expect(faults({ KWIK_ORIGINS: 'a,,b' })[0]).toContain('must not have empty parts')
    expect(faults({ KWIK_PORTS: '1,x' })[0]).toContain('each part must be an integer')
    expect(faults({ KWIK_PORTS: '[1,"x"]' })[0]).toContain('ports.1: ')
    expect(faults({ KWIK_PORTS: '[1' })[0]).toContain('must be a JSON list')
    expect(faults({ KWIK_FLAGS: 'a' })[0]).toContain('must be a JSON object')
    expect(faults({ KWIK_MAIL: '{"form":"a"}' })).toContain(
      'mail.form is not a setting, did you mean "from"? (from env KWIK_MAIL)',
    )
    expect(faults({ KWIK_MODE: 'fats' })).toEqual([
      'mode must be one of "fast", "slow", did you mean "fast"? (got "fats" from env KWIK_MODE)',
    ])
    expect(faults({ PORT: '70000' })[0]).toMatch(/^server\.port: .*65535.* \(got "70000" from env PORT\)$/)
  })

  test('name every fault of every layer at once', () => {
    const found = faults(
      { KWIK_SERVER__PROT: '1', KWIK_DEBUG: 'yes', KWIK_MAIL__RETRIES: '2' },
      { '.env': 'oops\nKWIK_MODE=x', '.env.development': 'PORT=1e3', '.env.local': 'KWIK_NOTHING_LIKE_IT=1' },
    )
    expect(found).toEqual([
      '.env:1 expected NAME=value',
      '.env.local:1 KWIK_NOTHING_LIKE_IT is not a setting',
      'env KWIK_SERVER__PROT is not a setting, did you mean "KWIK_SERVER__PORT"?',
      'server.port must be an integer (got "1e3" from .env.development:1 PORT)',
      'debug must be true or false (got "yes" from env KWIK_DEBUG)',
      'mode must be one of "fast", "slow" (got "x" from .env:2 KWIK_MODE)',
      'mail.from is required: set KWIK_MAIL__FROM, or mail.from in config/development.yaml',
    ])
    expect(() => read({ KWIK_DEBUG: 'yes' })).toThrow('these settings cannot be used:\n  - debug must be')
  })

  test('suggest the name with two underscores for the one with one', () => {
    expect(faults({ KWIK_SERVER_PORT: '1' })[0]).toContain('did you mean "KWIK_SERVER__PORT"?')
  })

  test('may leave variables with the prefix to others, by name', () => {
    const env = { KWIK_OTHER: '1', KWIK_SEED: 's', KWIK_TEST_REDIS: 'r' }
    expect(defineSettings(schema, { dir: folder(), env, ignore: ['KWIK_OTHER'] }).current.debug).toBe(false)
  })

  test('replace lists, never join them', () => {
    expect(read({}, { '.env': 'KWIK_ORIGINS=https://b' }).current.origins).toEqual(['https://b'])
  })

  test('are frozen at every depth', () => {
    const { current } = read()
    expect(() => Object.assign(current.server, { port: 1 })).toThrow()
    expect(() => (current.origins as string[]).push('*')).toThrow()
    expect(read().current.origins).toEqual(['https://a'])
  })

  test('of a type that no text can stand for are refused when they are declared', () => {
    expect(() => defineSettings(t.Object({ at: t.Date() }), { dir: folder(), env: {} })).toThrow(/at is a/)
    expect(() => defineSettings(Type.Object({ a: Type.Any() }), { dir: folder(), env: {} })).toThrow('a is a Any')
    expect(() =>
      defineSettings(t.Object({ a: t.String({ env: 'X' }), b: t.String({ env: 'X' }) }), { dir: folder(), env: {} }),
    ).toThrow('a and b both claim the variable X')
    expect(() => read({}, {}, 'prod')).toThrow('settings: profile must be one of')
    expect(() => read().explain('server.prot' as 'server.port')).toThrow('did you mean "server.port"?')
  })
})

test("Elysia's own types are read as strictly", () => {
  const { current } = defineSettings(
    t.Object({
      size: t.UnionEnum(['s', 'm'], { default: 'm' }),
      rate: t.Numeric(),
      on: t.BooleanString(),
      limit: t.Union([t.Integer(), t.Literal('none')]),
      note: t.Nullable(t.String()),
    }),
    { dir: folder(), env: { KWIK_RATE: '0.5', KWIK_ON: 'true', KWIK_LIMIT: 'none', KWIK_NOTE: 'x' } },
  )
  expect(current as unknown).toEqual({ size: 'm', rate: 0.5, on: true, limit: 'none', note: 'x' })
  const wrong = { KWIK_SIZE: 'l', KWIK_RATE: '1e3', KWIK_ON: 'on', KWIK_LIMIT: '1.5' }
  const found = faultsOf(() =>
    defineSettings(
      t.Object({
        size: t.UnionEnum(['s', 'm']),
        rate: t.Numeric(),
        on: t.BooleanString(),
        limit: t.Union([t.Integer(), t.Literal('none')]),
      }),
      { dir: folder(), env: wrong },
    ),
  )
  expect(found).toEqual([
    'size must be one of "s", "m" (got "l" from env KWIK_SIZE)',
    'rate must be a number (got "1e3" from env KWIK_RATE)',
    'on must be true or false (got "on" from env KWIK_ON)',
    'limit must be an integer or must be "none" (got "1.5" from env KWIK_LIMIT)',
  ])
})

describe('override', () => {
  test('holds inside its function alone, and nests', async () => {
    const settings = read()
    const seen = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        settings.override({ server: { port: n } }, async () => {
          await new Promise((done) => setTimeout(done, Math.random() * 5))
          const inner = settings.override({ debug: true }, () => [settings.current.server.port, settings.current.debug])
          return [settings.current.server.port, settings.current.debug, ...inner]
        }),
      ),
    )
    expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => [n, false, n, true]))
    expect(settings.current.server.port).toBe(3000)
    settings.override({ server: { port: 1 } }, () => expect(settings.explain('server.port').from).toBe('override'))
  })

  test('is checked as everything else', () => {
    const settings = read()
    expect(faultsOf(() => settings.override({ server: { port: 1.5 } }, () => 0))[0]).toMatch(
      /^server\.port: .*\(got 1\.5 from override\)$/,
    )
    expect(faultsOf(() => settings.override({ server: { prot: 1 } } as never, () => 0))[0]).toContain(
      'did you mean "port"?',
    )
    expect(faultsOf(() => settings.override({ server: 5 } as never, () => 0))).toEqual([
      'server is a group of settings (from override)',
    ])
  })
})

describe('a handler', () => {
  test('finds the settings in its context, and those of an override inside of it', async () => {
    const settings = read()
    const app = new Elysia().use(provideSettings(settings)).get('/port', ({ settings: { server } }) => server.port)
    const ask = async () => (await app.handle(new Request('http://localhost/port'))).text()
    expect(await ask()).toBe('3000')
    expect(await Promise.all([settings.override({ server: { port: 7 } }, ask), ask()])).toEqual(['7', '3000'])
  })
})

describe('types', () => {
  test('say what a setting is and which exist', () => {
    const settings = read()
    const port: number = settings.current.server.port
    const from: string | undefined = settings.current.mail?.from
    expect(() => {
      // @ts-expect-error settings are read-only
      settings.current.debug = true
    }).toThrow()
    // @ts-expect-error there is no such setting
    expect(() => settings.explain('server.nothing')).toThrow(TypeError)
    settings.explain('mail.from')
    settings.explain('flags')
    expect([port, from]).toEqual([3000, undefined])
  })
})

describe("Kwik's own settings", () => {
  const own = (env: Record<string, string>, files: Record<string, string> = {}) =>
    defineSettings(
      t.Object({ ...kwikSettings, shop: t.Object({ key: optionalSecret(), pin: t.Optional(secret()) }) }),
      { dir: folder(files), env },
    )

  test('have defaults that need nothing', () => {
    expect(own({}).current as unknown).toEqual({
      profile: 'development',
      server: { port: 3000, host: '0.0.0.0' },
      database: { url: 'sqlite:./data/app.sqlite' },
      redis: {},
      tokens: {},
      log: { level: 'info', format: 'auto' },
      shop: {},
    })
  })

  test('obey the plain names that platforms set', () => {
    const { current } = own({
      PORT: '8080',
      HOST: '127.0.0.1',
      DATABASE_URL: 'postgres://db/app',
      REDIS_URL: 'redis://r',
      NODE_ENV: 'test',
    })
    expect([
      current.server.port,
      current.server.host,
      current.database.url,
      current.redis.url,
      current.profile,
    ]).toEqual([8080, '127.0.0.1', 'postgres://db/app', 'redis://r', 'test'])
  })

  test('want a secret in production, and a long one everywhere', () => {
    expect(faultsOf(() => own({ NODE_ENV: 'production' }))).toEqual([
      'tokens.secret is required in production: set KWIK_TOKENS__SECRET, KWIK_TOKENS__SECRET_FILE, or tokens.secret in config/production.yaml',
    ])
    const [fault] = faultsOf(() => own({ KWIK_TOKENS__SECRET: `short-${mark}` }))
    expect(fault).toMatch(/^tokens\.secret: .*32.* \(got \*\*\* from env KWIK_TOKENS__SECRET\)$/)
  })
})

test('a declaration is looked at as often however deep it stands', () => {
  const looksAt = (depth: number): number => {
    let looks = 0
    const watched = new Proxy(Type.Integer({ default: 1 }), {
      get: (schema, word) => {
        looks++
        return Reflect.get(schema, word)
      },
    })
    let schema = Type.Object({ leaf: watched })
    for (let i = 0; i < depth; i++) schema = Type.Object({ inner: schema }) as never
    looks = 0
    defineSettings(schema, { dir: folder(), env: {} })
    return looks
  }
  expect(looksAt(8)).toBe(looksAt(0))
})
