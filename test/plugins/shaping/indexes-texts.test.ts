import { Type as T } from '@sinclair/typebox'
import { jsonb, integer as pgInteger, pgSchema, text as pgText, primaryKey } from 'drizzle-orm/pg-core'
import { integer, sqliteTable } from 'drizzle-orm/sqlite-core'
import { describe, expect, test } from '#test'
import { checkIndexes, json, searchMigration, shape } from '../../../plugins/shaping/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { bare, make, missing, only, scans } from './index-report.ts'

describe('texts', () => {
  both('need a word on how they are looked for', [bare], async (db) => {
    const report = await checkIndexes(shape(bare, { filter: { title: ['contains'] } }), db)
    expect(missing(report)).toEqual([
      only(
        db,
        "title[contains]: parts of texts need every row read: declare filter: { title: { index: 'scan', ... } }; SQLite has no trigram index",
        "title[contains]: parts of texts need an index: declare filter: { title: { index: 'trgm', ... } }, or 'scan' to have every row read",
      ),
    ] as string[])
  })
  both('that are scanned say so aloud', [bare], async (db) => {
    const list = shape(bare, {
      filter: { title: { by: ['contains', 'starts'], index: 'scan' } },
      search: { fields: ['title'], index: 'scan' },
    })
    const report = await checkIndexes(list, db)
    expect([missing(report), scans(report)]).toEqual([
      [],
      ['title[contains] title[starts] q: every row is read, as declared'],
    ])
  })
  both('with trigrams have an index on PostgreSQL alone', [bare], async (db) => {
    const list = shape(bare, {
      filter: { title: { by: ['contains', 'ends'], index: 'trgm' } },
      search: { fields: ['title', 'owner'], index: 'trgm' },
    })
    const report = await checkIndexes(list, db)
    if (db.dialect === 'sqlite') {
      expect([missing(report), scans(report)]).toEqual([
        [],
        ['title[contains] title[ends] q: every row is read: SQLite has no trigram index'],
      ])
      return
    }
    expect(report.indexes.map(({ statements }) => statements)).toEqual([
      [
        'create extension if not exists pg_trgm',
        'create index if not exists "bare_title_trgm_index" on "bare" using gin ("title" gin_trgm_ops)',
      ],
      [
        'create extension if not exists pg_trgm',
        'create index if not exists "bare_title_owner_trgm_index" on "bare" using gin ("title" gin_trgm_ops, "owner" gin_trgm_ops)',
      ],
    ])
    await make(db, report)
    expect(missing(await checkIndexes(list, db))).toEqual([])
  })

  const searched = shape(bare, { search: { fields: ['title', 'owner'], index: 'fts' } })
  both('that are searched need their migration', [bare], async (db) => {
    const report = await checkIndexes(searched, db)
    expect(missing(report)).toEqual([
      only(db, 'q: the index of words, or what keeps it right, is not there', 'q: no index of words'),
    ] as string[])
    expect(report.indexes[0]!.statements).toEqual(searchMigration(searched, db.dialect).up)
    await make(db, report)
    expect(await checkIndexes(searched, db)).toMatchObject({ findings: [], indexes: [] })
  })
  test('and their triggers, and all fields of all lists', () =>
    withDatabase('SQLite in memory', [bare], async (db) => {
      const narrow = shape(bare, { search: { fields: ['kind' as never, 'title'].slice(1) as never, index: 'fts' } })
      await make(db, await checkIndexes(narrow, db))
      const report = await checkIndexes([narrow, searched], db)
      expect(missing(report).length).toBe(1)
      await make(db, report)
      expect(missing(await checkIndexes([narrow, searched], db))).toEqual([])
      await db.execute('drop trigger bare_search_update')
      expect(missing(await checkIndexes([narrow, searched], db)).length).toBe(1)
    }))
})

both('values in JSON have an index of their expression, lists one of their items', [bare], async (db) => {
  const list = shape(bare, {
    filter: {
      meta: json({
        age: T.Number(),
        'address.city': [T.String(), ['eq', 'in', 'contains']],
        on: [T.Boolean(), ['eq']],
      }),
      tags: ['has', 'hasAll'],
    },
  })
  const report = await checkIndexes(list, db)
  const age = only(
    db,
    `(case when json_type("meta", '$."age"') in ('integer', 'real') then json_extract("meta", '$."age"') end)`,
    `(case when jsonb_typeof("meta"::jsonb #> '{age}') = 'number' then ("meta"::jsonb #>> '{age}')::numeric end)`,
  )
  expect(report.indexes[0]).toEqual({
    table: 'bare',
    name: 'bare_meta_age_id_index',
    statements: [`create index "bare_meta_age_id_index" on "bare" (${age}, "id")`],
  })
  expect(report.indexes.map(({ name }) => name).slice(1)).toEqual([
    'bare_meta_address_city_id_index',
    'bare_meta_on_id_index',
    ...(only(db, [], ['bare_tags_items_index']) as string[]),
  ])
  expect(scans(report)).toEqual([
    ...(only(
      db,
      ['tags[has] tags[hasAll]: every row is read: SQLite has no index of what is in lists'],
      [],
    ) as string[]),
    'meta.address.city[contains]: every row is read: no index has parts of the texts in a JSON value',
  ])
  await make(db, report)
  expect(missing(await checkIndexes(list, db))).toEqual([])
  await db.execute('drop index bare_meta_age_id_index')
  expect(missing(await checkIndexes(list, db))).toEqual([
    'meta.age meta.age[in] meta.age[gt] meta.age[gte] meta.age[lt] meta.age[lte] meta.age[null]: no index begins with meta.age and has the order of the list',
  ])
})

describe('plain tables', () => {
  const store = pgSchema('store')
  const rows = store.table(
    'Rows',
    { a: pgInteger('A').notNull(), b: pgText('b c').notNull(), meta: jsonb('meta') },
    (t) => [primaryKey({ columns: [t.a, t.b] })],
  )
  withPostgres.test('with a schema, a key of two fields and names that need quotes', () =>
    withDatabase('PostgreSQL', [], async (db) => {
      await db.execute('create schema store')
      await db.execute('create table store."Rows" ("A" int, "b c" text, meta jsonb, primary key ("A", "b c"))')
      const list = shape(rows, {
        filter: { b: ['eq'], meta: json({ n: [T.Number(), ['gt']] }) },
        sort: { keys: ['b'] },
      })
      const report = await checkIndexes(list, db)
      expect(report.indexes.map(({ statements }) => statements[0])).toEqual([
        'create index "Rows_b c_A_index" on "store"."Rows" ("b c", "A")',
        `create index "Rows_meta_n_index" on "store"."Rows" ((case when jsonb_typeof("meta"::jsonb #> '{n}') = 'number' then ("meta"::jsonb #>> '{n}')::numeric end))`,
      ])
      await make(db, report)
      expect(missing(await checkIndexes(list, db))).toEqual([])
    }),
  )
  test('of the other database are refused', () =>
    withDatabase('SQLite in memory', [], async (db) => {
      await expect(checkIndexes(shape(rows, {}), db)).rejects.toThrow('a postgresql table cannot be read from sqlite')
      await expect(checkIndexes({} as never, db)).rejects.toThrow('takes what shape() made')
      const gone = shape(sqliteTable('gone', { id: integer('id').primaryKey() }), {})
      await expect(checkIndexes(gone, db)).rejects.toThrow('gone')
    }))
})
