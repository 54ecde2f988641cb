import { sql } from 'drizzle-orm'
import { Elysia } from 'elysia'
import { core } from '#core/access'
import type { Database } from '#core/ports/database'
import { describe, expect } from '#test'
import { database, openDatabase } from '../../../plugins/database/index.ts'
import { type AnyShape, type PageInfo, shape, shaping } from '../../../plugins/shaping/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { fill, keys, notes, type Statement, watched } from './fixture.ts'

const declared = {
  filter: { score: true, title: ['contains'] },
  sort: { keys: ['score'] },
  fields: { default: ['id'] },
} as const

async function ask(db: Database, list: AnyShape, query: string, init: RequestInit = {}): Promise<Response> {
  const app = new Elysia()
    .use(core({ database: db, signals: false }))
    .use(database(db, { closeOnStop: false }))
    .use(shaping({ keys }))
    .get('/notes', ({ request }) => list.from({ request }).page(), { ...list.hook, public: true })
    .delete(
      '/notes',
      async ({ request }) => {
        const { changes } = await db.execute('update notes set score = score', [])
        const rows = await db.drizzle
          .select({ id: notes.for(db).id })
          .from(notes.for(db))
          .where(list.from({ request }).where())
        return { changes, ids: rows.map((row) => row.id).sort() }
      },
      { ...list.filterOnly, public: true },
    )
  return app.handle(new Request(`http://localhost/notes?${query}`, init))
}
const withNotes = (run: (db: Database) => Promise<void>) => async (db: Database) => {
  await fill(
    db,
    [1, 2, 3, 4, 5].map((id) => ({ id, score: id > 4 ? null : id })),
  )
  await run(db)
}

describe('how a list answers', () => {
  both(
    'without an envelope: the rows, the Link header, and the count in a header',
    [notes],
    withNotes(async (db) => {
      const list = shape(notes, { ...declared, envelope: false, count: ['exact', 'capped'] })
      const answer = await ask(db, list, 'limit=2&count=exact')
      expect(await answer.json()).toEqual([{ id: 1 }, { id: 2 }])
      expect(answer.headers.get('total-count')).toBe('5')
      expect(answer.headers.get('link')).toContain('rel="next"')
    }),
  )

  both(
    'with an entity tag: 304 to who has the page, and another tag when a row changed',
    [notes],
    withNotes(async (db) => {
      const list = shape(notes, { ...declared, fields: { default: ['id', 'score'] }, etag: true })
      const first = await ask(db, list, 'limit=2')
      const tag = first.headers.get('etag')!
      expect(tag).toMatch(/^W\/"[\w-]{22}"$/)
      const again = await ask(db, list, 'limit=2', { headers: { 'if-none-match': `"other", ${tag}` } })
      expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', tag])
      expect(again.headers.get('link')).toBe(first.headers.get('link'))
      await db.execute('update notes set score = 9 where id = 1')
      expect((await ask(db, list, 'limit=2', { headers: { 'if-none-match': tag } })).status).toBe(200)
      expect((await ask(db, list, 'limit=0', { headers: { 'if-none-match': '*' } })).status).toBe(400)
    }),
  )

  both(
    'HEAD has the headers of GET',
    [notes],
    withNotes(async (db) => {
      const list = shape(notes, { ...declared, etag: true })
      const [get, head] = [await ask(db, list, ''), await ask(db, list, '', { method: 'HEAD' })]
      expect(await head.text()).toBe('')
      for (const name of ['link', 'etag', 'content-type']) expect(head.headers.get(name)).toBe(get.headers.get(name))
    }),
  )

  both(
    'a limit above the maximum is the maximum, or refused where it is strict',
    [notes],
    withNotes(async (db) => {
      const page = { ...declared, limit: { default: 1, max: 3 } }
      expect((await (await ask(db, shape(notes, page), 'limit=99')).json()) as object).toMatchObject({
        page: { limit: 3 },
      })
      const strict = shape(notes, { ...page, limit: { ...page.limit, strict: true } })
      expect((await ask(db, strict, 'limit=4')).status).toBe(400)
      expect((await ask(db, strict, 'limit=3')).status).toBe(200)
      for (const limit of ['0', '-1', 'NaN', '1.5', '1e9', ''])
        expect((await ask(db, strict, `limit=${limit}`)).status).toBe(400)
    }),
  )

  both(
    'a route that only chooses rows takes filters and where, and nothing of a page',
    [notes],
    withNotes(async (db) => {
      const list = shape(notes, declared)
      const chosen = await ask(db, list, 'score[gte]=2&where=score%20lt%204', { method: 'DELETE' })
      expect(await chosen.json()).toMatchObject({ ids: [2, 3] })
      for (const query of ['sort=score', 'limit=1', 'fields=id', 'after=x'])
        expect((await ask(db, list, query, { method: 'DELETE' })).status).toBe(400)
    }),
  )
})

