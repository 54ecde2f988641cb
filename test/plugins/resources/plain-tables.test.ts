import {
  bigint,
  boolean,
  date,
  integer as int4,
  jsonb,
  numeric,
  pgSchema,
  pgTable,
  serial,
  smallint,
  timestamp,
  varchar,
} from 'drizzle-orm/pg-core'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { Elysia } from 'elysia'
import { serve } from '#core/serve'
import { describe, expect, test } from '#test'
import { resource } from '../../../plugins/resources/index.ts'
import { withDatabase, withPostgres } from '../../services.ts'
import { appOf, asking } from './app.ts'

const notes = sqliteTable('notes', {
  id: integer().primaryKey({ autoIncrement: true }),
  title: text().notNull(),
  done: integer({ mode: 'boolean' }).notNull().default(false),
  due: integer({ mode: 'timestamp' }),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
})
const pgNotes = pgTable('notes', {
  id: serial().primaryKey(),
  title: varchar({ length: 80 }).notNull(),
  done: boolean().notNull().default(false),
  due: timestamp({ withTimezone: true }),
  price: numeric({ precision: 10, scale: 2 }),
  big: bigint({ mode: 'bigint' }),
  n: int4(),
  createdAt: timestamp('created_at').notNull(),
})

const pgThings = pgSchema('kiosk').table('things', {
  id: serial().primaryKey(),
  sku: varchar('product_sku'),
  modeText: timestamp('mode_text', { mode: 'string' }),
  zoned: timestamp({ mode: 'string', withTimezone: true }),
  day: date({ mode: 'date' }),
  exact: numeric(),
  round: numeric({ precision: 10 }),
  plain: numeric({ mode: 'number' }),
  extra: jsonb(),
  list: varchar().array(),
  numbers: int4().array(),
  small: smallint(),
})

