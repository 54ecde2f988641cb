import { eq } from 'drizzle-orm'
import { Elysia, t } from 'elysia'
import { type Ctx, controller, kwik, routes, servicesOf } from 'kwik'
import { accountPermissions, accountsService, accountTables, users } from 'kwik/accounts'
import { createTables, type Database, defineTable, openDatabase } from 'kwik/database'
import * as decorators from 'kwik/decorators'
import { own } from 'kwik/permissions'
import { resource } from 'kwik/resources'
import { tokenTables } from 'kwik/tokens'
import { versions } from 'kwik/versioning'
import type { OptionDecorator } from '#core/controller/option'
import { Scope } from '#core/scope'
import { describe, expect, test } from '#test'

// Each route option through its three surfaces, in process and on a socket: POST /things makes a row and then works.

const things = defineTable('things', (t) => ({ id: t.id(), name: t.string(200) }))
const tables = [...accountTables, ...tokenTables, things]
const names = ['things:create', 'things:admin', 'things:admin:own'] as const
const secret = '8c1f0d6a3b9e4f72a5d0c6b1e8f39a47'
const body = t.Object({ name: t.String() })
type Work = (db: Database) => unknown

async function makePlatform() {
  const database = openDatabase({ url: 'sqlite::memory:' })
  await createTables(database, tables)
  const accounts = accountsService(database, { permissions: [...names, ...accountPermissions] })
  const platform = kwik({
    database,
    accounts,
    permissions: names,
    tokens: { secret },
    rateLimit: {},
    idempotency: {},
    versions: versions({
      vendor: 'kwik',
      list: [
        { v: '2', released: '2026-01-01' },
        { v: '1', released: '2025-01-01' },
      ],
    }),
    logging: { write() {} },
    signals: false,
  })
  return { database, accounts, platform }
}
type Made = Awaited<ReturnType<typeof makePlatform>>

const store = async (db: Database, name: string, work: Work) => {
  await db.drizzle.insert(things.for(db)).values({ name })
  await work(db)
  return { name }
}

/** The same route, said three ways. */
const surfaces = {
  'route option': ({ platform }: Made, option: object, _: readonly OptionDecorator[], work: Work) =>
    new Elysia()
      .use(platform)
      .post('/things', ({ body: { name }, db }) => store(db, name, work), { body, ...(option as { public: true }) }),
  decorator: ({ platform }: Made, _: object, stacked: readonly OptionDecorator[], work: Work) => {
    const create = routes(() => platform).post('/', { body })
    class Things {
      @create @all(stacked) add({ body: { name }, db }: Ctx<typeof create>) {
        return store(db, name, work)
      }
    }
    return new Elysia().use(platform).use(controller('/things', platform, new Things()))
  },
  resource: ({ platform, database }: Made, option: object, _: readonly OptionDecorator[], work: Work) =>
    new Elysia().use(platform).use(
      resource('things', {
        table: things,
        only: ['create'],
        permissions: false,
        hooks: { beforeCreate: async () => void (await work(database)) },
        options: { create: { ...option } },
      }),
    ),
} as const

const all =
  (stacked: readonly OptionDecorator[]): OptionDecorator =>
  (method, context) => {
    for (const one of stacked) one(method, context)
  }

interface Case {
  readonly option: object
  readonly decorators: readonly OptionDecorator[]
  readonly work?: Work
  check(ask: Ask, made: Made): Promise<void>
}
type Ask = (more?: {
  as?: 'ann' | 'bob' | 'cid'
  body?: string
  key?: string
  apiKey?: string
  query?: string
  version?: string
}) => Promise<Response>
const rows = async ({ database }: Made): Promise<number> =>
  Number((await database.values('select count(*) from things'))[0]![0])
const open = { public: true } as const
/** Whose it is stands in the query: the name of a user. */
const mine = own('things:admin', async ({ query, db }) => {
  const table = users.for(db)
  const [found] = await db.drizzle
    .select()
    .from(table)
    .where(eq(table.email, `${String(query['of'])}@example.com`))
  return found?.id
})

