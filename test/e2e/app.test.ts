import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { buildPackages } from '../../tools/build-package.ts'
import { execute, surroundings } from '../cli/command.ts'
import { postgresUrl, redisUrl, withPostgres, withRedis } from '../services.ts'
import { answers, freePort, type Registry, stampVersions, startRegistry } from './registry.ts'
import { call, type Server, startServer, tokenOf } from './server.ts'

/** The way of a newcomer, from the registry to a tested API: each test goes on where the last one stopped. */
const patience = 120_000
const fields = ['name:string!', 'sku:string:40:unique!', 'price:decimal:10.2', 'status:enum:draft,live=draft']
const password = 'correct horse battery staple'
let folder = ''
let app = ''
let registry: Registry

const run = (words: readonly string[], env: Readonly<Record<string, string>> = {}, stdin?: string) =>
  execute('bun', words, { cwd: app, env, patience, ...(stdin !== undefined && { stdin }) })
const kwik = (words: readonly string[], env?: Readonly<Record<string, string>>, stdin?: string) =>
  run(['run', '--silent', 'kwik', ...words], env, stdin)
const createAdmin = (env?: Readonly<Record<string, string>>) =>
  kwik(['accounts', 'create-admin', '--email', 'root@example.com', '--password-stdin'], env, password)
