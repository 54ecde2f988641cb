import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openRedis } from '#core/adapters/redis'
import type { Redis } from '#core/ports/redis'
import { afterAll, beforeAll, describe, expect, sleep, test } from '#test'
import { accounts } from '../../cli/doctor/checks/accounts.ts'
import { cors } from '../../cli/doctor/checks/cors.ts'
import { database } from '../../cli/doctor/checks/database.ts'
import { envFiles } from '../../cli/doctor/checks/env-files.ts'
import { limits } from '../../cli/doctor/checks/limits.ts'
import { network } from '../../cli/doctor/checks/network.ts'
import { redis } from '../../cli/doctor/checks/redis.ts'
import { secrets, weaknessOf } from '../../cli/doctor/checks/secrets.ts'
import { bun, tools } from '../../cli/doctor/checks/tools.ts'
import { codes, type Finding } from '../../cli/doctor/codes.ts'
import type { Check, SettingsOfApp, Subject } from '../../cli/doctor/subject.ts'
import { accountsService } from '../../plugins/accounts/index.ts'
import { openDatabase } from '../../plugins/database/index.ts'
import { memoryMailer } from '../../plugins/email/index.ts'
import type { CorsOptions } from '../../plugins/headers/index.ts'
import type { KwikOptions } from '../../src/kwik.types.ts'
import { withTable } from '../../tools/doctor-table.ts'
import { redisServer } from '../fixtures/redis-server.ts'
import { inFolder, postgresDatabase, withPostgres, withRedis } from '../services.ts'
import { newApp, type TestApp } from './app.ts'
import { kwik } from './command.ts'

const random = 'Vt7kQ2m9Zr4xLw8PjN3bHs6YcF1dGa5UeK0oRi+TqMy='
/** Codes that a test has seen: at the end each was provoked once. */
const seen = new Set<string>()

interface Given {
  readonly options?: object
  readonly settings?: object
  readonly production?: boolean
  readonly redis?: Redis
  /** Files of the app, by path. */
  readonly files?: Readonly<Record<string, string>>
}

/** The codes that a check finds in an app of these parts. */
async function found(check: Check, given: Given, prepare?: (root: string) => void): Promise<string[]> {
  return inFolder(async (root) => {
    for (const [path, text] of Object.entries(given.files ?? {})) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text, { mode: 0o600 })
    }
    prepare?.(root)
    const { production = true, settings } = given
    const options = (given.options ?? {}) as KwikOptions
    const subject: Subject = {
      project: { root, path: (...parts) => join(root, ...parts) },
      profile: production ? 'production' : 'development',
      production,
      options,
      services: {
        options,
        ...(options.database && { database: options.database }),
        ...(given.redis && { redis: given.redis }),
      },
      routes: [],
      ...(settings && { settings: { profile: 'production', current: settings } as SettingsOfApp }),
    }
    const all = await check(subject)
    for (const { code, what } of all) {
      seen.add(code)
      expect(what).not.toContain(random)
    }
    return all.map(({ code }) => code)
  })
}

