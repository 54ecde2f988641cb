import { consoleLogger } from '#core/adapters/console-logger'
import { describe, expect, test } from '#test'
import { nodeSqlite } from '../../../plugins/database/adapters/sqlite-node.ts'
import { Facade } from '../../../plugins/database/facade.ts'
import { databaseProblem, isolate, openDatabase } from '../../../plugins/database/index.ts'
import { sqliteEngine } from '../../../plugins/database/sqlite.ts'
import { both, inFolder, postgresUrl, withDatabase, withPostgres } from '../../services.ts'

test('every connection to a file has foreign keys, WAL, a busy timeout and normal synchronous', () =>
  inFolder(async (folder) => {
    const db = openDatabase({ url: `sqlite:${folder}/deep/er/app.sqlite` })
    const pragmas = async (): Promise<unknown[]> =>
      Promise.all(
        ['foreign_keys', 'journal_mode', 'busy_timeout', 'synchronous'].map(
          async (name) => (await db.values(`pragma ${name}`))[0]![0],
        ),
      )
    expect(await pragmas()).toEqual([1, 'wal', 50, 1])
    expect(await db.tx(pragmas)).toEqual([1, 'wal', 50, 1])
    await db.close()
  }))

test('urls name a database in four ways, and a password is never shown', async () => {
  await inFolder(async (folder) => {
    for (const url of [`sqlite:${folder}/a`, `file:${folder}/a`, `sqlite://${folder}/a`, `${folder}/a`]) {
      const db = openDatabase({ url })
      await db.execute('create table if not exists t (n integer)')
      await db.execute('insert into t values (1)')
      await db.close()
    }
    const db = openDatabase({ url: `${folder}/a` })
    expect(await db.values('select count(*) from t')).toEqual([[4]])
    await db.close()
  })
  expect(() => openDatabase({ url: 'mysql://root:hunter2@host/name' })).toThrow(/sqlite: and postgres:, not mysql:/)
  expect(() => openDatabase({ url: 'mysql://root:hunter2@host/name' })).not.toThrow(/hunter2/)
  expect(() => openDatabase({ url: '' })).toThrow(/empty/)
})

test('SQLite answers at once where nobody has a transaction open', async () => {
  const db = openDatabase({ url: 'sqlite::memory:' })
  expect(db.valuesNow!('select ?', [7])).toEqual([[7]])
  await db.tx(async () => {
    expect(db.valuesNow!('select 1')).toEqual([[1]])
  })
  const open = Promise.withResolvers<void>()
  const transaction = db.tx(() => open.promise)
  await new Promise((go) => setTimeout(go, 1))
  expect(db.valuesNow!('select 1')).toBeUndefined()
  open.resolve()
  await transaction
  await db.close()
})

both('more different statements than are kept prepared all answer', [], async (db) => {
  const text = (i: number): string => `select ${i} + ${db.dialect === 'sqlite' ? '?' : '$1::int'}`
  // A text is kept prepared when it comes again.
  for (let i = 0; i < 700; i++)
    for (let use = 0; use < 3; use++) expect(Number((await db.values(text(i), [1]))[0]![0])).toBe(i + 1)
})

withPostgres.test('texts that come once take no place from those that come again', () =>
  withDatabase('PostgreSQL', [], async (_, url) => {
    const one = openDatabase({ url, poolSize: 1 })
    try {
      const prepared = async (): Promise<number> =>
        (await one.values("select 1 from pg_prepared_statements where name like 'kwik%'")).length
      for (let at = 0; at < 600; at++) await one.values(`select ${at} + $1::int`, [1])
      expect(await prepared()).toBe(0)
      for (const count of [0, 0, 1, 1]) {
        await one.values('select $1::int as hot', [1])
        expect(await prepared()).toBe(count)
      }
    } finally {
      await one.close()
    }
  }),
)

both('a prepared statement survives a change of its table', [], async (db) => {
  await db.execute('create table t (a integer)')
  await db.execute('insert into t values (1)')
  const one = db.dialect === 'sqlite' ? '?' : '$1'
  for (let use = 0; use < 4; use++) expect(await db.values(`select * from t where a = ${one}`, [1])).toEqual([[1]])
  await db.tx(() => db.execute('alter table t add column b integer default 2'))
  expect(await db.values(`select * from t where a = ${one}`, [1])).toEqual([[1, 2]])
})

