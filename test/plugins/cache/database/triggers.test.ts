import { integer, pgSchema, pgTable, text } from 'drizzle-orm/pg-core'
import { type Database, defineTable, openDatabase } from 'kwik/database'
import { describe, expect, test } from '#test'
import { listenForTags } from '../../../../plugins/cache/database/listen.ts'
import { notifyTriggers, tagChannel } from '../../../../plugins/cache/database/triggers.ts'
import { withDatabase, withPostgres } from '../../../services.ts'
import { eventually } from '../engine/benches.ts'
import { inMemory } from '../values/caches.ts'

const posts = defineTable('posts', (t) => ({ id: t.int().primaryKey(), title: t.string() }))
const { up, down } = notifyTriggers(posts)

/** What is said of each of the statements, in their order. */
async function said(db: Database, ...statements: string[]): Promise<string[][]> {
  const heard: string[][] = []
  const stop = await db.listen!(
    tagChannel,
    (payload) => void heard.push(JSON.parse(payload)),
    () => {},
  )
  for (const statement of statements) await db.execute(statement)
  await db.execute('select pg_notify($1, $2)', [tagChannel, '["end"]'])
  await eventually(() => heard.at(-1)?.[0] === 'end')
  await stop()
  return heard.slice(0, -1).map((tags) => tags.toSorted())
}

describe('triggers', () => {
  withPostgres.test('name each row that a statement made, changed or removed, once', () =>
    withDatabase('PostgreSQL', [posts], async (db) => {
      await db.execute(up)
      expect(
        await said(
          db,
          "insert into posts values (1, 'a'), (2, 'b')",
          "update posts set title = 'c' where id = 1",
          'update posts set id = 3 where id = 1',
          "update posts set title = 'c' where id = 99",
          'delete from posts where id = 3',
          'truncate posts',
        ),
      ).toEqual([
        ['posts', 'posts:1', 'posts:2'],
        ['posts', 'posts:1'],
        ['posts', 'posts:1', 'posts:3'],
        ['posts', 'posts:3'],
        ['posts', 'posts:*'],
      ])
    }),
  )

  withPostgres.test('say that any row may have changed where there are many, or their names are long', () =>
    withDatabase('PostgreSQL', [posts], async (db) => {
      const names = pgTable('names', { id: text('id').primaryKey() })
      await db.execute('create table names (id text primary key)')
      await db.execute(up)
      await db.execute(notifyTriggers(names).up)
      const [hundred, more, long] = await said(
        db,
        "insert into posts select one, 'a' from generate_series(1, 100) one",
        "insert into posts select one, 'a' from generate_series(101, 201) one",
        "insert into names select repeat('n', 1000) || one from generate_series(1, 9) one",
      )
      expect(hundred).toHaveLength(101)
      expect(more).toEqual(['posts', 'posts:*'])
      expect(long).toEqual(['names', 'names:*'])
    }),
  )

  withPostgres.test('stand for tables with any name, in any schema, by any key', () =>
    withDatabase('PostgreSQL', [], async (db) => {
      await db.execute(`create schema "o'dd"; create table "o'dd"."ta""ble's" (a integer, "b""c" text)`)
      const odd = pgSchema("o'dd").table(`ta"ble's`, { a: integer('a'), b: text('b"c') })
      const triggers = notifyTriggers(odd, { key: 'b' })
      await db.execute(triggers.up)
      const insert = `insert into "o'dd"."ta""ble's" values (1, 'é"x')`
      expect(await said(db, insert)).toEqual([[`ta"ble's`, `ta"ble's:é"x`]])
      await db.execute(triggers.down)
      expect(await said(db, insert)).toEqual([])
    }),
  )

  withPostgres.test('go without a trace, and may be made twice', () =>
    withDatabase('PostgreSQL', [posts], async (db) => {
      for (let i = 0; i < 2; i++) {
        await db.execute(up)
        await db.execute(down)
      }
      expect(await db.values("select count(*) from pg_proc where proname like 'kwik_tags%'")).toEqual([['0']])
      const long = (end: string) => notifyTriggers(pgTable('t'.repeat(62) + end, { id: integer('id').primaryKey() })).up
      const names = [long('a'), long('b')].map((one) => /function "([^"]+)"/.exec(one)![1]!)
      expect(names[0]).not.toBe(names[1])
      expect(names[0]!.length).toBeLessThanOrEqual(63)
    }),
  )

  test('need to know by what a row is named', () => {
    expect(() => notifyTriggers(pgTable('t', { a: integer('a') }))).toThrow('say { key }')
    expect(() => notifyTriggers(posts, { key: 'nope' })).toThrow('"nope"')
  })
})

describe('listening for tags', () => {
  withPostgres.test('ends what another program has written, after its commit, and everything after a break', () =>
    withDatabase('PostgreSQL', [posts], async (db, url) => {
      await db.execute(`insert into posts values (1, 'old'), (2, 'two'); ${up}`)
      const psql = openDatabase({ url })
      await inMemory(async ({ cache }) => {
        const stop = await listenForTags(db, cache)
        let loads = 0
        const title = (id: number) =>
          cache.getOrSet(
            `post ${id}`,
            async () => {
              loads++
              return (await db.values('select title from posts where id = $1', [id]))[0]![0]
            },
            {
              ttl: '1h',
              tags: [`posts:${id}`],
            },
          )
        expect([await title(1), await title(2)]).toEqual(['old', 'two'])
        await psql.tx(async () => {
          await psql.execute("update posts set title = 'new' where id = 1")
          await new Promise((go) => setTimeout(go, 50))
          expect(await title(1)).toBe('old')
        })
        await eventually(async () => (await title(1)) === 'new')
        await title(2)
        expect(loads).toBe(3)

        // Nobody hears of this write.
        const pids = await psql.values(
          "select pid from pg_stat_activity where query like 'listen%' and datname = current_database()",
        )
        await psql.tx(async () => {
          await psql.execute("update posts set title = 'unheard' where id = 2")
          await psql.values('select pg_terminate_backend($1)', [pids[0]![0]])
          await new Promise((go) => setTimeout(go, 20))
        })
        await eventually(async () => (await title(2)) === 'unheard')
        await stop()
      }, db)
      await psql.close()
    }),
  )

  withPostgres.test('ends everything where what is said is not understood, and logs what fails', () =>
    withDatabase('PostgreSQL', [], async (db) => {
      const heard: string[] = []
      const log = (): void => {}
      const ends = {
        invalidate: async (...tags: readonly string[]) => {
          heard.push(tags.join())
          if (tags[0] === 'bad') throw new Error('no')
        },
        clear: async () => void heard.push('everything'),
      }
      const logger = { debug: log, info: log, warning: log, error: () => void heard.push('logged') }
      const stop = await listenForTags(db, ends, { logger })
      for (const payload of ['["a","b"]', 'nonsense', '[1]', '["bad"]'])
        await db.execute('select pg_notify($1, $2)', [tagChannel, payload])
      await eventually(() => heard.length === 5)
      expect(heard).toEqual(['a,b', 'everything', 'everything', 'bad', 'logged'])
      await stop()
    }),
  )

  test('needs PostgreSQL', () =>
    withDatabase('SQLite in memory', [], async (db) => {
      const ends = { invalidate: async () => {}, clear: async () => {} }
      expect(await listenForTags(db, ends).catch((error) => String(error))).toContain('PostgreSQL')
    }))
})
