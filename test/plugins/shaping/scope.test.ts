import { Type as T } from '@sinclair/typebox'
import { count, eq } from 'drizzle-orm'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import type { Database } from '#core/ports/database'
import type { Logger } from '#core/ports/logger'
import { defineTable } from '#core/table/define'
import { expect, test } from '#test'
import {
  type AnyShape,
  json,
  type RowScope,
  type ScopeContext,
  shape,
  shaping,
} from '../../../plugins/shaping/index.ts'
import { both } from '../../services.ts'
import { ask, callers } from './fixture.ts'

const pay = defineTable('notes', (t) => ({
  id: t.int().primaryKey(),
  tenant: t.string(),
  name: t.string(),
  salary: t.decimal(10, 2).nullable(),
}))
const papers = defineTable('notes', (t) => ({ id: t.int().primaryKey(), facts: t.json().nullable() }))
const rows = [
  { id: 1, tenant: 'a', name: 'Ann', salary: '10.00' },
  { id: 2, tenant: 'a', name: 'Ben', salary: '20.00' },
  { id: 3, tenant: 'b', name: 'Cid', salary: '30.00' },
  { id: 4, tenant: 'b', name: 'Dan', salary: null },
]
const fill = (db: Database): Promise<unknown> => db.drizzle.insert(pay.for(db)).values(rows) as never

const ignore = (): void => {}
const silent: Logger = { debug: ignore, info: ignore, warning: ignore, error: ignore }

function appOf(db: Database, list: AnyShape) {
  const app = new Elysia()
    .use(core({ database: db, signals: false, logger: silent }))
    .use(callers())
    .use(shaping({ keys: ['a key of these tests, 32 characters long'] }))
    .get('/notes', ({ request }) => list.from({ request }).page(), { ...list.hook, public: true })
    .get(
      '/total',
      async ({ request }) => {
        const [found] = await db.drizzle.select({ n: count() }).from(pay.for(db)).where(list.from({ request }).where())
        return Number(found!.n)
      },
      { ...list.hook, public: true },
    )
    .get('/named/:name', ({ request, params }) => list.from({ request }).page(db, { where: { name: params.name } }), {
      ...list.hook,
      public: true,
    })
  const as = (who: string) => ({ headers: { authorization: who } })
  return {
    list: (who: string, query = '') => ask(app as never, query, as(who)),
    get: async (path: string, who: string) =>
      (await app.handle(new Request(`http://localhost${path}`, as(who)))).json(),
  }
}

const scopes: Record<string, (db: Database) => (context: ScopeContext) => RowScope> = {
  'fields and values':
    () =>
    ({ user }) =>
      user ? { tenant: user.id } : false,
  "drizzle's SQL":
    (db) =>
    ({ user }) =>
      user ? eq(pay.for(db).tenant, user.id) : false,
}
for (const [name, scope] of Object.entries(scopes))
  both(`a scope of ${name} holds for page, count and where()`, [pay], async (db) => {
    await fill(db)
    const list = shape(pay, { filter: { name: true }, sort: { keys: ['salary'] }, count: ['exact'], scope: scope(db) })
    const app = appOf(db, list)
    expect(await app.list('a', '?count=exact')).toMatchObject({ ids: [1, 2], page: { count: { value: 2 } } })
    expect((await app.list('b', '?sort=salary&name[ne]=Ann')).ids).toEqual([3, 4])
    expect((await app.list('b', '?name=Ann')).ids).toEqual([])
    expect(await app.get('/total?name[starts]=BEN', 'a')).toBe(1)
    expect(await app.get('/total', 'b')).toBe(2)
    expect(await app.get('/total', 'b')).toBe(2)
    const first = await app.list('a', '?limit=1&sort=-salary')
    // A cursor grants nothing: with it another tenant goes on in its own rows.
    expect((await app.list('b', `?limit=5&sort=-salary&after=${first.page.next}`)).ids).toEqual([4])
    expect((await app.get('/named/Ben', 'a')) as object).toMatchObject({ data: [{ id: 2 }] })
    expect((await app.get('/named/Ben', 'b')) as object).toMatchObject({ data: [] })
  })

