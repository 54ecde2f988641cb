import { Type as T } from '@sinclair/typebox'
import { jsonb, json as pgJson, pgTable, integer as pgWhole } from 'drizzle-orm/pg-core'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Database } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { describe, expect, test } from '#test'
import { type AnyShape, checkIndexes, json, shape } from '../../../plugins/shaping/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { appOf, ask } from './fixture.ts'

const paths = json({
  age: T.Number(),
  whole: T.Integer(),
  'address.city': T.String(),
  on: [T.Boolean(), ['eq', 'ne', 'null']],
  'odd-name': T.String(),
})
const people = defineTable('people', (t) => ({ id: t.int().primaryKey(), meta: t.json().nullable() }))
const peopleList: AnyShape = shape(people, { filter: { meta: paths } })

const metas: readonly unknown[] = [
  { age: 9, whole: 9, address: { city: 'Rome' }, on: true, 'odd-name': 'x' },
  { age: 10, whole: 10, address: { city: 'rome' }, on: false },
  { age: -0.5, whole: 9007199254740991, address: { city: '10' } },
  { age: '9', whole: '10', address: { city: 10 }, on: 'true' },
  { age: 'many', whole: { age: 9 }, address: 'Rome', on: 1 },
  { age: true, whole: null, address: ['city'], on: null },
  { age: [9], address: { city: { city: 'Rome' } } },
  { age: 1e300, address: null },
  'text',
  9,
  [{ age: 9 }],
  null,
]
/** Numbers of the rows that have a value of the type at the path, and of those that have none. */
const without = (...having: number[]): number[] => metas.map((_, at) => at + 1).filter((id) => !having.includes(id))

const meant: Readonly<Record<string, readonly number[]>> = {
  'meta.age=9': [1],
  'meta.age=9.0': [1],
  // By number: 10 comes after 9, and 1e300 is one.
  'meta.age[gt]=9': [2, 8],
  'meta.age[lt]=9': [3],
  'meta.age[lte]=9': [1, 3],
  'meta.age[in]=9,10': [1, 2],
  'meta.age[gte]=-0.5': [1, 2, 3, 8],
  // No value, or one of another type, is not 9.
  'meta.age[ne]=9': without(1),
  'meta.age[nin]=9,10': without(1, 2),
  'meta.age[null]=true': without(1, 2, 3, 8),
  'meta.age[null]=false': [1, 2, 3, 8],
  'meta.whole[gte]=10': [2, 3],
  'meta.whole=9007199254740991': [3],
  'meta.address.city=Rome': [1],
  'meta.address.city=10': [3],
  'meta.address.city[gt]=A': [1, 2],
  'meta.address.city[contains]=ROM': [1, 2],
  'meta.address.city[null]=false': [1, 2, 3],
  'meta.address.city[ne]=Rome': without(1),
  'meta.on=true': [1],
  'meta.on=false': [2],
  'meta.on[ne]=true': without(1),
  'meta.on[null]=true': without(1, 2),
  'meta.odd-name=x': [1],
  'where=meta.age gt 9 or meta.address.city eq Rome': [1, 2, 8],
  'where=not meta.age gt 9': without(2, 8),
  'where=not meta.age null true and meta.on eq true': [1],
}

async function means(db: Database, list: AnyShape): Promise<void> {
  const app = appOf(db, list)
  for (const [query, ids] of Object.entries(meant)) {
    // Texts have no order that a query could ask for.
    if (query.includes('city[gt]')) continue
    expect([query, (await ask(app, `?${encodeURI(query)}`)).ids]).toEqual([query, [...ids]])
  }
  // An index of the expression changes no answer.
  for (const { statements } of (await checkIndexes(list, db)).indexes)
    for (const statement of statements) await db.execute(statement)
  for (const query of ['meta.age[gt]=9', 'meta.address.city=Rome', 'meta.on=true', 'meta.age[ne]=9'])
    expect([query, (await ask(app, `?${query}`)).ids]).toEqual([query, [...meant[query]!]])
}