describe('secrets', () => {
  test.each([
    ['short', 'it has 5 bytes'],
    ['a'.repeat(40), 'few different'],
    ['abcdefghijklmnop'.repeat(3), 'repeats itself'],
    ['my-very-long-production-secret-0123', '"secret"'],
    ['ChangeMe-ChangeIt-AlterThis-9182736', '"changeme"'],
  ])('that can be guessed are weak: %s', (text, why) => {
    expect(weaknessOf(text)).toContain(why)
  })
  test('that were made at random are not', () => {
    for (let i = 0; i < 200; i++)
      expect(weaknessOf(Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64'))).toBeUndefined()
  })
  test('are looked at wherever they are given, and never shown', async () => {
    expect(await found(secrets, { options: { tokens: { secret: 'short' } } })).toEqual(['secret-weak'])
    expect(await found(secrets, { options: { tokens: { keys: [{ secret: random }, { secret: 'short' }] } } })).toEqual([
      'secret-weak',
    ])
    expect(await found(secrets, { options: { shaping: { keys: ['short'] } } })).toEqual(['secret-weak'])
    expect(await found(secrets, { options: { tokens: { secret: random } } })).toEqual([])
  })
  test('in the code, or made for development, are no secrets', async () => {
    const options = { tokens: { secret: random } }
    const files = { 'src/settings.ts': `export const secret = '${random}'` }
    expect(await found(secrets, { options, files })).toEqual(['secret-in-code'])
    const made = { 'data/.kwik/secret': `${random}\n` }
    expect(await found(secrets, { options, files: made })).toEqual(['secret-development'])
    expect(await found(secrets, { options, files: made, production: false })).toEqual([])
  })
})

describe('.env files', () => {
  const files = { '.env': `# a\nPORT=3000\nKWIK_TOKENS__SECRET=${random}\n`, 'bunfig.toml': 'env = false\n' }
  test('with secrets are not for everybody on the machine, in production', async () => {
    const open = (root: string) => chmodSync(join(root, '.env'), 0o644)
    expect(await found(envFiles, { files }, open)).toEqual(['env-readable'])
    expect(await found(envFiles, { files, production: false }, open)).toEqual([])
    expect(await found(envFiles, { files })).toEqual([])
    expect(await found(envFiles, { files: { ...files, '.env': 'PORT=3000\nAPI_KEY=\n' } }, open)).toEqual([])
  })
  test('with secrets are not in the repository', async () => {
    const keep = (root: string) => {
      spawnSync('git', ['init', '-q'], { cwd: root })
      spawnSync('git', ['add', '.env'], { cwd: root })
    }
    expect(await found(envFiles, { files, production: false }, keep)).toEqual(['env-committed'])
    const withUrl = { ...files, '.env': 'DATABASE_URL=postgres://app:hunter2@db/shop\n' }
    expect(await found(envFiles, { files: withUrl, production: false }, keep)).toEqual(['env-committed'])
    const harmless = { ...files, '.env': 'DATABASE_URL=postgres://app@db/shop\n' }
    expect(await found(envFiles, { files: harmless, production: false }, keep)).toEqual([])
  })
  test('are read by Kwik alone', async () => {
    expect(await found(envFiles, { files: { 'bunfig.toml': '[test]\n' } })).toEqual(['env-by-bun'])
    expect(await found(envFiles, {})).toEqual(['env-by-bun'])
  })
})

describe('CORS', () => {
  const of = (said: CorsOptions, production = true) => found(cors, { options: { headers: { cors: said } }, production })
  test('that takes any origin is told, with credentials as a problem', async () => {
    expect(await of({ origins: '*' })).toEqual(['cors-everybody'])
    for (const origins of [() => true, async () => true, [/https:.*/], [/.+/g]]) {
      expect(await of({ origins, credentials: true })).toEqual(['cors-any-origin'])
      expect(await of({ origins })).toEqual(['cors-everybody'])
    }
    expect(await of({ origins: (origin) => origin === 'https://good.com' })).toEqual([])
  })
  test('with a loose expression, with credentials for many, or with origins of development is looked at', async () => {
    expect(await of({ origins: [/https:\/\/[a-z]+.good\.com/] })).toEqual(['cors-expression'])
    expect(await of({ origins: [/https:\/\/[a-z]+\.good\.com/] })).toEqual([])
    expect(await of({ origins: ['https://*.good.com'], credentials: true })).toEqual(['cors-credentials'])
    const many = Array.from({ length: 11 }, (_, at) => `https://shop-${at}.com`)
    expect(await of({ origins: many, credentials: true })).toEqual(['cors-credentials'])
    expect(await of({ origins: many })).toEqual([])
    expect(await of({ origins: ['http://localhost:3000', 'https://good.com'] })).toEqual(['cors-origin-open'])
    expect(await of({ origins: ['http://localhost:3000'] }, false)).toEqual([])
  })
})

describe('the network around an app', () => {
  const safe = { headers: { hosts: ['a.com'] }, trustedProxies: ['10.0.0.0/8', 'fd00::/16', '192.168.1.4'] }
  const of = (options: object, production = true) => found(network, { options, production })
  test('is fine when hosts and proxies are named', async () => {
    expect(await of(safe)).toEqual([])
    expect(await of({}, false)).toEqual([])
  })
  test('lacks what production needs', async () => {
    expect(await of({})).toEqual(['hosts-missing', 'proxies-missing'])
    expect(await of({ ...safe, headers: false })).toEqual(['headers-off'])
    expect(await of({ ...safe, headers: { hosts: ['a.com'], hsts: false } })).toEqual(['hsts-off'])
  })
  test('trusts no range that callers are in', async () => {
    for (const range of ['0.0.0.0/0', '::/0', '0.0.0.0/1', '2000::/3'])
      expect(await of({ ...safe, trustedProxies: [range] })).toEqual(['proxies-wide'])
  })
})

describe('limits', () => {
  test('of one request that are wide, and people who sign in without any', async () => {
    expect(await found(limits, { options: {} })).toEqual([])
    expect(await found(limits, { options: { bodyLimit: 100_000_000 } })).toEqual(['body-limit-wide'])
    expect(await found(limits, { options: { timeout: '10m' } })).toEqual(['timeout-wide'])
    expect(await found(limits, { options: { timeout: 0 } })).toEqual(['timeout-wide'])
    expect(await found(accounts, { options: { accounts: {} } })).toEqual(['limits-missing'])
    expect(await found(accounts, { options: { accounts: {}, rateLimit: {} } })).toEqual([])
  })
  test('of who gets an account', async () => {
    const db = openDatabase({ url: 'sqlite::memory:' })
    const people = (register: boolean | { verify: boolean }) => accountsService(db, { register })
    const options = { accounts: people(true), mailer: memoryMailer(), rateLimit: {} }
    expect(await found(accounts, { options })).toEqual(['register-unverified', 'mailer-log'])
    expect(await found(accounts, { options, production: false })).toEqual([])
    const sure = { accounts: people({ verify: true }), rateLimit: {} }
    expect(await found(accounts, { options: sure })).toEqual([])
  })
})

describe('the database', () => {
  const at = (url: string, production = true) => {
    const db = { dialect: 'postgresql', ping: async () => true }
    return found(database, { options: { database: db }, settings: { database: { url } }, production })
  }
  test('is reached by TLS that is checked, unless it is on this machine', async () => {
    for (const url of ['postgres://db/shop', 'postgres://db/shop?sslmode=disable'])
      expect(await at(url)).toEqual(['database-no-tls'])
    for (const more of ['sslmode=no-verify', 'sslmode=require&uselibpqcompat=true'])
      expect(await at(`postgres://db/shop?${more}`)).toEqual(['database-tls-unverified'])
    for (const url of [
      'postgres://db/shop?sslmode=verify-full',
      'postgres://db/shop?sslmode=require',
      'postgres://127.0.0.1/shop',
      'postgres://localhost/shop',
    ])
      expect(await at(url)).toEqual([])
    expect(await at('postgres://db/shop', false)).toEqual([])
  })
  test('answers', async () => {
    const db = openDatabase({ url: 'postgres://postgres@127.0.0.1:1/none', connectTimeout: '1s' })
    expect(await found(database, { options: { database: db } })).toEqual(['database-unreachable'])
    await db.close()
  })
})

describe('Redis', () => {
  const saying = (text: string): Redis => ({
    prefix: '',
    run: async () => text,
    ping: async () => true,
    close: async () => {},
  })
  const options = { rateLimit: {} }
  const of = (connection: Redis | undefined, url?: string) =>
    found(redis, { options, settings: { redis: { url } }, ...(connection && { redis: connection }) })
  test('is missing where several processes count, and old where it lacks commands', async () => {
    expect(await of(undefined)).toEqual(['redis-missing'])
    expect(await found(redis, { options: {} })).toEqual([])
    expect(await of(saying('redis_version:6.0.16\r\n'))).toEqual(['redis-old'])
    expect(await of(saying('redis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\n'))).toEqual([])
  })
  test('is reached by TLS and with a password, unless it is on this machine', async () => {
    const fine = saying('redis_version:7.0.15\r\n')
    expect(await of(fine, 'redis://redis:6379')).toEqual(['redis-no-tls', 'redis-no-password'])
    expect(await of(fine, 'rediss://app:pw@redis:6379')).toEqual([])
    expect(await of(fine, 'redis://127.0.0.1:6379')).toEqual([])
  })
  withRedis.test(
    'keeps what it is given, and answers',
    async () => {
      const server = await redisServer()
      await server.start()
      const connection = openRedis({ url: server.url, deadline: '1s' })
      try {
        while (!(await connection.ping())) await sleep(20)
        expect(await of(connection)).toEqual([])
        await connection.run(['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru'])
        expect(await of(connection)).toEqual(['redis-evicts'])
        await server.kill()
        expect(await of(connection)).toEqual(['redis-unreachable'])
      } finally {
        await connection.close()
        await server.kill()
      }
    },
    20_000,
  )
})

describe('tools', () => {
  test('are those that Kwik is made for', async () => {
    expect(bun('1.0.30').map(({ code }) => seen.add(code) && code)).toEqual(['bun-old'])
    expect([bun('1.4.5'), bun('1.10.0'), bun('2.0.0'), bun(undefined)]).toEqual([[], [], [], []])
    const tsconfig = (text: string) => found(tools, { files: { 'tsconfig.json': text } })
    expect(await tsconfig('{ "compilerOptions": { "experimentalDecorators" : true } }')).toEqual([
      'experimental-decorators',
    ])
    expect(await tsconfig('{ // "experimentalDecorators": true\n "include": ["src/**/*"] }')).toEqual([])
  })
  test('and packages that are there once', async () => {
    const elysia = (folder: string) => ({ [`node_modules/${folder}elysia/package.json`]: '{}' })
    const twice = { ...elysia(''), ...elysia('@acme/audit/node_modules/') }
    expect(await found(tools, { files: twice })).toEqual(['packages-twice'])
    const linked = (root: string) => {
      mkdirSync(join(root, 'node_modules/other/node_modules'), { recursive: true })
      symlinkSync(join(root, 'node_modules/elysia'), join(root, 'node_modules/other/node_modules/elysia'))
    }
    expect(await found(tools, { files: elysia('') }, linked)).toEqual([])
  })
})

describe('kwik doctor', () => {
  const patience = 60_000
  let app: TestApp
  beforeAll(async () => {
    app = await newApp()
    await app.kwik('db', 'migrate')
  }, patience)
  afterAll(() => app.remove())

  const edit = (file: string, from: string | RegExp, to: string): void => {
    const path = join(app.root, file)
    const text = readFileSync(path, 'utf8')
    expect(text.replace(from, to)).not.toBe(text)
    writeFileSync(path, text.replace(from, to))
  }
  const examined = async (...words: string[]) => {
    const { code, out, err } = await app.kwik('doctor', '--json', ...words)
    expect(err).toBe('')
    const { findings, profile } = JSON.parse(out) as { findings: Finding[]; profile: string }
    for (const one of findings) seen.add(one.code)
    return { code, profile, codes: findings.map((one) => one.code), findings }
  }

  test(
    'finds nothing in a new app, and says what more it can look at',
    async () => {
      expect(await app.kwik('doctor')).toEqual({
        code: 0,
        out: 'profile development: nothing found; kwik doctor --production tells what production needs\n',
        err: '',
      })
    },
    patience,
  )

  test(
    'loads the app as production would, and judges it so',
    async () => {
      const without = await examined('--production')
      expect([without.code, without.profile, without.codes]).toEqual([1, 'production', ['settings-invalid']])
      expect(without.findings[0]!.what).toContain('set KWIK_TOKENS__SECRET')
      writeFileSync(join(app.root, '.env.production'), `KWIK_TOKENS__SECRET=${random}\n`, { mode: 0o600 })
      const warned = await examined('--production')
      expect([warned.code, warned.codes]).toEqual([0, ['hosts-missing', 'proxies-missing', 'redis-missing']])
      expect((await examined('--production', '--strict')).code).toBe(1)
      const words = await app.kwik('doctor', '--production')
      expect(words.out).toContain('warning  hosts-missing  headers.hosts: there is no list\n         Without a list')
      expect(words.out).toContain("         -> Name them: kwik({ headers: { hosts: ['api.example.com'] } })\n")
      expect(words.out).toMatch(/\nprofile production: 0 problems, 3 warnings\n$/)
      expect(words.out).not.toContain(random)
    },
    patience,
  )

  test(
    'finds what is wrong in the app itself, problems first',
    async () => {
      edit('src/platform.ts', "openapi: { title: 'shop' },", "strict: false, trustedProxies: ['0.0.0.0/0'],")
      edit('src/app.ts', '{ public: true, detail: { hide: true } }', '{ detail: { hide: true } }')
      const open = await examined()
      expect([open.code, open.codes]).toEqual([1, ['proxies-wide', 'routes-undeclared']])
      expect(open.findings[1]!.what).toBe('GET /')
      edit('src/platform.ts', 'strict: false, ', '')
      const refused = await examined()
      expect([refused.code, refused.codes]).toEqual([1, ['app-broken', 'proxies-wide']])
      expect(refused.findings[0]!.what).toContain('say who may call it')
    },
    patience,
  )

  test(
    'finds migrations that have not run or are others than those that did',
    async () => {
      edit('migrations/sqlite/0000_accounts.sql', /^/, '-- changed\n')
      expect((await examined()).codes).toContain('migrations-changed')
      writeFileSync(join(app.root, '.env.local'), 'DATABASE_URL=sqlite:./data/other.sqlite\n')
      expect((await examined()).codes).toContain('migrations-pending')
    },
    patience,
  )

  withPostgres.test(
    'asks PostgreSQL where the app is on it',
    async () => {
      const made = await postgresDatabase()
      const on = (...words: string[]) => kwik(words, { cwd: app.root, env: { DATABASE_URL: made.url }, patience })
      const pending = async () => {
        const { findings } = JSON.parse((await on('doctor', '--json')).out) as { findings: Finding[] }
        return findings.filter(({ code }) => code.startsWith('migrations-') || code.startsWith('database-')).length
      }
      try {
        expect(await pending()).toBe(1)
        expect((await on('db', 'migrate')).code).toBe(0)
        expect(await pending()).toBe(0)
      } finally {
        await made.drop()
      }
    },
    patience,
  )

  test(
    'has its words checked',
    async () => {
      const typo = await app.kwik('doctor', '--prodution')
      expect([typo.code, typo.out, typo.err.includes('did you mean --production?')]).toEqual([2, '', true])
    },
    patience,
  )
})

test('each code of the doctor was provoked by a test, and is on its page', () => {
  const missing = Object.keys(codes).filter((code) => !seen.has(code))
  expect(missing).toEqual(withRedis.available ? [] : ['redis-unreachable', 'redis-evicts'])
  const page = readFileSync(new URL('../../docs/reference/doctor.md', import.meta.url), 'utf8')
  expect(page).toBe(withTable(page))
})