both('more rows to choose from may be several, and all hold', [pay], async (db) => {
  await fill(db)
  const list = shape(pay, { scope: () => ({ tenant: 'a' }) })
  const page = (where: RowScope | readonly RowScope[]) =>
    list.from({ request: new Request('http://localhost/') }).page(db, { where })
  const ids = async (where: RowScope | readonly RowScope[]) => (await page(where)).data.map((row) => row.id)
  expect(await ids([{ name: ['Ann', 'Ben', 'Cid'] }, eq(pay.for(db).id, 2)])).toEqual([2])
  expect(await ids([undefined, { name: 'Ann' }])).toEqual([1])
  expect(await ids([{ name: 'Ann' }, false])).toEqual([])
})

both('a scope of false is no row; of undefined, every row; of null and several values, those', [pay], async (db) => {
  await fill(db)
  const ids = async (scope: RowScope) => (await appOf(db, shape(pay, { scope: () => scope })).list('a')).ids
  expect(await ids(false)).toEqual([])
  expect(await ids(undefined)).toEqual([1, 2, 3, 4])
  expect(await ids({})).toEqual([1, 2, 3, 4])
  expect(await ids({ salary: null })).toEqual([4])
  expect(await ids({ name: ['Ann', 'Cid'], tenant: 'a' })).toEqual([1])
  expect(await ids({ name: [] })).toEqual([])
})

both('a scope that names no field, or says undefined, is an error and not an open door', [pay], async (db) => {
  const status = async (scope: object) =>
    (await appOf(db, shape(pay, { scope: () => scope as RowScope })).list('a')).status
  expect(await status({ tenat: 'a' })).toBe(500)
  expect(await status({ tenant: undefined })).toBe(500)
  expect(await status({ tenant: ['a', undefined] })).toBe(500)
  expect(await status({ tenant: ['a', null] })).toBe(500)
})

both('a field with a permission is unknown to those who do not hold it', [pay], async (db) => {
  await fill(db)
  const list = shape(pay, {
    filter: { salary: true, name: true },
    sort: { keys: ['salary', 'name'], default: 'salary' },
    fields: { permissions: { salary: 'pay:read' } },
  })
  const app = appOf(db, list)
  const query = '?salary[gt]=15&fields=salary,id&sort=-salary'
  for (const who of ['a pay:read', 'a pay:*', 'a *']) {
    expect(await app.list(who, query)).toMatchObject({ status: 200, data: [{ id: 3, salary: '30.00' }, { id: 2 }] })
    expect((await app.list(who)).data[0]).toHaveProperty('salary')
  }
  const refused = await app.list('a', query)
  const unknown = await app.list('a', query.replaceAll('salary', 'nosuch'))
  expect(refused.status).toBe(400)
  expect(JSON.stringify(refused.errors).replaceAll('salary', 'nosuch')).toBe(JSON.stringify(unknown.errors))
  expect((await app.list('a')).data[0]).toEqual({ id: 1, tenant: 'a', name: 'Ann' })
  expect(JSON.stringify(await app.list('a', '?salari=1'))).not.toContain('salary')
})

both('a value inside a JSON field needs what the field needs', [papers], async (db) => {
  const list = shape(papers, {
    filter: { facts: json({ pay: T.Number() }) },
    fields: { default: ['id'], permissions: { facts: 'papers:facts' } },
  })
  const app = appOf(db, list as AnyShape)
  for (const query of ['?facts.pay[gt]=1', '?where=facts.pay gt 1'])
    expect((await app.list('a', query)).errors).toMatchObject([{ code: 'unknown-parameter' }])
  expect((await app.list('a papers:facts', '?facts.pay[gt]=1')).ids).toEqual([])
})

test('a field with a permission cannot be searched by everybody', () => {
  const declare = () =>
    shape(pay, { search: { fields: ['name'], index: 'scan' }, fields: { permissions: { name: 'pay:names' } } })
  expect(declare).toThrow('search.fields: "name" needs a permission')
})