describe('values in JSON', () => {
  both('are compared as what their schema says; others are no value', [people], async (db) => {
    await db.drizzle.insert(people.for(db)).values(metas.map((meta, at) => ({ id: at + 1, meta }) as never))
    await means(db, peopleList)
  })

  const pgPeople = { id: pgWhole('id').primaryKey() }
  for (const [kind, column] of [
    ['jsonb', jsonb('meta')],
    ['json', pgJson('meta')],
  ] as const)
    withPostgres.test(`in a plain ${kind} column`, () =>
      withDatabase('PostgreSQL', [], async (db) => {
        const table = pgTable('people', { ...pgPeople, meta: column })
        await db.execute(`create table people (id int primary key, meta ${kind})`)
        for (const [at, meta] of metas.entries())
          await db.execute('insert into people values ($1, $2)', [at + 1, meta === null ? null : JSON.stringify(meta)])
        await means(db, shape(table, { filter: { meta: paths } }))
      }),
    )
  test('in a plain text column of SQLite', () =>
    withDatabase('SQLite in memory', [], async (db) => {
      const table = sqliteTable('people', { id: integer('id').primaryKey(), meta: text('meta', { mode: 'json' }) })
      await db.execute('create table people (id integer primary key, meta text)')
      await db.drizzle.insert(table).values(metas.map((meta, at) => ({ id: at + 1, meta })))
      await means(db, shape(table, { filter: { meta: paths } }))
    }))

  both('are refused as any other value', [people], async (db) => {
    const app = appOf(db, peopleList)
    const codes = async (query: string): Promise<unknown> => {
      const { status, errors } = await ask(app, `?${query}`)
      return [status, ...(errors ?? []).map(({ code }) => code)]
    }
    expect(await codes('meta.age=nine')).toEqual([400, 'not-a-number'])
    expect(await codes('meta.whole=1.5')).toEqual([400, 'not-an-integer'])
    expect(await codes('meta.on=1')).toEqual([400, 'not-a-boolean'])
    expect(await codes('meta.address.city[contains]=ab')).toEqual([400, 'too-short'])
    expect(await codes('meta.on[gt]=true')).toEqual([400, 'unknown-operator'])
    expect(await codes('meta.agee=1')).toEqual([400, 'unknown-parameter'])
    expect(await codes('meta=1')).toEqual([400, 'unknown-parameter'])
    expect(await codes("meta.address.city=' or 1=1 --")).toEqual([200])
  })

  test('are declared with a schema and a path that can be one', () => {
    const declare = (inside: object, field = 'meta'): unknown =>
      shape(people, { filter: { [field]: json(inside as never) } as never })
    expect(() => declare({ age: T.Object({}) })).toThrow('"meta.age" needs the schema of a string, a number')
    expect(() => declare({ "a'b": T.String() })).toThrow('write names with points between')
    expect(() => declare({ 'a..b': T.String() })).toThrow('write names with points between')
    expect(() => declare({ 'a.0': T.String() })).toThrow('places in lists are not looked at')
    expect(() => declare({ age: [T.Number(), ['contains']] })).toThrow('"meta.age" has no operator "contains"')
    expect(() => declare({ age: T.Number() }, 'id')).toThrow('"id" is of type int, not json')
  })
})

both('a path may have the name of a word that databases know', [people], async (db) => {
  const list = shape(people, { filter: { meta: json({ null: T.String(), 'a.null': T.String() }) } })
  const values = [{ null: 'x' }, { a: { null: 'x' } }, { a: null }].map((meta, at) => ({ id: at + 1, meta }))
  await db.drizzle.insert(people.for(db)).values(values)
  const app = appOf(db, list as AnyShape)
  expect([(await ask(app, '?meta.null=x')).ids, (await ask(app, '?meta.a.null=x')).ids]).toEqual([[1], [2]])
})

describe('a filter with another name', () => {
  const rows = defineTable('rows', (t) => ({ id: t.int().primaryKey(), limit: t.int(), title: t.string(80) }))
  const list: AnyShape = shape(rows, {
    filter: {
      limit: { as: 'most', by: ['eq', 'gte', 'in'] },
      title: { as: 'name', by: ['contains', 'eq'], index: 'scan' },
    },
  })
  both('is asked for by that name alone', [rows], async (db) => {
    await db.drizzle.insert(rows.for(db)).values([
      { id: 1, limit: 3, title: 'Green tea' },
      { id: 2, limit: 7, title: 'Black tea' },
    ])
    const app = appOf(db, list)
    const ids = async (query: string): Promise<unknown> => (await ask(app, `?${query}`)).ids
    expect(await ids('most=7')).toEqual([2])
    expect(await ids('most[eq]=7')).toEqual([2])
    expect(await ids('most[in][]=3&most[in][]=9')).toEqual([1])
    expect(await ids('limit=1&most[gte]=3')).toEqual([1])
    expect(await ids('name[contains]=GREEN')).toEqual([1])
    expect(await ids('where=most gte 7 and name contains tea')).toEqual([2])
    for (const query of ['limit[gte]=3', 'title=x', 'title[contains]=tea'])
      expect((await ask(app, `?${query}`)).errors[0]!.code).toMatch(/unknown-/)
    const { findings } = await checkIndexes(list, db)
    expect(findings.map(({ words, kind }) => [kind, ...words])).toEqual([
      ['missing', 'most', 'most[gte]', 'most[in]'],
      ['scan', 'name'],
      ['scan', 'name[contains]'],
    ])
  })
})