const cases: Readonly<Record<string, Case>> = {
  auth: {
    option: { auth: true },
    decorators: [decorators.auth()],
    async check(ask, made) {
      expect((await ask()).status).toBe(401)
      expect(await rows(made)).toBe(0)
      expect((await ask({ as: 'bob' })).ok).toBe(true)
    },
  },
  public: {
    option: open,
    decorators: [decorators.open()],
    async check(ask) {
      expect((await ask()).ok).toBe(true)
    },
  },
  permission: {
    option: { permission: 'things:admin' },
    decorators: [decorators.permission('things:admin')],
    async check(ask, made) {
      expect([(await ask()).status, (await ask({ as: 'bob' })).status, await rows(made)]).toEqual([401, 403, 0])
      expect((await ask({ as: 'ann' })).ok).toBe(true)
    },
  },
  inPerson: {
    option: { auth: true, inPerson: true },
    decorators: [decorators.auth(), decorators.inPerson()],
    async check(ask, made) {
      const key = await keyOfBob(made)
      expect([(await ask()).status, (await ask({ apiKey: key })).status, await rows(made)]).toEqual([401, 403, 0])
      expect((await ask({ as: 'bob' })).ok).toBe(true)
    },
  },
  'permission of own()': {
    option: { permission: mine },
    decorators: [decorators.permission(mine)],
    async check(ask, made) {
      expect([(await ask()).status, (await ask({ as: 'bob' })).status]).toEqual([401, 403])
      const [other, none] = [await ask({ as: 'cid', query: '?of=ann' }), await ask({ as: 'cid', query: '?of=nobody' })]
      expect([other.status, none.status, await other.text()]).toEqual([404, 404, await none.text()])
      expect(await rows(made)).toBe(0)
      expect((await ask({ as: 'cid', query: '?of=cid' })).ok).toBe(true)
      expect((await ask({ as: 'ann', query: '?of=nobody' })).ok).toBe(true)
      expect(await rows(made)).toBe(2)
    },
  },
  rateLimit: {
    option: { ...open, rateLimit: { limit: 2, per: '1m', by: 'ip' } },
    decorators: [decorators.open(), decorators.rateLimit(2, '1m', { by: 'ip' })],
    async check(ask, made) {
      const statuses = []
      for (let i = 0; i < 3; i++) statuses.push((await ask()).status)
      expect(statuses.map((status) => status < 300)).toEqual([true, true, false])
      expect([statuses[2], await rows(made)]).toEqual([429, 2])
    },
  },
  transaction: {
    option: { ...open, transaction: true },
    decorators: [decorators.open(), decorators.transaction()],
    async work(db) {
      await db.drizzle.insert(things.for(db)).values({ name: 'more' })
      throw new Error('after two writes')
    },
    async check(ask, made) {
      expect([(await ask()).status, await rows(made)]).toEqual([500, 0])
    },
  },
  timeout: {
    option: { ...open, timeout: '50ms' },
    decorators: [decorators.open(), decorators.timeout('50ms')],
    work: () => new Promise((done) => setTimeout(done, 300)),
    async check(ask) {
      const answer = await ask()
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([503, 'KWIK_TIMEOUT'])
    },
  },
  bodyLimit: {
    option: { ...open, bodyLimit: 40 },
    decorators: [decorators.open(), decorators.bodyLimit(40)],
    async check(ask, made) {
      expect((await ask({ body: JSON.stringify({ name: 'x'.repeat(100) }) })).status).toBe(413)
      expect(await rows(made)).toBe(0)
      expect((await ask()).ok).toBe(true)
    },
  },
  idempotent: {
    option: { ...open, idempotent: { required: true } },
    decorators: [decorators.open(), decorators.idempotent({ required: true })],
    async check(ask, made) {
      expect((await ask()).status).toBe(400)
      const [first, again] = [await ask({ key: 'k' }), await ask({ key: 'k' })]
      expect([first.ok, again.status, await again.text()]).toEqual([true, first.status, await first.text()])
      expect([again.headers.get('idempotency-replayed'), await rows(made)]).toEqual(['true', 1])
      expect((await ask({ key: 'k', body: '{"name":"other"}' })).status).toBe(422)
    },
  },
  version: {
    option: { ...open, version: { until: '1' } },
    decorators: [decorators.open(), decorators.version({ until: '1' })],
    async check(ask, made) {
      expect([(await ask()).status, await rows(made)]).toEqual([404, 0])
      const older = await ask({ version: '1' })
      expect([older.ok, older.headers.get('api-version')]).toEqual([true, '1'])
    },
  },
  deprecated: {
    option: { ...open, deprecated: { since: '2026-09-01', sunset: '2027-03-01' } },
    decorators: [decorators.open(), decorators.deprecated({ since: '2026-09-01', sunset: '2027-03-01' })],
    async check(ask) {
      const { headers } = await ask()
      expect([headers.get('deprecation'), headers.get('sunset')]).toEqual([
        '@1788220800',
        'Mon, 01 Mar 2027 00:00:00 GMT',
      ])
    },
  },
  responseHeaders: {
    option: { ...open, responseHeaders: { 'x-frame-options': 'DENY' } },
    decorators: [decorators.open(), decorators.responseHeaders({ 'x-frame-options': 'DENY' })],
    async check(ask) {
      const { headers } = await ask()
      expect([headers.get('x-frame-options'), headers.get('x-content-type-options')]).toEqual(['DENY', 'nosniff'])
    },
  },
}

