import { expect, test } from '#test'
import {
  type Database,
  databaseErrorIn,
  databaseProblem,
  defineTable,
  isolate,
  openDatabase,
} from '../../../plugins/database/index.ts'
import { both, inFolder, withDatabase, withPostgres } from '../../services.ts'
import { failing } from './failing.ts'

const notes = defineTable('notes', (t) => ({ id: t.id(), text: t.string().unique() }))
const add = (db: Database, text: string): Promise<unknown> => db.drizzle.insert(notes.for(db)).values({ text })
const count = async (db: Database): Promise<number> => Number((await db.values('select count(*) from notes'))[0]![0])
const timeoutOf = async (db: Database): Promise<unknown> => (await db.values('show statement_timeout'))[0]![0]

both('everything a snapshot reads is one state, whatever others commit meanwhile', [notes], async (db, url) => {
  await add(db, 'before')
  // A database in memory is one connection: others wait for the snapshot there.
  const other = db.dialect === 'postgresql' || !url.includes(':memory:') ? openDatabase({ url }) : undefined
  const seen = await db.snapshot(async () => {
    const first = await count(db)
    if (other) await add(other, 'meanwhile')
    return [first, await count(db), db.inTransaction]
  })
  expect(seen).toEqual([1, 1, true])
  expect(await count(db)).toBe(other ? 2 : 1)
  expect(db.inTransaction).toBe(false)
  await other?.close()
})

both('a snapshot writes nothing, and what it refused is forgotten at its end', [notes], async (db) => {
  const error = await failing(() => db.snapshot(() => add(db, 'inside')))
  expect(databaseErrorIn(error)).toBeDefined()
  expect(await db.snapshot(() => add(db, 'inside').then(String, () => 'caught'))).toBe('caught')
  await add(db, 'outside')
  expect(await count(db)).toBe(1)
})

both('a snapshot answers what its callback answers, throws what it throws, and leaves nothing open', [], async (db) => {
  expect(await db.snapshot(() => 7)).toBe(7)
  const error = new Error('no')
  expect(await failing(() => db.snapshot(() => Promise.reject(error)))).toBe(error)
  expect(await Promise.all([1, 2, 3].map((n) => db.snapshot(() => db.values(`select ${n}`))))).toEqual([
    [[1]],
    [[2]],
    [[3]],
  ])
  await db.execute('create table t (n integer)')
})

both('inside a transaction a snapshot joins it', [notes], async (db) => {
  await db.tx(async () => {
    await add(db, 'mine')
    expect(await db.snapshot(() => count(db), { timeout: 1000 })).toBe(1)
    expect(await db.snapshot(() => db.snapshot(() => count(db), { timeout: 1000 }))).toBe(1)
    await add(db, 'more')
  })
  expect(await count(db)).toBe(2)
})

both('in an isolated run too', [notes], async (db) => {
  await isolate(db, async () => {
    await add(db, 'inside')
    expect(await db.snapshot(() => count(db), { timeout: 1000 })).toBe(1)
    expect(await db.tx(() => db.snapshot(() => count(db), { timeout: 1000 }))).toBe(1)
    expect(databaseErrorIn(await failing(() => db.snapshot(() => add(db, 'no'))))).toBeDefined()
    await add(db, 'after')
    expect(await count(db)).toBe(2)
  })
  expect(await count(db)).toBe(0)
})

both('a timeout that is none is refused', [], async (db) => {
  for (const timeout of [0, -1, 1.5, Number.NaN, '5' as never])
    expect(await failing(() => db.snapshot(() => 1, { timeout }))).toBeInstanceOf(TypeError)
})

test('a snapshot of a SQLite file keeps no reader and no other process waiting', () =>
  inFolder(async (folder) => {
    const [db, other] = [openDatabase({ url: `${folder}/a` }), openDatabase({ url: `${folder}/a` })]
    await db.execute('create table notes (n integer)')
    const { promise, resolve } = Promise.withResolvers<void>()
    const snapshot = db.snapshot(async () => {
      const before = await count(db)
      await promise
      return [before, await count(db)]
    })
    await new Promise((go) => setTimeout(go, 2))
    await other.execute('insert into notes values (1)')
    expect(db.valuesNow!('select count(*) from notes')).toEqual([[1]])
    resolve()
    expect(await snapshot).toEqual([0, 0])
    await Promise.all([db.close(), other.close()])
  }))

withPostgres.test('a statement that takes too long is cancelled: 503, and the only connection is usable again', () =>
  withDatabase('PostgreSQL', [notes], async (_, url) => {
    const db = openDatabase({ url, poolSize: 1 })
    const slow = (): Promise<unknown> => db.values('select pg_sleep(20)')
    const error = await failing(() => db.snapshot(slow, { timeout: 30 }))
    expect(databaseErrorIn(error)).toMatchObject({ failure: 'timeout' })
    const problem = databaseProblem(error)!
    expect([problem.status, problem.code, problem.headers]).toEqual([503, 'KWIK_QUERY_TIMEOUT', { 'retry-after': '1' }])
    expect(await timeoutOf(db)).toBe('0')
    // Caught inside, it is no error at the end.
    expect(await db.snapshot(() => slow().then(String, () => 'caught'), { timeout: 30 })).toBe('caught')
    expect(await db.snapshot(() => timeoutOf(db), { timeout: 30 })).toBe('30ms')
    await add(db, 'after')
    expect(await count(db)).toBe(1)
    await db.close()
  }),
)

withPostgres.test('inside a transaction the former timeout is put back, after an error too', () =>
  withDatabase('PostgreSQL', [notes], async (db) => {
    await db.tx(async () => {
      await db.execute("set local statement_timeout = '5s'")
      await add(db, 'mine')
      expect(await db.snapshot(() => timeoutOf(db), { timeout: 250 })).toBe('250ms')
      expect(await timeoutOf(db)).toBe('5s')
      const error = await failing(() => db.snapshot(() => db.values('select pg_sleep(20)'), { timeout: 30 }))
      expect(databaseErrorIn(error)).toMatchObject({ failure: 'timeout' })
      expect(await timeoutOf(db)).toBe('5s')
      expect(databaseErrorIn(await failing(() => db.snapshot(() => add(db, 'no'), { timeout: 250 })))).toBeDefined()
      await add(db, 'more')
    })
    expect(await count(db)).toBe(2)
    await isolate(db, async () => {
      const error = await failing(() => db.snapshot(() => db.values('select pg_sleep(20)'), { timeout: 30 }))
      expect(databaseErrorIn(error)).toMatchObject({ failure: 'timeout' })
      expect(await timeoutOf(db)).toBe('0')
    })
  }),
)