const product = (n: number) => ({ name: `Product ${n}`, sku: `sku-${n}`, price: `${n}.50` })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kwik-e2e-'))
  app = join(folder, 'shop')
  const build = join(folder, 'build')
  await buildPackages(build)
  registry = await startRegistry(join(folder, 'registry'))
  const packages = [join(build, 'package'), join(build, 'create-kwik')]
  stampVersions(packages)
  for (const one of packages) {
    const { code, err } = await registry.publish(one)
    if (code !== 0) throw new Error(err)
  }
}, patience)
afterAll(() => {
  registry?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('from an empty folder', () => {
  test(
    'bun create kwik makes an app with what the registry has',
    async () => {
      const { code, err } = await execute('bun', ['create', 'kwik', 'shop', '--yes'], {
        cwd: folder,
        env: { ...registry.env, PATH: process.env['PATH'] ?? '' },
        patience,
      })
      expect(err).not.toContain('error')
      expect(code).toBe(0)
      expect(existsSync(join(app, 'node_modules/kwik/dist/src/index.js'))).toBe(true)
      expect(readFileSync(join(app, 'bunfig.toml'), 'utf8')).toContain('env = false')
    },
    patience,
  )

  test(
    'a resource is generated, and again without a change',
    async () => {
      const first = await kwik(['generate', 'resource', 'product', ...fields])
      expect(first.err).toBe('')
      expect(first.code).toBe(0)
      expect(first.out.match(/^create /gm)?.length).toBe(8)
      expect(await kwik(['generate', 'resource', 'product', ...fields])).toEqual({
        code: 0,
        out: 'unchanged\n',
        err: '',
      })
    },
    patience,
  )

  test(
    'its types are right',
    async () => {
      expect(await run(['run', 'check'])).toMatchObject({ code: 0, out: '' })
    },
    patience,
  )

  test(
    'its tests pass at once',
    async () => {
      const { code, err } = await run(['run', 'test'])
      expect(err).toMatch(/^ 0 fail$/m)
      expect(code).toBe(0)
    },
    patience,
  )

  test(
    'the database is brought up to date, once',
    async () => {
      expect((await kwik(['db', 'migrate'])).out).toContain('ran     0001_products')
      expect((await kwik(['db', 'migrate'])).out).toBe('up to date\n')
      expect((await kwik(['db', 'status'])).code).toBe(0)
      expect((await createAdmin()).code).toBe(0)
    },
    patience,
  )
})

describe('the app on SQLite', () => {
  let server: Server
  let token = ''
  beforeAll(async () => {
    server = await startServer(app, {})
    token = await tokenOf(server, 'root@example.com', password)
  }, patience)

  test(
    '30 rows are made over HTTP, and paged through forwards and backwards',
    async () => {
      for (let n = 1; n <= 30; n++)
        expect((await call(server, 'POST', '/products', product(n), token)).status).toBe(201)
      const forwards = await pages(server, token, '/products?limit=7&sort=name', 'next')
      const backwards = await pages(server, token, '/products?limit=7&sort=name&before=end', 'prev')
      expect(forwards).toHaveLength(30)
      expect(new Set(forwards).size).toBe(30)
      expect(backwards.toReversed()).toEqual(forwards)
    },
    patience,
  )

  test('lists are filtered and sorted', async () => {
    const { status, body, headers } = await call(
      server,
      'GET',
      '/products?price[gte]=10&sort=-price&limit=5',
      undefined,
      token,
    )
    expect(status).toBe(200)
    expect(body.data.map(({ price }: { price: string }) => price)).toEqual([
      '30.50',
      '29.50',
      '28.50',
      '27.50',
      '26.50',
    ])
    expect(headers.get('link')).toContain('rel="next"')
  })

  test(
    'refusals say what is wrong, and where',
    async () => {
      expect((await call(server, 'GET', '/products')).status).toBe(401)
      const bob = { email: 'bob@example.com', password }
      expect((await call(server, 'POST', '/users', bob, token)).status).toBe(201)
      const bobs = await tokenOf(server, bob.email, password)
      expect((await call(server, 'GET', '/products', undefined, bobs)).status).toBe(403)
      const missing = '/products/0198c0de-0000-7000-8000-000000000000'
      expect((await call(server, 'GET', missing, undefined, token)).status).toBe(404)
      const taken = await call(server, 'POST', '/products', product(1), token)
      expect(taken.status).toBe(409)
      expect(taken.body.errors).toEqual([expect.objectContaining({ pointer: '/sku' })])
      const unfit = await call(server, 'POST', '/products', { ...product(31), name: 7, colour: 'red' }, token)
      expect(unfit.status).toBe(422)
      expect(unfit.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(['/colour', '/name'])
      expect(unfit.headers.get('content-type')).toContain('application/problem+json')
    },
    patience,
  )

  test('SIGTERM ends it within a second', async () => {
    const { code, took } = await server.stop()
    expect(code).toBe(0)
    expect(took).toBeLessThan(1000)
  })
})

describe('afterwards', () => {
  test(
    'a field is added to the resource and to the rows that are there',
    async () => {
      const { out, code } = await kwik(['g', 'resource', 'product', 'stock:int'])
      expect(code).toBe(0)
      expect(out).toContain('update  src/resources/product/model.ts')
      expect(out).toContain('0002_products.sql')
      const server = await startServer(app, {})
      try {
        const token = await tokenOf(server, 'root@example.com', password)
        const { body } = await call(server, 'GET', '/products?limit=1', undefined, token)
        expect(body.data[0]).toMatchObject({ stock: null })
      } finally {
        await server.stop()
      }
    },
    patience,
  )

  test(
    'routes are listed, the demo is seeded once',
    async () => {
      const { out } = await kwik(['routes', '--json'])
      expect(JSON.parse(out)).toContainEqual(
        expect.objectContaining({ method: 'POST', path: '/products', who: 'products:create' }),
      )
      expect(await kwik(['db', 'seed', '--scenario', 'demo'])).toMatchObject({ code: 0 })
      const again = await kwik(['db', 'seed', '--scenario', 'demo'])
      expect(again.code).toBe(1)
      expect(again.err).toContain('nothing was written')
    },
    patience,
  )

  test(
    'kwik dev serves it',
    async () => {
      const port = await freePort()
      const child = spawn('bun', ['run', '--silent', 'kwik', 'dev', '--port', String(port)], {
        cwd: app,
        env: surroundings(),
        stdio: 'ignore',
      })
      const ended = new Promise((resolve) => child.once('exit', resolve))
      await answers(`http://127.0.0.1:${port}/health/ready`, child)
      child.kill('SIGTERM')
      expect(await ended).toBe(0)
    },
    patience,
  )

  test(
    'the package loads on Node and on Deno too',
    async () => {
      const source = `
      import { Elysia } from 'elysia'
      import { kwikPlugin } from 'kwik'
      import { scopeOf } from 'kwik/core'
      const app = new Elysia().use(kwikPlugin).get('/hello', ({ request }) => scopeOf(request).id.length > 0, { public: true })
      const response = await app.handle(new Request('http://localhost/hello'))
      console.log(response.status, await response.text())`
      await Bun.write(join(app, 'elsewhere.mjs'), source)
      const deno = join(import.meta.dirname, '../../node_modules/.bin/deno')
      for (const [program, words] of [
        ['node', ['elsewhere.mjs']],
        [deno, ['run', '-A', '--node-modules-dir=manual', 'elsewhere.mjs']],
      ] as const) {
        const { out, err } = await execute(program, words, { cwd: app, patience })
        expect(`${out}${out.includes('200 true') ? '' : err}`).toContain('200 true')
      }
    },
    patience,
  )
})

if (withPostgres.available && withRedis.available)
  describe('the same app on PostgreSQL and Redis, by two settings', () => {
    const name = `kwik_e2e_${Date.now()}`
    const url = Object.assign(new URL(postgresUrl), { pathname: `/${name}` }).href
    // The last of Redis' sixteen databases: keys of the app have no prefix of this run.
    const redis = Object.assign(new URL(redisUrl), { pathname: '/15' }).href
    let others: string[] = []
    const env = { DATABASE_URL: url, REDIS_URL: redis }
    const servers: Server[] = []

    beforeAll(async () => {
      for (const one of [name, `${name}_test`]) await query(postgresUrl, `create database ${one}`)
      others = await keysOf(redis)
    })
    afterAll(async () => {
      for (const server of servers) await server.stop()
      for (const one of [name, `${name}_test`]) await query(postgresUrl, `drop database if exists ${one} with (force)`)
      await forget(redis, others)
    })

    test(
      'two processes start at once and share rows and limits',
      async () => {
        servers.push(...(await Promise.all([startServer(app, env), startServer(app, env)])))
        const [one, two] = servers as [Server, Server]
        expect((await createAdmin(env)).code).toBe(0)
        const token = await tokenOf(one, 'root@example.com', password)
        for (let n = 1; n <= 30; n++) expect((await call(one, 'POST', '/products', product(n), token)).status).toBe(201)
        expect(await query(url, 'select count(*)::int as rows from products')).toEqual([{ rows: 30 }])

        expect(await pages(two, token, '/products?limit=7&sort=name', 'next')).toHaveLength(30)
        const before = remaining(await call(one, 'GET', '/products', undefined, token))
        for (let n = 0; n < 40; n++) await call(one, 'GET', '/products', undefined, token)
        // What came back meanwhile, ten a second, is less than what the other process took.
        expect(remaining(await call(two, 'GET', '/products', undefined, token))).toBeLessThan(before - 10)
        const made = (await keysOf(redis)).filter((key) => !others.includes(key))
        expect(made).not.toEqual([])
        for (const key of made) expect(key).toStartWith('kwik:')
      },
      patience,
    )

    test(
      'its tests pass there too',
      async () => {
        const { err, code } = await run(['run', 'test'], { ...env, DATABASE_URL: `${url}_test` })
        expect(err).toMatch(/^ 0 fail$/m)
        expect(code).toBe(0)
      },
      patience,
    )
  })
else
  withPostgres.test('the same app on PostgreSQL and Redis, by two settings', () =>
    withRedis.test('and Redis', () => {}),
  )

/** All ids of a list, page by page, in the direction of a link; each page read from its end when it goes backwards. */
async function pages(server: Server, token: string, first: string, direction: 'next' | 'prev'): Promise<string[]> {
  const ids: string[] = []
  let path: string | undefined = first
  while (path !== undefined) {
    const { status, body } = await call(server, 'GET', path, undefined, token)
    if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`)
    const page: string[] = body.data.map(({ id }: { id: string }) => id)
    ids.push(...(direction === 'next' ? page : page.toReversed()))
    const cursor: string | undefined = body.page[direction]
    const word = direction === 'next' ? 'after' : 'before'
    path = cursor && `${first.replace(/&before=end$/, '')}&${word}=${encodeURIComponent(cursor)}`
  }
  return ids
}

const remaining = ({ headers }: { headers: Headers }): number =>
  Number(/;r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1])

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

async function keysOf(url: string): Promise<string[]> {
  const client = await createClient({ url }).connect()
  const keys = await client.keys('*')
  client.destroy()
  return keys
}

/** Deletes what the app wrote, and nothing that was there before. */
async function forget(url: string, others: readonly string[]): Promise<void> {
  const client = await createClient({ url }).connect()
  for (const key of await client.keys('*')) if (!others.includes(key)) await client.del(key)
  client.destroy()
}
