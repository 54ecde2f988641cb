import { eq } from 'drizzle-orm'
import { endTags, keepCopies, Scope } from 'kwik/core'
import { type Database, defineTable, isolate } from 'kwik/database'
import { inScope } from '#core/context'
import { describe, expect, test } from '#test'
import { Cache } from '../../../../plugins/cache/values/index.ts'
import { withDatabase, withPostgres, withRedis } from '../../../services.ts'
import { type Bench, inMemory, inRedis } from '../values/caches.ts'

const posts = defineTable('posts', (t) => ({
  id: t.int().primaryKey(),
  title: t.string(),
  views: t.bigint(),
  at: t.datetime(),
  extra: t.json<{ tags: string[] }>().nullable(),
}))
const at = new Date('2026-03-01T12:00:00.000Z')
const fill = async (db: Database): Promise<void> => {
  await db.drizzle.insert(posts.for(db)).values([
    { id: 1, title: 'One', views: 9_007_199_254_740_993n, at, extra: { tags: ['a'] } },
    { id: 2, title: 'Two', views: 2n, at, extra: null },
  ])
}
/** Counts the statements that reach the database. */
const counted = (db: Database): { reads: number } => {
  const counts = { reads: 0 }
  db.observe!(({ text }) => {
    if (/^select/.test(text)) counts.reads++
  })
  return counts
}
const rename = (db: Database, title: string, id = 1): Promise<unknown> =>
  db.drizzle
    .update(posts.for(db))
    .set({ title })
    .where(eq(posts.for(db).id, id))

type Run = (bench: Bench & { db: Database; one: (id?: number) => Promise<string | undefined> }) => Promise<void>

/** Each database, each store. */
function everywhere(name: string, run: Run): void {
  const inDatabase = (kind: 'SQLite file' | 'PostgreSQL', store: typeof inMemory) => () =>
    withDatabase(kind, [posts], async (db) => {
      await fill(db)
      await store(async (bench) => {
        const { cache } = bench
        const stop = keepCopies(db, { hold: () => Promise.resolve(), end: (tags) => cache.invalidate(...tags) })
        const query = (id: number) =>
          db.drizzle
            .select()
            .from(posts.for(db))
            .where(eq(posts.for(db).id, id))
        const one = async (id = 1) => (await cache.query(query(id), { ttl: '5m', tags: [`posts:${id}`] }))[0]?.title
        await run({ ...bench, db, one })
        stop()
      }, db)
    })
  test(`${name} (SQLite, memory)`, inDatabase('SQLite file', inMemory))
  withRedis.test(`${name} (SQLite, Redis)`, inDatabase('SQLite file', inRedis))
  withPostgres.test(`${name} (PostgreSQL, memory)`, inDatabase('PostgreSQL', inMemory))
  if (withPostgres.available) withRedis.test(`${name} (PostgreSQL, Redis)`, inDatabase('PostgreSQL', inRedis))
}

