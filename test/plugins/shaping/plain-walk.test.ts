import {
  doublePrecision,
  bigint as large,
  numeric,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import {
  real as float,
  primaryKey as keyOf,
  numeric as number,
  sqliteTable,
  integer as whole,
  text as words,
} from 'drizzle-orm/sqlite-core'
import type { AnyElysia } from 'elysia'
import fc from 'fast-check'
import { uuidv7 } from '#core/internal/uuid'
import type { Database, TableLike } from '#core/ports/database'
import { expect, test } from '#test'
import { openDatabase } from '../../../plugins/database/index.ts'
import { type AnyShape, shape } from '../../../plugins/shaping/index.ts'
import { withDatabase, withPostgres } from '../../services.ts'
import { appOf } from './fixture.ts'
import { patience, property } from './property.ts'
import { someWalk, truthOf, turning, type Walk, walk } from './walking.ts'

const key = ['team', 'n'] as const
const place = { table: 'measures', id: 'n', key }
type Row = Readonly<Record<string, string | null>>

const listsOf = (table: unknown, sortable: readonly string[]) => {
  const list = (nulls: 'first' | 'last'): AnyShape =>
    shape(table as TableLike, { sort: { keys: [...sortable], nulls }, fields: { default: ['n'] } } as never)
  return { first: list('first'), last: list('last') }
}
type Lists = ReturnType<typeof listsOf>
type Apps = Readonly<Record<'first' | 'last', AnyElysia>>
const appsOf = (db: Database, lists: Lists): Apps => ({ first: appOf(db, lists.first), last: appOf(db, lists.last) })

/** Rows as SQL literals of each column. */
const rowsOf = (columns: Readonly<Record<string, readonly (string | null)[]>>): fc.Arbitrary<Row[]> =>
  fc.array(
    fc.record(Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, fc.constantFrom(...values)]))),
    { minLength: 5, maxLength: 24 },
  )

const teams = [0, 1, 2].map((at) => uuidv7(1_767_225_600_000 + at))
async function prepare(db: Database, columns: readonly string[], rows: readonly Row[]): Promise<void> {
  await db.execute('delete from measures')
  const values = rows.map(
    (row, at) => `('${teams[at % teams.length]}', ${at + 1}, ${columns.map((name) => row[name] ?? 'null').join(', ')})`,
  )
  await db.execute(`insert into measures (team, n, ${columns.join(', ')}) values ${values.join(', ')}`)
}

/** As many walks on each data set. */
const walks = 10
async function walkAll(
  db: Database,
  apps: Apps,
  columns: Readonly<Record<string, readonly (string | null)[]>>,
  total: number,
): Promise<void> {
  const names = Object.keys(columns)
  const some = fc.record({
    rows: rowsOf(columns),
    walks: fc.array(someWalk([...names, ...key]), { minLength: walks, maxLength: walks }),
  })
  await property(some, total / walks, async ({ rows, walks }) => {
    await prepare(db, names, rows)
    for (const one of walks) {
      const truth = await truthOf(db, one, place)
      expect(truth.length).toBe(rows.length)
      await walk(turning(apps[one.nulls], one, 'n'), truth, one)
    }
  })
}

const postgres = pgTable(
  'measures',
  {
    team: uuid().notNull(),
    n: smallint().notNull(),
    at: timestamp({ withTimezone: true, precision: 6 }).notNull(),
    local: timestamp({ precision: 6 }),
    exact: numeric({ precision: 38, scale: 10 }),
    measure: doublePrecision(),
    single: real(),
    size: large({ mode: 'bigint' }),
    folded: text(),
    german: text(),
  },
  (t) => [primaryKey({ columns: [t.team, t.n] })],
)
const microseconds = [0, 1, 2, 3].map((at) => `'2026-01-01 10:00:00.00000${at}+00'`)
const postgresColumns = {
  at: [...microseconds, "'infinity'", "'-infinity'", "'0044-03-15 12:00:00+00 BC'", "'12026-01-01 00:00:00.5+00'"],
  local: [null, "'2026-03-29 02:30:00.000001'", "'2026-03-29 02:30:00.000002'", "'infinity'", "'-infinity'"],
  exact: [null, '12345678901234567890.0000000001', '12345678901234567890.0000000002', '-0.0000000001', "'NaN'"],
  measure: [
    null,
    '0.1::float8 + 0.2::float8',
    '0.3',
    '5e-324',
    "'-0'",
    '0',
    "'NaN'",
    "'Infinity'",
    "'-Infinity'",
    '1.7976931348623157e308',
  ],
  single: [null, '0.1', '0.1::float4 + 0.2::float4', '1e-45', '3.4028235e38', "'NaN'"],
  size: [null, '9007199254740992', '9007199254740993', '-9223372036854775808', '9223372036854775807'],
  folded: [null, "'a'", "'A'", "'b'", "'é'", "'É'", "''"],
  german: [null, "'a'", "'A'", "'ä'", "'ß'", "'ss'", "'Z'", "'z'", "'e\u0301'", "'é'"],
} satisfies Record<string, readonly (string | null)[]>
const postgresLists = listsOf(postgres, [...Object.keys(postgresColumns), ...key])

