import { Elysia } from 'elysia'
import { core } from '#core/access'
import type { Problem } from '#core/problem'
import { expect, test } from '#test'
import {
  type Database,
  DatabaseError,
  database,
  databaseErrorIn,
  databaseProblem,
  defineTable,
  openDatabase,
} from '../../../plugins/database/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'

const shops = defineTable('shops', (t) => ({ id: t.id(), name: t.string(20) }))
const goods = defineTable(
  'goods',
  (t) => ({
    id: t.id(),
    sku: t.string(20).unique(),
    shopId: t.ref(() => shops),
    shelfNo: t.int().nullable(),
  }),
  (t) => [t.unique('shopId', 'shelfNo')],
)
const nobody = '018f3a2e-0000-7000-8000-000000000000'
const secret = 'hunter2'

const quiet = (): void => {}
const logged: unknown[] = []
const silent = {
  debug: quiet,
  info: quiet,
  warning: quiet,
  error: (_: string, properties?: Readonly<Record<string, unknown>>) => void logged.push(properties?.['error']),
}

/** A handler that fails with the database's own error, and the problem that leaves. */
async function answerOf(
  db: Database,
  run: () => unknown,
): Promise<{ status: number; body: Problem; headers: Headers }> {
  const app = new Elysia()
    .use(core({ database: db, logger: silent }))
    .use(database(db))
    .get('/', async () => void (await run()), { public: true })
  const response = await app.handle(new Request('http://localhost/'))
  const text = await response.text()
  expect(text).not.toMatch(/hunter2|insert into|delete from|constraint|sqlstate/i)
  return { status: response.status, body: JSON.parse(text), headers: response.headers }
}

async function stocked(db: Database): Promise<{ id: string }> {
  const [shop] = await db.drizzle.insert(shops.for(db)).values({ name: 'corner' }).returning()
  await db.drizzle.insert(goods.for(db)).values({ sku: secret, shopId: shop!.id, shelfNo: 1 })
  return shop!
}

both('a unique value that is taken is a 409 that names the field', [shops, goods], async (db) => {
  const { id } = await stocked(db)
  const { status, body } = await answerOf(db, () =>
    db.drizzle.insert(goods.for(db)).values({ sku: secret, shopId: id }),
  )
  expect(status).toBe(409)
  expect(body).toMatchObject({
    code: 'KWIK_DATABASE_TAKEN',
    detail: 'sku is already taken',
    errors: [{ code: 'taken', pointer: '/sku' }],
  })
})

both('fields that are taken together are all named', [shops, goods], async (db) => {
  const { id } = await stocked(db)
  const { status, body } = await answerOf(db, () =>
    db.drizzle.insert(goods.for(db)).values({ sku: 'other', shopId: id, shelfNo: 1 }),
  )
  expect(status).toBe(409)
  expect(body.detail).toBe('shopId and shelfNo together are already taken')
  expect(body.errors?.map(({ pointer }) => pointer)).toEqual(['/shopId', '/shelfNo'])
})

both('a reference to nothing is a 422 that names the field', [shops, goods], async (db) => {
  const { status, body } = await answerOf(db, () =>
    db.drizzle.insert(goods.for(db)).values({ sku: secret, shopId: nobody }),
  )
  expect(status).toBe(422)
  expect(body).toMatchObject({ code: 'KWIK_DATABASE_REFERENCE', errors: [{ code: 'not-found', pointer: '/shopId' }] })
})

both('deleting what something refers to is a 409', [shops, goods], async (db) => {
  await stocked(db)
  const { status, body } = await answerOf(db, () => db.drizzle.delete(shops.for(db)))
  expect(status).toBe(409)
  expect(body.code).toBe('KWIK_DATABASE_REFERENCED')
})

const parts = defineTable('parts', (t) => ({
  id: t.id(),
  held: t.ref('shops', { onDelete: 'restrict' }).nullable(),
  freed: t.ref('shops', { onDelete: 'set null' }).nullable(),
  taken: t.ref('shops', { onDelete: 'cascade' }).nullable(),
}))

both('a deleted row frees, takes along, or is held by what refers to it', [shops, parts], async (db) => {
  const [shop] = await db.drizzle.insert(shops.for(db)).values({ name: 'a' }).returning()
  const { id } = shop!
  await db.drizzle.insert(parts.for(db)).values([{ freed: id }, { taken: id }, { held: id }])
  const { status, body } = await answerOf(db, () => db.drizzle.delete(shops.for(db)))
  expect([status, body.code]).toEqual([409, 'KWIK_DATABASE_REFERENCED'])
  await db.execute('update parts set held = null')
  await db.drizzle.delete(shops.for(db))
  const rows = await db.drizzle.select().from(parts.for(db))
  expect(rows.map(({ freed, taken }) => [freed, taken])).toEqual([
    [null, null],
    [null, null],
  ])
})

both('of several references the one that a statement writes is named', [shops, parts], async (db) => {
  await db.drizzle.insert(parts.for(db)).values({})
  const { body } = await answerOf(db, () => db.drizzle.update(parts.for(db)).set({ freed: nobody }))
  expect(body.errors?.map(({ pointer }) => pointer)).toEqual(['/freed'])
})

both('a missing value is a 422 that names the field', [shops, goods], async (db) => {
  const { status, body } = await answerOf(db, () => db.execute(`insert into shops (id) values ('${nobody}')`))
  expect(status).toBe(422)
  expect(body.errors).toEqual([{ code: 'required', detail: 'name is required', pointer: '/name' }])
})