describe('a resource of a plain drizzle table', () => {
  test('keeps what drizzle keeps, in SQLite', () =>
    withDatabase('SQLite in memory', [], async (db) => {
      await db.execute(
        'create table notes (id integer primary key autoincrement, title text not null, done integer not null default 0, due integer, created_at integer not null)',
      )
      const list = { filter: { done: true }, sort: { keys: ['due'] } } as const
      const { ask } = appOf(db, [resource('notes', { table: notes, list })], { now: () => 1_700_000_000_123 })
      const { status, body } = await ask('POST', '/notes', { title: 'a', done: true, due: '2026-01-31T10:00:00.000Z' })
      expect([status, body]).toEqual([
        201,
        { id: 1, title: 'a', done: true, due: '2026-01-31T10:00:00.000Z', createdAt: '2023-11-14T22:13:20.123Z' },
      ])
      expect((await ask('GET', '/notes/1')).body).toEqual(body)
      expect((await ask('GET', '/notes?done=true')).body.data).toEqual([body])
      expect(await db.values('select due, created_at from notes')).toEqual([[1_769_853_600, 1_700_000_000_123]])
    }))

  withPostgres.test('keeps what drizzle keeps, in PostgreSQL', () =>
    withDatabase('PostgreSQL', [], async (db) => {
      await db.execute(
        'create table notes (id serial primary key, title varchar(80) not null, done boolean not null default false, due timestamptz, price numeric(10, 2), big bigint, n integer, created_at timestamp not null)',
      )
      const { ask } = appOf(db, [resource('notes', { table: pgNotes })], { now: () => 1_700_000_000_123 })
      const sent = { title: 'a', due: '2026-01-31T10:00:00.000Z', price: '1.50', big: '9223372036854775807', n: -5 }
      const { status, body } = await ask('POST', '/notes', sent)
      expect(status).toBe(201)
      expect(body).toEqual({ id: 1, done: false, ...sent, createdAt: '2023-11-14T22:13:20.123Z' })
      expect((await ask('GET', '/notes/1')).body).toEqual(body)
      expect((await ask('GET', '/notes')).body.data).toEqual([body])
    }),
  )

  withPostgres.test('has one wire form, whatever form drizzle gives, in a schema of its own', () =>
    withDatabase('PostgreSQL', [], async (db) => {
      await db.execute(
        `create schema kiosk; create table kiosk.things (id serial primary key, product_sku text unique, mode_text timestamp,
          zoned timestamptz, day date, exact numeric, round numeric(10), plain numeric, extra jsonb, list text[],
          numbers integer[], small smallint)`,
      )
      const sort = { keys: ['modeText', 'zoned', 'day', 'exact', 'plain'] } as const
      const { ask } = appOf(db, [resource('things', { table: pgThings, list: { sort, filter: { plain: true } } })])
      const sent = {
        sku: 'a',
        modeText: '2026-01-31T10:00:00.000Z',
        zoned: '0050-01-31T10:00:00.000Z',
        day: '2026-01-31',
        exact: '123456789012345678.000000001',
        round: '12',
        plain: 1.5,
        extra: { a: [1, 'x'] },
        list: ['a', 'b,c', '"'],
        numbers: [1, 2],
        small: 32767,
      }
      const { status, body } = await ask('POST', '/things', { ...sent, zoned: '0050-01-31T12:00:00+02:00' })
      expect([status, body]).toEqual([201, { id: 1, ...sent }])
      expect((await ask('GET', '/things/1')).body).toEqual(body)
      expect((await ask('GET', '/things?plain=1.5')).body.data).toEqual([body])
      for (const extra of ['text', 5, false, [1]]) {
        const { body } = await ask('PATCH', '/things/1', { extra })
        expect(body.extra).toEqual(extra)
        expect((await ask('GET', '/things')).body.data[0].extra).toEqual(extra)
      }
      const wrong = { round: '1.5', exact: 'NaN', list: 'a', numbers: ['x'], small: 32768 }
      const refused = await ask('PATCH', '/things/1', wrong)
      expect(refused.status).toBe(422)
      expect(refused.body.errors.map((one: { pointer: string }) => one.pointer).sort()).toEqual(
        ['/exact', '/list', '/numbers/0', '/round', '/small'].sort(),
      )
      const taken = await ask('POST', '/things', { sku: 'a' })
      expect([taken.status, taken.body.errors[0].pointer]).toEqual([409, '/sku'])
    }),
  )

  test('takes the whole numbers that a column of SQLite takes', () =>
    withDatabase('SQLite in memory', [], async (db) => {
      await db.execute('create table things (id integer primary key, big integer, product_sku text unique)')
      const table = sqliteTable('things', {
        id: integer().primaryKey(),
        big: integer(),
        sku: text('product_sku').unique(),
      })
      const { ask } = appOf(db, [resource('things', { table })])
      const big = Number.MAX_SAFE_INTEGER
      expect(await ask('POST', '/things', { big, sku: 'a' })).toMatchObject({ status: 201, body: { big } })
      expect((await ask('POST', '/things', { big: 2 ** 53 })).status).toBe(422)
      expect((await ask('POST', '/things', { sku: 'a' })).body.errors[0].pointer).toBe('/sku')
    }))

  test('answers 422 for a number that is no id, and never 500', () =>
    withDatabase('SQLite in memory', [], async (db) => {
      await db.execute(
        'create table notes (id integer primary key, title text not null, done integer not null default 0, due integer, created_at integer not null)',
      )
      const { ask } = appOf(db, [resource('notes', { table: notes })])
      for (const id of ['9223372036854775808', '9007199254740993', '1e3', '0x10', '1.5', 'abc', '%20']) {
        const { status, body } = await ask('GET', `/notes/${id}`)
        expect([id, status, body.errors[0].parameter]).toEqual([id, 422, 'id'])
      }
      expect((await ask('GET', '/notes/2147483647')).status).toBe(404)
    }))

  test('is served where the app puts it, and says so', () =>
    withDatabase('SQLite in memory', [], async (db) => {
      await db.execute(
        'create table notes (id integer primary key, title text not null, done integer not null default 0, due integer, created_at integer not null)',
      )
      const { app } = appOf(db, [new Elysia({ prefix: '/v1' }).use(resource('notes', { table: notes }))])
      const ask = asking(app)
      const { headers } = await ask('POST', '/v1/notes', { title: 'a' })
      expect(headers.get('location')).toBe('/v1/notes/1')
      expect((await ask('GET', headers.get('location')!)).status).toBe(200)
      const served = await serve(app, { port: 0, hostname: '127.0.0.1' })
      const there = `http://127.0.0.1:${served.port}/v1/notes`
      const page = await fetch(there, { headers: { authorization: 'alice' } })
      expect((await page.json()).data).toHaveLength(1)
      expect((await fetch(there)).status).toBe(401)
      await served.stop()
    }))
})
