import { expect, test } from '#test'
import {
  defineTable,
  generateMigration,
  isolate,
  migrate,
  openDatabase,
  templateOf,
} from '../../../plugins/database/index.ts'
import { both, inFolder, withDatabase, withPostgres } from '../../services.ts'

const people = defineTable('people', (t) => ({
  id: t.id(),
  email: t.email().unique(),
  bossId: t.ref('people').nullable(),
}))
const count = async (db: { values(text: string): Promise<readonly (readonly unknown[])[]> }): Promise<number> =>
  Number((await db.values('select count(*) from people'))[0]![0])

both('what an isolated run does is gone afterwards, and starts from what was there', [people], async (db) => {
  await db.drizzle.insert(people.for(db)).values({ email: 'before@example.com' })
  const inside = await isolate(db, async () => {
    await db.drizzle.insert(people.for(db)).values({ email: 'inside@example.com' })
    return count(db)
  })
  expect(inside).toBe(2)
  expect(await count(db)).toBe(1)
})

both('fifty isolated runs at once write the same unique value', [people], async (db) => {
  const template = await templateOf(db)
  const runs = Array.from({ length: 50 }, () =>
    isolate(
      db,
      async () => {
        await db.drizzle.insert(people.for(db)).values({ email: 'a@example.com' })
        return count(db)
      },
      template,
    ),
  )
  // PostgreSQL: the second writer of a unique value waits until the first transaction is gone.
  expect(await Promise.all(runs)).toEqual(Array.from({ length: 50 }, () => 1))
  expect(await count(db)).toBe(0)
})

both('transactions, hooks and refusals work inside', [people], async (db) => {
  await isolate(db, async () => {
    const table = people.for(db)
    const heard: string[] = []
    await db.tx(async () => {
      db.afterCommit(() => void heard.push('committed'))
      await db.drizzle.insert(table).values({ email: 'a@example.com' })
    })
    const refused = await db.drizzle
      .insert(table)
      .values({ email: 'a@example.com' })
      .catch(() => 'refused')
    const rolledBack = await db
      .tx(async () => {
        await db.drizzle.insert(table).values({ email: 'b@example.com' })
        throw new Error('no')
      })
      .catch(() => 'rolled back')
    await db.drizzle.insert(table).values({ email: 'c@example.com' })
    const swallowed = await db
      .tx(async () => {
        await db.drizzle
          .insert(table)
          .values({ email: 'a@example.com' })
          .catch(() => {})
      })
      .then(
        () => 'committed',
        () => 'rolled back',
      )
    expect(swallowed).toBe(db.dialect === 'sqlite' ? 'committed' : 'rolled back')
    expect([heard, refused, rolledBack]).toEqual([['committed'], 'refused', 'rolled back'])
    expect(await count(db)).toBe(2)
    expect(db.inTransaction).toBe(false)
  })
})

both('foreign keys hold inside', [people], async (db) => {
  await isolate(db, async () => {
    const nobody = '018f3a2e-0000-7000-8000-000000000000'
    const refused = await db.drizzle
      .insert(people.for(db))
      .values({ email: 'a@example.com', bossId: nobody })
      .catch(() => 'refused')
    expect(refused).toBe('refused')
  })
})

test('a template is prepared beside the database', () =>
  inFolder(async (folder) => {
    await generateMigration({ tables: [people], folder, dialects: ['sqlite'] })
    const db = openDatabase({ url: `sqlite:${folder}/app.sqlite` })
    const template = await templateOf(db, () => migrate(db, { folder }))
    expect(await isolate(db, () => count(db), template)).toBe(0)
    expect(await db.values("select count(*) from sqlite_master where name = 'people'")).toEqual([[0]])
    await db.close()
  }))

both('a template is prepared once, and every run starts from it', [people], async (db) => {
  let prepared = 0
  const template = await templateOf(db, async () => {
    prepared++
    await db.drizzle.insert(people.for(db)).values({ email: 'prepared@example.com' })
  })
  for (const _ of ['first', 'second']) expect(await isolate(db, () => count(db), template)).toBe(1)
  expect(prepared).toBe(1)
})

withPostgres.test('an isolated run whose connection is cut fails, and the database goes on', () =>
  withDatabase('PostgreSQL', [people], async (db) => {
    const cut = isolate(db, async () => {
      await db.values('select pg_terminate_backend(pg_backend_pid())').catch(() => {})
      return count(db)
    })
    await expect(cut).rejects.toThrow()
    expect(await count(db)).toBe(0)
  }),
)
