import { integer as int4, pgTable, serial, timestamp, varchar } from 'drizzle-orm/pg-core'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Database, TableLike } from '#core/ports/database'
import { describe, expect, test } from '#test'
import { defineTable } from '../../../plugins/database/index.ts'
import { resource } from '../../../plugins/resources/index.ts'
import { type AnyShape, one, shape } from '../../../plugins/shaping/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { appOf } from './app.ts'

const codes = defineTable('items', (t) => ({
  code: t.string(20).primaryKey(),
  name: t.string(40).nullable(),
  ...t.version(),
}))

describe('rows whose key clients write', () => {
  both('are upserted by it, made together and changed by it', [codes], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: codes, upsert: ['code'], bulk: {} })])
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => ask('PUT', '/items?by=code', { code: 'a', name: `${n}` })),
    )
    expect(all.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201])
    expect(all[0]!.headers.get('location') ?? '/items/a').toBe('/items/a')
    const made = await ask('POST', '/items/bulk', { items: [{ code: 'c' }, { code: 'b' }] })
    expect(made.body.data.map((row: { code: string }) => row.code)).toEqual(['c', 'b'])
    const changed = await ask('PATCH', '/items/bulk', { items: [{ id: 'b', name: 'B', version: 1 }] })
    expect(changed.body.data).toEqual([{ code: 'b', name: 'B', version: 2 }])
    expect((await ask('POST', '/items/bulk', { items: [{ code: 'd' }, { code: 'a' }] })).body.errors[0].pointer).toBe(
      '/items/1/code',
    )
  })

  both('are not there under a key with a character that no text has', [codes], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: codes })])
    for (const method of ['GET', 'DELETE']) {
      const { status, body } = await ask(method, '/items/a%00b')
      expect([method, status, body.errors?.[0].parameter]).toEqual([method, 422, 'id'])
    }
  })

  test('cannot be changed in bulk where fields have the names of key and version', () => {
    const table = defineTable('items', (t) => ({ code: t.string().primaryKey(), id: t.int() }))
    expect(() => resource('items', { table, bulk: {} })).toThrow('items name their row by "id"')
    expect(() => resource('items', { table })).not.toThrow()
  })
})

const sqlite = sqliteTable('items', {
  id: integer().primaryKey({ autoIncrement: true }),
  sku: text('item_sku').notNull().unique(),
  name: text().notNull().default('none'),
  version: integer().notNull(),
  deletedAt: integer('deleted_at', { mode: 'timestamp_ms' }),
})
const postgres = pgTable('items', {
  id: serial().primaryKey(),
  sku: varchar('item_sku').notNull().unique(),
  name: varchar().notNull().default('none'),
  version: int4().notNull(),
  deletedAt: timestamp('deleted_at', { withTimezone: true }),
})

async function works(db: Database, table: TableLike): Promise<void> {
  const api = resource('items', { table, upsert: ['sku'], bulk: {} } as never)
  const { ask } = appOf(db, [api as never])
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, n) => ask('PUT', '/items?by=sku', { sku: 'a', name: `${n}` })),
  )
  expect(all.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201])
  const made = await ask('POST', '/items/bulk', { items: [{ sku: 'b' }, { sku: 'c', name: 'C' }] })
  expect(made.body.data).toMatchObject([
    { sku: 'b', name: 'none' },
    { sku: 'c', name: 'C', version: 1 },
  ])
  const taken = await ask('POST', '/items/bulk', { items: [{ sku: 'd' }, { sku: 'b' }] })
  expect([taken.status, taken.body.errors[0].pointer]).toEqual([409, '/items/1/sku'])
  const path = `/items/${made.body.data[0].id}`
  expect((await ask('PATCH', path, { name: 'x' }, 'alice', { 'if-match': '"7"' })).status).toBe(412)
  expect((await ask('PATCH', path, { name: 'x' }, 'alice', { 'if-match': '"1"' })).headers.get('etag')).toBe('"2"')
  expect((await ask('DELETE', path)).status).toBe(204)
  expect((await ask('GET', path)).status).toBe(404)
  expect((await ask('GET', '/items')).body.data).toHaveLength(2)
  expect((await ask('GET', '/items/deleted')).body.data).toMatchObject([{ sku: 'b', version: 3 }])
  // The table's own index knows nothing of deleted rows.
  expect((await ask('PUT', '/items?by=sku', { sku: 'b' })).status).toBe(409)
  expect((await ask('POST', `${path}/restore`)).body).toMatchObject({ sku: 'b', version: 4 })
}

describe('a plain drizzle table', () => {
  test('has versions, upserts, bulk and deleted rows by the names of its fields, in SQLite', () =>
    withDatabase('SQLite in memory', [], async (db) => {
      await db.execute(
        `create table items (id integer primary key autoincrement, item_sku text not null unique, name text not null default 'none', version integer not null, deleted_at integer)`,
      )
      await works(db, sqlite)
    }))

  withPostgres.test('has versions, upserts, bulk and deleted rows by the names of its fields, in PostgreSQL', () =>
    withDatabase('PostgreSQL', [], async (db) => {
      await db.execute(
        `create table items (id serial primary key, item_sku varchar not null unique, name varchar not null default 'none', version integer not null, deleted_at timestamptz)`,
      )
      await works(db, postgres)
    }),
  )
})

const tree = sqliteTable('items', {
  id: integer().primaryKey({ autoIncrement: true }),
  name: text().notNull(),
  parentId: integer('parent_id'),
  deletedAt: integer('deleted_at', { mode: 'timestamp_ms' }),
})

test('rows of a plain table that were deleted are not there over a relation that leads back', () =>
  withDatabase('SQLite in memory', [tree], async (db) => {
    const list: AnyShape = shape(tree, {
      filter: { name: true },
      relations: { parent: one(() => list, 'parentId') },
    } as never) as never
    const { ask } = appOf(db, [resource('items', { table: tree, list } as never)])
    const { id } = (await ask('POST', '/items', { name: 'gone' })).body
    await ask('POST', '/items', { name: 'child', parentId: id })
    const shown = async () => (await ask('GET', '/items?name=child&expand=parent')).body.data[0].parent
    expect((await shown()).name).toBe('gone')
    await ask('DELETE', `/items/${id}`)
    expect(await shown()).toBeNull()
    expect((await ask('GET', '/items?parent.name=gone')).body.data).toEqual([])
  }))