withPostgres.test('numbers are numbers, booleans booleans, the rest is text in ISO and UTC', () =>
  withDatabase('PostgreSQL', [], async (db) => {
    const [row] =
      await db.values(`select 1::int2, 2::int4, 1.5::float4, 2.5::float8, true, 9007199254740993::int8, 1.10::numeric,
      '2026-01-31'::date, '2026-01-31 12:00:00+02'::timestamptz, '{"a": 1}'::jsonb, null`)
    expect(row).toEqual([
      1,
      2,
      1.5,
      2.5,
      true,
      '9007199254740993',
      '1.10',
      '2026-01-31',
      '2026-01-31 10:00:00+00',
      '{"a": 1}',
      null,
    ])
  }),
)

withPostgres.test('the pool recovers when the server cuts its connections', () =>
  withDatabase('PostgreSQL', [], async (db, url) => {
    const name = new URL(url).pathname.slice(1)
    const admin = openDatabase({ url: postgresUrl })
    const cut = (): Promise<unknown> =>
      admin.values('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
    await db.values('select 1')
    const error = await db
      .tx(async () => {
        await cut()
        await db.values('select 1')
      })
      .catch((caught: unknown) => caught)
    expect(databaseProblem(error)).toMatchObject({ status: 503, code: 'KWIK_UNAVAILABLE' })
    expect(await db.values('select 1')).toEqual([[1]])
    await cut()
    await new Promise((go) => setTimeout(go, 50))
    expect(await db.ping()).toBe(true)
    await admin.close()
  }),
)

test('a writer of another process is waited for, and the event loop goes on', () =>
  inFolder(async (folder) => {
    const [db, other] = [openDatabase({ url: `${folder}/a` }), openDatabase({ url: `${folder}/a` })]
    await db.execute('create table t (n integer)')
    const order: string[] = []
    const started = Promise.withResolvers<void>()
    const holding = other.tx(async () => {
      await other.execute('insert into t values (1)')
      started.resolve()
      await new Promise((go) => setTimeout(go, 200))
      order.push('first')
    })
    await started.promise
    expect(db.valuesNow!('insert into t values (3)')).toBeUndefined()
    await Promise.all([
      db.execute('insert into t values (2)').then(() => order.push('second')),
      db.tx(() => db.execute('insert into t values (2)')).then(() => order.push('third')),
      holding,
    ])
    expect(order[0]).toBe('first')
    expect(await db.values('select count(*) from t')).toEqual([[3]])
    await Promise.all([db.close(), other.close()])
  }))

test('node:sqlite answers as bun:sqlite does', () =>
  inFolder(async (folder) => {
    const db = new Facade(sqliteEngine({ path: `${folder}/a.sqlite`, driver: nodeSqlite() }), consoleLogger)
    await db.execute('create table t (a integer unique, b text)')
    expect(
      await db.execute('insert into t values (?, ?), (?, ?)', [true, undefined, 9_007_199_254_740_993n, 'x']),
    ).toEqual({ changes: 2 })
    expect(await db.values('select cast(a as text), b from t order by a')).toEqual([
      ['1', null],
      ['9007199254740993', 'x'],
    ])
    const refused = await db.execute('insert into t values (1, 1)').catch((error: unknown) => error)
    expect(refused).toMatchObject({ failure: 'unique', table: 't', columns: ['a'] })
    await isolate(db, () => db.execute('delete from t'))
    expect(await db.values('select count(*) from t')).toEqual([[2]])
    await db.close()
  }))

both('closing twice is closing once, and a transaction that is open may end first', [], async (db) => {
  await db.execute('create table t (n integer)')
  let ended = false
  const transaction = db.tx(async () => {
    await db.execute('insert into t values (1)')
    await new Promise((go) => setTimeout(go, 20))
    ended = true
  })
  await new Promise((go) => setTimeout(go, 5))
  await Promise.all([db.close(), db.close()])
  await transaction
  expect(ended).toBe(true)
  expect(await db.ping()).toBe(false)
})

describe('a URL that cannot be read', () => {
  for (const url of [
    'postgres://ann:se/cret@localhost/shop',
    'postgres://ann:se#cret@localhost:5432/shop',
    'postgres://localhost:port/shop',
  ])
    test(`is refused at once and not shown (${url.replace('cret', '…')})`, () => {
      let said = ''
      try {
        openDatabase({ url })
      } catch (error) {
        said = String(error) + JSON.stringify(error)
      }
      expect(said).toContain('the URL of the database cannot be read')
      expect(said).not.toContain('cret')
    })
})