for (const [surface, make] of Object.entries(surfaces))
  describe(`by ${surface}`, () => {
    for (const [name, one] of Object.entries(cases))
      for (const way of ['handle', 'socket'] as const)
        test(`${name} holds (${way})`, async () => {
          const made = await makePlatform()
          const tokens = await signIn(made)
          const app = make(made, one.option, one.decorators, one.work ?? (() => undefined))
          if (way === 'socket') app.listen({ port: 0, hostname: '127.0.0.1' })
          const ask: Ask = ({ as, body = '{"name":"tea"}', key, apiKey, query = '', version } = {}) => {
            const headers = {
              'content-type': 'application/json',
              ...(as && { authorization: `Bearer ${tokens[as]}` }),
              ...(key && { 'idempotency-key': key }),
              ...(apiKey && { 'x-api-key': apiKey }),
              ...(version && { accept: `application/vnd.kwik.v${version}+json` }),
            }
            const base = way === 'socket' ? `http://127.0.0.1:${app.server!.port}` : 'http://localhost'
            const request = new Request(`${base}/things${query}`, { method: 'POST', headers, body })
            return way === 'socket' ? fetch(request) : app.handle(request)
          }
          try {
            await one.check(ask, made)
          } finally {
            if (way === 'socket') await app.stop(true)
            await made.database.close()
          }
        })
  })

/** ann holds what bob does not, and cid holds it for what is his. */
async function signIn({ accounts, platform }: Made): Promise<{ ann: string; bob: string; cid: string }> {
  const role = await accounts.createRole({ name: 'admins', permissions: ['things:*'] }, 'system')
  const own = await accounts.createRole({ name: 'owners', permissions: ['things:*:own'] }, 'system')
  const token = async (name: string, roles: string[]) => {
    const user = await accounts.createUser({ email: `${name}@example.com`, password: 'correct horse', roles }, 'system')
    const account = await accounts.principals.load(user.id)
    const scope = new Scope(new Request('http://localhost/'))
    const subject = { id: user.id, tokenVersion: account!.tokenVersion }
    return (await servicesOf(platform).sessions!.begin(scope, subject)).accessToken
  }
  return { ann: await token('ann', [role.name]), bob: await token('bob', []), cid: await token('cid', [own.name]) }
}

async function keyOfBob({ accounts }: Made): Promise<string> {
  const { data } = await accounts.listUsers()
  const bob = data.find(({ email }) => email === 'bob@example.com')!
  const role = await accounts.createRole({ name: 'readers', permissions: ['users:read'] }, 'system')
  await accounts.setRoles(bob.id, [role.name], 'system')
  return (await accounts.apiKeys.create(bob.id, { name: 'ci', scopes: ['users:read'] }, 'system')).key
}