/** Collations of ICU where the server has it; one of them takes letters for equal that are not the same. */
async function createMeasures(db: Database): Promise<void> {
  const [icu] = await db.values("select 1 from pg_collation where collname = 'de-x-icu'")
  if (icu)
    await db.execute("create collation folding (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
  await db.execute(`create table measures (team uuid not null, n smallint not null, at timestamptz(6) not null,
    local timestamp(6), exact numeric(38, 10), measure double precision, single real, size bigint,
    folded text ${icu ? 'collate folding' : ''}, german text ${icu ? 'collate "de-x-icu"' : ''}, primary key (team, n))`)
}

withPostgres.test(
  'walks over a plain PostgreSQL table: microseconds, 38 digits, NaN, infinity, ICU, a key of two columns',
  () =>
    withDatabase('PostgreSQL', [], async (db) => {
      await createMeasures(db)
      await walkAll(db, appsOf(db, postgresLists), postgresColumns, 1000)
    }),
  patience,
)

const sqlite = sqliteTable(
  'measures',
  {
    team: words().notNull(),
    n: whole().notNull(),
    at: whole({ mode: 'timestamp_ms' }).notNull(),
    seconds: whole({ mode: 'timestamp' }),
    measure: float(),
    folded: words(),
    name: words(),
    loose: number(),
    done: whole({ mode: 'boolean' }),
  },
  (t) => [keyOf({ columns: [t.team, t.n] })],
)
const sqliteColumns = {
  at: ['1767225600000', '1767225600001', '-1', '0'],
  seconds: [null, '1767225600', '1767225601', '-62135596800'],
  measure: [
    null,
    '0.1 + 0.2',
    '0.3',
    '5e-324',
    '-0.0',
    '0',
    '9e999',
    '-9e999',
    '1.7976931348623157e308',
    '2.2250738585072014e-308',
  ],
  folded: [null, "'a'", "'A'", "'b'", "'B'", "'é'", "''"],
  name: [null, "'a'", "'A'", "'ß'", "'é'", "'e\u0301'", "'z'"],
  loose: [null, '0.1 + 0.2', '12', "'12.50'", '9007199254740992', '9007199254740993', '-9223372036854775808'],
  done: [null, '0', '1'],
} satisfies Record<string, readonly (string | null)[]>

test(
  'walks over a plain SQLite table: edges of floats, NOCASE, loose numbers, a key of two columns',
  () =>
    withDatabase('SQLite in memory', [], async (db) => {
      await db.execute(`create table measures (team text not null, n integer not null, at integer not null, seconds integer,
        measure real, folded text collate nocase, name text, loose numeric, done integer, primary key (team, n))`)
      const lists = listsOf(sqlite, [...Object.keys(sqliteColumns), ...key])
      await walkAll(db, appsOf(db, lists), sqliteColumns, 1000)
    }),
  patience,
)

const settings = [
  "datestyle = 'German, DMY'",
  "timezone = 'Asia/Kathmandu'",
  "intervalstyle = 'postgres_verbose'",
  'extra_float_digits = -15',
]
const everyKey: readonly Walk[] = Object.keys(postgresColumns).map((name, at) => ({
  sort: [at % 2 === 0 ? `-${name}` : name],
  nulls: 'last',
  limit: 3,
  way: at % 3 === 0 ? 'backward' : 'forward',
  steps: [],
}))

withPostgres.test('how the session writes dates, times and floats changes no page', () =>
  withDatabase('PostgreSQL', [], async (db, url) => {
    await createMeasures(db)
    const names = Object.keys(postgresColumns)
    const rows = Array.from({ length: 30 }, (_, at) =>
      Object.fromEntries(
        names.map((name) => {
          const values: readonly (string | null)[] = postgresColumns[name as keyof typeof postgresColumns]
          return [name, values[(at * 7 + name.length) % values.length]!]
        }),
      ),
    )
    await prepare(db, names, rows)
    const truths = await Promise.all(everyKey.map((one) => truthOf(db, one, place)))
    const cursorOf = async (from: Database, one: Walk): Promise<unknown> =>
      turning(appOf(from, postgresLists[one.nulls]), one, 'n')('')
    const cursors = await Promise.all(everyKey.map((one) => cursorOf(db, one)))
    const database = new URL(url).pathname.slice(1)
    const byUrl = new URL(url)
    byUrl.search = `options=${encodeURIComponent('-c datestyle=SQL,MDY -c timezone=America/St_Johns -c extra_float_digits=0')}`
    for (const at of [url, byUrl.href]) {
      if (at === url) for (const setting of settings) await db.execute(`alter database ${database} set ${setting}`)
      const other = openDatabase({ url: at })
      try {
        for (const [index, one] of everyKey.entries()) {
          await walk(turning(appOf(other, postgresLists[one.nulls]), one, 'n'), truths[index]!, one)
          expect(await cursorOf(other, one)).toEqual(cursors[index])
        }
      } finally {
        await other.close()
      }
    }
    await db.execute(`alter database ${database} reset all`)
  }),
)
