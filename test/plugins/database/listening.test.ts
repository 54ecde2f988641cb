import { openDatabase } from 'kwik/database'
import { expect, test } from '#test'
import { withDatabase, withPostgres } from '../../services.ts'

const until = async (holds: () => boolean): Promise<void> => {
  const end = performance.now() + 10_000
  while (!holds() && performance.now() < end) await new Promise((go) => setTimeout(go, 10))
  expect(holds()).toBe(true)
}

withPostgres.test('what is said on a channel is heard, on that channel alone, until it stops', () =>
  withDatabase('PostgreSQL', [], async (db) => {
    const heard: string[] = []
    const stop = await db.listen!(
      'a "channel"',
      (text) => void heard.push(text),
      () => void heard.push('missed'),
    )
    await db.execute('select pg_notify($1, $2)', ['others', 'no'])
    await db.execute('select pg_notify($1, $2)', ['a "channel"', 'one'])
    await until(() => heard.length === 1)
    await db.tx(() => db.execute('select pg_notify($1, $2)', ['a "channel"', 'two']))
    await until(() => heard.length === 2)
    await stop()
    await db.execute('select pg_notify($1, $2)', ['a "channel"', 'three'])
    await new Promise((go) => setTimeout(go, 50))
    expect(heard).toEqual(['one', 'two'])
  }),
)

withPostgres.test('a connection that breaks is made anew, and says that something may have been missed', () =>
  withDatabase('PostgreSQL', [], async (db) => {
    const heard: string[] = []
    const stop = await db.listen!(
      'c',
      (text) => void heard.push(text),
      () => void heard.push('missed'),
    )
    const listening = "select pid from pg_stat_activity where datname = current_database() and query like 'listen%'"
    const [[pid] = []] = await db.values(listening)
    await db.values('select pg_terminate_backend($1)', [pid])
    await until(() => heard.length === 1)
    await db.execute("select pg_notify('c', 'again')")
    await until(() => heard.length === 2)
    expect(heard).toEqual(['missed', 'again'])
    await stop()
  }),
)

withPostgres.test('closing the database ends it', () =>
  withDatabase('PostgreSQL', [], async (db, url) => {
    const other = openDatabase({ url })
    await other.listen!(
      'c',
      () => {},
      () => {},
    )
    await other.close()
    const open = "select count(*) from pg_stat_activity where datname = current_database() and query like 'listen%'"
    let left: unknown = '1'
    for (let i = 0; i < 50 && left !== '0'; i++) {
      await new Promise((go) => setTimeout(go, 10))
      left = (await db.values(open))[0]![0]
    }
    expect(left).toBe('0')
  }),
)

test('SQLite has nothing to listen to', async () => {
  const db = openDatabase({ url: 'sqlite::memory:' })
  expect(db.listen).toBeUndefined()
  await db.close()
})
