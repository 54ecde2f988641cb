import {
  bigint,
  doublePrecision,
  integer,
  numeric,
  pgSchema,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { real, sqliteTable, integer as whole, text as words } from 'drizzle-orm/sqlite-core'
import { expect, test } from '#test'
import { type AnyShape, shape } from '../../../plugins/shaping/index.ts'
import { withDatabase, withPostgres } from '../../services.ts'
import { appOf, ask } from './fixture.ts'

const events = pgSchema('plain').table(
  'events',
  {
    team: uuid().notNull(),
    n: smallint().notNull(),
    at: timestamp({ withTimezone: true, precision: 6 }).notNull(),
    local: timestamp({ precision: 6 }),
    exact: numeric({ precision: 38, scale: 10 }),
    measure: doublePrecision(),
    size: bigint({ mode: 'number' }),
    kind: text(),
    whole: integer(),
  },
  (t) => [primaryKey({ columns: [t.team, t.n] })],
)
const team = '018f3c1e-7c1a-7b7b-9b1b-2b2b2b2b2b2b'
const eventList = shape(events, {
  filter: { n: true, at: true, local: true, exact: true, measure: true, size: true, team: true },
  sort: { keys: ['at', 'local', 'exact', 'measure', 'size', 'kind'] },
  fields: { default: ['n'] },
})

/** Every row of a list, page by page, one way or the other. */
async function walk(app: ReturnType<typeof appOf>, query: string, back = false): Promise<unknown[]> {
  const seen: unknown[] = []
  for (let place = back ? '&before=end' : '', pages = 0; ; pages++) {
    const { data, page, status } = await ask(app, `?${query}${place}`)
    expect(status).toBe(200)
    const numbers = data.map((row) => row['n'] ?? row['id'])
    if (back) seen.unshift(...numbers)
    else seen.push(...numbers)
    const next = back ? page.prev : page.next
    if (next === undefined || pages > 100) return seen
    place = back ? `&before=${next}` : `&after=${next}`
  }
}

withPostgres.test(
  'plain PostgreSQL table: microseconds, 38 digits, NaN, a key of two columns in a schema',
  async () => {
    await withDatabase('PostgreSQL', [], async (db) => {
      await db.execute(`create schema plain; create table plain.events (team uuid not null, n smallint not null,
      at timestamptz(6) not null, local timestamp(6), exact numeric(38, 10), measure double precision, size bigint,
      kind text, whole integer, primary key (team, n))`)
      await db.execute(`insert into plain.events select '${team}', n, '2026-01-01 10:00:00.000000+00'::timestamptz + n * interval '1 microsecond',
      case when n % 3 = 0 then null else '2026-01-01 10:00:00'::timestamp + n % 5 * interval '1 microsecond' end,
      case when n % 4 = 0 then null else '12345678901234567890.0000000001'::numeric + n % 3 * '0.0000000001'::numeric end,
      (array['NaN', 'Infinity', '-Infinity', '0.30000000000000004', '0.3', '5e-324', '1.7976931348623157e308', '-0', null])[1 + n % 9]::double precision,
      9007199254740000 + n % 2, case when n % 2 = 0 then 'a' end, n from generate_series(1, 20) as n`)
      await db.execute(`insert into plain.events (team, n, at, local) values ('${team}', 21, 'infinity', '-infinity')`)
      const app = appOf(db, eventList as AnyShape)
      for (const sort of [
        'at',
        '-at',
        'local',
        '-local,at',
        'exact',
        '-exact,local',
        'measure',
        '-measure',
        'size,-kind',
        'kind,-at',
        '-kind,measure,exact',
      ]) {
        const order = sort
          .split(',')
          .map((key) => `${key.replace('-', '')}${key.startsWith('-') ? ' desc' : ''} nulls last`)
        const tie = sort.split(',').at(-1)!.startsWith('-') ? 'team desc, n desc' : 'team, n'
        const truth = (await db.values(`select n from plain.events order by ${order.join()}, ${tie}`)).map(([n]) => n)
        for (const limit of [1, 3, 7]) {
          expect({ sort, seen: await walk(app, `sort=${sort}&limit=${limit}`) }).toEqual({ sort, seen: truth })
          expect({ sort, seen: await walk(app, `sort=${sort}&limit=${limit}`, true) }).toEqual({ sort, seen: truth })
        }
      }
      const numbers = async (query: string) => (await ask(app, query)).data.map((row) => row['n'])
      expect(await numbers('?at=2026-01-01T12:00:00.000007%2B02:00')).toEqual([7])
      expect(await numbers('?at[gt]=2026-01-01T10:00:00.000018Z')).toEqual([19, 20, 21])
      expect(await numbers('?local=2026-01-01T10:00:00.000002Z&n[lt]=8')).toEqual([2, 7])
      expect(await numbers('?local=2026-01-01T12:00:00.000002%2B02:00&n[lt]=8')).toEqual([2, 7])
      expect(await numbers('?exact=12345678901234567890.0000000003&n[lt]=6')).toEqual([2, 5])
      expect(await numbers('?size=9007199254740001&n[lt]=6')).toEqual([1, 3, 5])
      expect(await numbers(`?team[in]=${team.toUpperCase()}&n[in]=1,2`)).toEqual([1, 2])
      expect((await ask(app, '?n=32768')).errors[0]!.code).toBe('out-of-range')
      expect((await ask(app, '?exact=1.00000000001')).errors[0]!.code).toBe('too-precise')
      expect((await ask(app, '?size=1e30')).errors[0]!.code).toBe('not-an-integer')
      expect((await ask(app, '?n=21&fields=at,local')).data).toEqual([{ at: 'infinity', local: '-infinity' }])
      const [row] = (await ask(app, '?n=7&fields=local,at,size')).data
      expect(row).toEqual({ at: '2026-01-01T10:00:00.000Z', local: '2026-01-01T10:00:00.000Z', size: 9007199254740001 })
    })
  },
)

test('plain SQLite table: seconds, milliseconds, text with a collation', async () => {
  const logs = sqliteTable('logs', {
    id: whole().primaryKey(),
    name: words().notNull(),
    seconds: whole({ mode: 'timestamp' }).notNull(),
    millis: whole({ mode: 'timestamp_ms' }),
    done: whole({ mode: 'boolean' }).notNull(),
    ratio: real(),
    kind: words({ enum: ['a', 'b'] }),
    size: whole(),
  })
  const list = shape(logs, {
    filter: { seconds: true, millis: true, done: true, kind: true, size: true },
    sort: { keys: ['name', 'seconds', 'ratio', 'millis'] },
  })
  await withDatabase('SQLite in memory', [], async (db) => {
    await db.execute(`create table logs (id integer primary key, name text not null collate nocase, seconds integer not null,
      millis integer, done integer not null, ratio real, kind text, size integer)`)
    await db.execute(`insert into logs with recursive n(x) as (select 1 union all select x + 1 from n where x < 12)
      select x, substr('aAbBcé', 1 + x % 6, 1), 1767225600 + x % 4, 1767225600000 + x, x % 2, x % 3 / 3.0, 'a', 9007199254740000 + x from n`)
    const app = appOf(db, list as AnyShape)
    for (const sort of ['name', '-name,ratio', 'seconds,-name', '-millis', 'ratio,seconds,name']) {
      const order = sort
        .split(',')
        .map((key) => `${key.replace('-', '')}${key.startsWith('-') ? ' desc' : ''} nulls last`)
      const tie = sort.split(',').at(-1)!.startsWith('-') ? 'id desc' : 'id'
      const truth = (await db.values(`select id from logs order by ${order.join()}, ${tie}`)).map(([id]) => id)
      for (const limit of [1, 5]) {
        expect({ sort, seen: await walk(app, `sort=${sort}&limit=${limit}`) }).toEqual({ sort, seen: truth })
        expect({ sort, seen: await walk(app, `sort=${sort}&limit=${limit}`, true) }).toEqual({ sort, seen: truth })
      }
    }
    expect((await ask(app, '?seconds=2026-01-01T00:00:03Z&done=true')).ids).toEqual([3, 7, 11])
    expect((await ask(app, '?seconds[gt]=2026-01-01T00:00:02.5Z&size=9007199254740003')).data).toEqual([
      {
        id: 3,
        name: 'B',
        seconds: '2026-01-01T00:00:03.000Z',
        millis: '2026-01-01T00:00:00.003Z',
        done: true,
        ratio: 0,
        kind: 'a',
        size: 9007199254740003,
      },
    ])
  })
})