async function countOf(db: Database, list: AnyShape, query: string): Promise<NonNullable<PageInfo['count']>> {
  return ((await (await ask(db, list, query)).json()) as { page: Required<PageInfo> }).page.count
}

describe('counting', () => {
  both(
    'is not done unless it is asked for',
    [notes],
    withNotes(async (db) => {
      const statements: Statement[] = []
      await ask(watched(db, statements), shape(notes, { ...declared, count: ['exact'] }), '')
      expect(statements.filter(({ text }) => /count/.test(text))).toEqual([])
    }),
  )

  both(
    'may need a permission: without it the count is not there',
    [notes],
    withNotes(async (db) => {
      const list = shape(notes, { ...declared, count: { capped: true, exact: 'notes:count' } })
      const refused = (await (await ask(db, list, 'count=exact')).json()) as { errors: unknown[] }
      expect(refused.errors).toMatchObject([{ parameter: 'count', code: 'not-allowed', allowed: ['capped'] }])
      expect((await (await ask(db, list, 'count=capped')).json()) as object).toMatchObject({
        page: { count: { value: 5, exact: true } },
      })
    }),
  )

  both(
    'is of the rows that fit, in whatever mode',
    [notes],
    withNotes(async (db) => {
      const list = shape(notes, { ...declared, count: ['capped', 'exact'] })
      for (const mode of ['capped', 'exact'])
        expect([mode, await countOf(db, list, `score[gte]=2&limit=1&count=${mode}`)]).toEqual([
          mode,
          { value: 3, exact: true },
        ])
    }),
  )

  both('is capped at ten thousand rows, or guessed without reading them', [notes], async (db) => {
    await fill(db, [{ id: 0 }])
    await db.execute(`insert into notes (id, title, status, views, published, at, tags, secret)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000)
      select i, title, status, views, published, at, tags, secret from notes, n where notes.id = 0`)
    await db.execute('analyze')
    const list = shape(notes, { ...declared, filter: { id: true }, count: ['capped', 'exact', 'estimated'] })
    expect(await countOf(db, list, 'count=capped')).toEqual({ value: 10_000, exact: false })
    expect(await countOf(db, list, 'count=exact')).toEqual({ value: 10_001, exact: true })
    expect(await countOf(db, list, 'count=capped&id[gt]=0')).toEqual({ value: 10_000, exact: true })
    const statements: Statement[] = []
    const guess = await countOf(watched(db, statements), list, 'count=estimated&id[lt]=3000')
    // SQLite has no guess: it counts as far as it does for `capped`.
    if (db.dialect === 'sqlite') return expect(guess).toEqual({ value: 3000, exact: true })
    expect(guess.exact).toBe(false)
    expect(Math.abs(guess.value - 3000)).toBeLessThan(300)
    expect(statements.filter(({ text }) => text.includes('count('))).toEqual([])
  })
})

both(
  'a list is read to its end in batches, in its order, whatever the page',
  [notes],
  withNotes(async (db) => {
    const app = new Elysia()
      .use(core({ database: db, signals: false }))
      .use(shaping({ keys }))
      .get(
        '/all',
        async ({ request }) => {
          const ids: unknown[] = []
          for await (const row of shapeOfAll.from({ request }).stream()) ids.push(row.id)
          return ids
        },
        { ...shapeOfAll.hook, public: true },
      )
    await fill(
      db,
      Array.from({ length: 2100 }, (_, at) => ({ id: at + 10, score: at % 7 === 0 ? null : at })),
    )
    const answer = await app.handle(new Request('http://localhost/all?sort=-score&limit=2'))
    const ids = (await answer.json()) as number[]
    const truth = (await db.values('select id from notes order by score desc nulls last, id desc')).map(([id]) => id)
    expect(ids).toEqual(truth as number[])
  }),
)
const shapeOfAll = shape(notes, declared)

withPostgres.test('a list that takes too long is stopped: 503, and the connection is good again', () =>
  withDatabase('PostgreSQL', [notes], async (db, url) => {
    await fill(db, [{ id: 1, score: 1 }])
    const slow = shape(notes, {
      ...declared,
      budget: { ms: 50 },
      scope: ({ request }) => (request.url.includes('slow') ? sql`(select count(*) from pg_sleep(5)) = 1` : undefined),
      ignore: ['slow'],
    })
    const one = openDatabase({ url, poolSize: 1 })
    try {
      const answer = await ask(one, slow, 'slow=1')
      expect([answer.status, answer.headers.get('retry-after') !== null]).toEqual([503, true])
      expect(await answer.json()).toMatchObject({ code: 'KWIK_QUERY_TIMEOUT' })
      expect((await ask(one, slow, '')).status).toBe(200)
    } finally {
      await one.close()
    }
  }),
)