describe('rows of a query', () => {
  everywhere('are the same, types and all, from the database and from the cache', async ({ db, cache, other }) => {
    const counts = counted(db)
    const query = () => db.drizzle.select().from(posts.for(db)).orderBy(posts.for(db).id)
    const rules = { ttl: '5m', tags: ['posts'] } as const
    const first = await cache.query(query(), rules)
    expect(first[0]).toEqual({ id: 1, title: 'One', views: 9_007_199_254_740_993n, at, extra: { tags: ['a'] } })
    first[0]!.title = 'changed by who got it'
    for (const one of [cache, other]) expect((await one.query(query(), rules))[0]?.title).toBe('One')
    const hit = await cache.query(query(), rules)
    expect(hit[0]!.at).toBeInstanceOf(Date)
    expect(hit).toEqual(await query())
    // Once for the cache, once by itself.
    expect(counts.reads).toBe(2)
  })

  everywhere('may be asked for in SQL', async ({ db, cache }) => {
    const counts = counted(db)
    const mark = db.dialect === 'sqlite' ? '?' : '$1'
    const ask = (id: number) =>
      cache.query(
        { text: `select title from posts where id = ${mark}`, parameters: [id] },
        { ttl: '5m', tags: ['posts'] },
      )
    expect([await ask(1), await ask(2), await ask(1)]).toEqual([[['One']], [['Two']], [['One']]])
    expect(counts.reads).toBe(2)
  })

  everywhere('end by their tags', async ({ db, one }) => {
    expect([await one(1), await one(2)]).toEqual(['One', 'Two'])
    await rename(db, 'New')
    await rename(db, 'New too', 2)
    expect([await one(1), await one(2)]).toEqual(['One', 'Two'])
    await endTags(db, ['posts:1'])
    expect([await one(1), await one(2)]).toEqual(['New', 'Two'])
  })

  everywhere('in a transaction are its own, and others have the old ones until the commit', async ({ db, one }) => {
    await one()
    const written = Promise.withResolvers<void>()
    const seen = Promise.withResolvers<void>()
    const writer = db.tx(async () => {
      await rename(db, 'New')
      await endTags(db, ['posts:1'])
      expect(await one()).toBe('New')
      written.resolve()
      await seen.promise
      return one()
    })
    await written.promise
    expect(await one()).toBe('One')
    seen.resolve()
    expect(await writer).toBe('New')
    expect(await one()).toBe('New')
  })

  everywhere('end with nothing that is rolled back, and nothing of it is kept', async ({ db, one }) => {
    const counts = counted(db)
    await one()
    await db
      .tx(async () => {
        await rename(db, 'Never')
        await endTags(db, ['posts:1'])
        expect(await one()).toBe('Never')
        throw new Error('no')
      })
      .catch(() => {})
    expect(counts.reads).toBe(2)
    expect(await one()).toBe('One')
    expect(counts.reads).toBe(2)
  })

  everywhere('of a state of the database from before a commit are not kept after it', async ({ db, cache, one }) => {
    const began = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    // A SQLite file has one transaction at a time: there the load waits behind its read.
    const inOneState = <T>(run: () => Promise<T>) => (db.dialect === 'sqlite' ? run() : db.snapshot(run))
    const reader = cache.getOrSet(
      'posts:1',
      async () =>
        inOneState(async () => {
          const [[title] = []] = await db.values('select title from posts where id = 1')
          began.resolve()
          await go.promise
          return title
        }),
      { ttl: '5m', tags: ['posts:1'] },
    )
    await began.promise
    await db.tx(async () => {
      await rename(db, 'New')
      await endTags(db, ['posts:1'])
    })
    go.resolve()
    expect(await reader).toBe('One')
    expect(await cache.get('posts:1', { tags: ['posts:1'] })).toBeUndefined()
    expect(await one()).toBe('New')
  })

  everywhere('are kept apart by tenant, and by what the app says of them', async ({ db, cache }) => {
    const counts = counted(db)
    const query = () => db.drizzle.select().from(posts.for(db))
    const ask = (tenant: string | undefined, scope?: string | false) => {
      const request = new Scope(new Request('http://localhost/'))
      request.tenant = tenant
      const rules = { ttl: '5m', tags: ['posts'], ...(scope !== undefined && { scope }) } as const
      return inScope(request, () => cache.query(query(), rules))
    }
    for (let round = 0; round < 2; round++) {
      await ask(undefined)
      await ask('a')
      await ask('b')
      await ask('a', 'x')
      await ask('b', 'x')
    }
    expect(counts.reads).toBe(5)
    await ask('a', false)
    await ask('b', false)
    expect(counts.reads).toBe(6)
  })

  everywhere(
    'of one load go to all who ask meanwhile; who asks after its end does not join it',
    async ({ db, one }) => {
      const counts = counted(db)
      expect(await Promise.all([one(), one(), one()])).toEqual(['One', 'One', 'One'])
      expect(counts.reads).toBe(1)
    },
  )
})

test('rows of a clone are kept apart', () =>
  withDatabase('SQLite in memory', [posts], async (db) => {
    await fill(db)
    await inMemory(async ({ cache }) => {
      const title = async () =>
        (await cache.query(db.drizzle.select().from(posts.for(db)), { ttl: '5m', tags: ['posts'] }))[0]?.title
      expect(await title()).toBe('One')
      await isolate(db, async () => {
        await rename(db, 'In the clone')
        expect(await title()).toBe('In the clone')
        await rename(db, 'Again')
        await cache.invalidate('posts')
        expect(await title()).toBe('Again')
      })
      expect(await title()).toBe('One')
    }, db)
  }))

withPostgres.test('a policy or a search_path is said in a transaction, where nothing is kept', () =>
  withDatabase('PostgreSQL', [], async (db) => {
    await db.execute(`
      create schema a; create table a.notes (text text); insert into a.notes values ('of a');
      create schema b; create table b.notes (text text); insert into b.notes values ('of b')`)
    await inMemory(async ({ cache }) => {
      const ask = (schema: string) =>
        db.tx(async () => {
          await db.execute(`set local search_path to ${schema}`)
          return cache.query({ text: 'select text from notes' }, { ttl: '5m', tags: ['notes'] })
        })
      expect([await ask('a'), await ask('b'), await ask('a')]).toEqual([[['of a']], [['of b']], [['of a']]])
    }, db)
  }),
)

describe('what is refused', () => {
  test('a statement that may write, a placeholder without a value, and a cache that knows no database', () =>
    withDatabase('SQLite in memory', [posts], async (db) => {
      const rules = { ttl: '5m', tags: [] } as const
      await inMemory(async ({ cache }) => {
        const failure = (work: Promise<unknown>) =>
          work.then(
            () => 'done',
            (error) => String(error),
          )
        for (const text of [
          'delete from posts returning id',
          'with gone as (delete from posts returning id) select * from gone',
          'select * from posts for update',
          'select 1 into other',
        ])
          expect(await failure(cache.query({ text }, rules))).toContain('may write')
        expect(await failure(cache.query({ text: 'select \'for update\' as "update"' }, rules))).toBe('done')
        const insert = db.drizzle.insert(posts.for(db)).values({ id: 3, title: 'x', views: 1n, at }).returning()
        expect(await failure(cache.query(insert, rules))).toContain('may write')
        expect(await failure(cache.query({ text: 'select ?', parameters: [{}] }, rules))).toContain('parameter 1')
      }, db)
      await inMemory(async ({ cache }) => {
        expect(cache).toBeInstanceOf(Cache)
        await cache.query({ text: 'select 1' }, rules).then(
          () => expect('done').toBe('refused'),
          (error) => expect(String(error)).toContain('kwik({ database })'),
        )
      })
    }))
})