both('a broken check is a 422', [], async (db) => {
  await db.execute('create table checked (n integer check (n > 0))')
  const { status, body } = await answerOf(db, () => db.execute('insert into checked values (0)'))
  expect([status, body.code]).toEqual([422, 'KWIK_DATABASE_VALUE'])
})

both(
  'a broken statement is a 500 that says nothing; the log has the statement, and never its parameters',
  [shops],
  async (db) => {
    const { status, body } = await answerOf(db, () => db.values(`select ${secret} from nowhere`))
    expect([status, body.code, body.detail]).toEqual([500, 'KWIK_INTERNAL', undefined])
    logged.length = 0
    await db.execute('alter table shops rename to markets')
    await answerOf(db, () => db.drizzle.insert(shops.for(db)).values({ name: secret }))
    expect(String(logged[0])).toMatch(/DatabaseError: .*shops.* in insert into "shops"/)
    expect(String(logged[0])).not.toContain(secret)
  },
)

both('the same error can be caught with its failure and columns', [shops, goods], async (db) => {
  await stocked(db)
  const error = await db.tx(() => stocked(db)).catch((caught: unknown) => caught)
  expect(databaseErrorIn(error)).toBeInstanceOf(DatabaseError)
  expect(databaseErrorIn(error)).toMatchObject({ failure: 'unique', columns: ['sku'], table: 'goods', verb: 'insert' })
  expect(databaseProblem(new Error('another one'))).toBeUndefined()
})

test('a server that does not answer is a 503 with Retry-After', async () => {
  const db = openDatabase({ url: 'postgres://kwik:hunter2@127.0.0.1:1/nothing', connectTimeout: '1s' })
  const { status, body, headers } = await answerOf(db, () => db.values('select 1'))
  expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'KWIK_UNAVAILABLE', '1'])
  expect(await db.ping()).toBe(false)
  await db.close()
})

test('handlers find the database, and it is closed when the app stops', async () => {
  const db = openDatabase({ url: 'sqlite::memory:' })
  const { stopGracefully } = await import('#core/lifecycle')
  const app = new Elysia()
    .use(core())
    .use(database(db))
    .get('/', async ({ db }) => (await db.values('select 1 + 1'))[0]?.[0], { public: true })
  expect(await (await app.handle(new Request('http://localhost/'))).text()).toBe('2')
  await stopGracefully(app)
  expect(await db.ping()).toBe(false)
})

const links = defineTable('links', (t) => ({
  id: t.id(),
  fromId: t.ref(() => shops),
  toId: t.ref(() => shops).nullable(),
  viaId: t.ref(() => shops).nullable(),
}))

both('of several references that a statement writes the one that fails is named', [shops, links], async (db) => {
  const [shop] = await db.drizzle.insert(shops.for(db)).values({ name: 'a' }).returning()
  const { id } = shop!
  const table = links.for(db)
  const pointers = async (run: () => unknown) => (await answerOf(db, run)).body.errors?.map(({ pointer }) => pointer)
  expect(
    await pointers(() => db.drizzle.insert(table).values({ fromId: id, toId: nobody, viaId: id }).returning()),
  ).toEqual(['/toId'])
  expect(
    await pointers(() =>
      db.drizzle.insert(table).values([
        { fromId: id, toId: id },
        { fromId: nobody, toId: id },
      ]),
    ),
  ).toEqual(['/fromId'])
  await db.drizzle.insert(table).values({ fromId: id })
  expect(await pointers(() => db.drizzle.update(table).set({ fromId: id, viaId: nobody }).returning())).toEqual([
    '/viaId',
  ])
})

const slugs = defineTable('slugs', (t) => ({ id: t.id(), slug: t.string(20).unique(), shopId: t.ref(() => shops) }))
const uses = defineTable('uses', (t) => ({ id: t.id(), slug: t.ref(() => slugs, { field: 'slug', key: 'string' }) }))

both('changing what something refers to is a 409, like deleting it', [shops, slugs, uses], async (db) => {
  const [shop] = await db.drizzle.insert(shops.for(db)).values({ name: 'a' }).returning()
  const { id } = shop!
  await db.drizzle.insert(slugs.for(db)).values({ slug: 'a', shopId: id })
  await db.drizzle.insert(uses.for(db)).values({ slug: 'a' })
  const changed = await answerOf(db, () => db.drizzle.update(slugs.for(db)).set({ slug: 'b', shopId: id }))
  expect([changed.status, changed.body.code]).toEqual([409, 'KWIK_DATABASE_REFERENCED'])
  const wrong = await answerOf(db, () => db.drizzle.update(slugs.for(db)).set({ shopId: nobody }))
  expect([wrong.status, wrong.body.errors?.[0]?.pointer]).toEqual([422, '/shopId'])
})

withPostgres.test('a text that is too long for its index is a 422', () =>
  withDatabase('PostgreSQL', [], async (db) => {
    await db.execute('create table notes (text text unique)')
    const long = Array.from({ length: 1000 }, () => crypto.randomUUID()).join('')
    const { status, body } = await answerOf(db, () => db.execute('insert into notes values ($1)', [long]))
    expect([status, body.code]).toEqual([422, 'KWIK_DATABASE_VALUE'])
  }),
)
