import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import type { Database } from '#core/ports/database'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { createTables, openDatabase } from '../../../plugins/database/index.ts'
import { postgresDatabase, withDatabase, withPostgres } from '../../services.ts'
import { answers, refusals, rows, wireRows } from './cases.ts'
import { type Answer, appOf, ask, fill, noteList, notes } from './fixture.ts'

function suite(open: () => Promise<{ db: Database; close(): Promise<void> }>): void {
  let db: Database
  let close: () => Promise<void>
  let app: ReturnType<typeof appOf>
  let get: (query: string) => Promise<Answer>
  beforeAll(async () => {
    ;({ db, close } = await open())
    await createTables(db, [notes])
    await fill(db, rows)
    app = appOf(db)
    get = (query) => ask(app, query)
  })
  afterAll(() => close())

  for (const [query, ids] of Object.entries(answers))
    test(`?${query} -> ${ids.join(' ') || 'nothing'}`, async () => {
      const { status, ids: found, errors } = await get(`?${query}`)
      expect({ status, errors, found }).toEqual({ status: 200, errors: undefined as never, found: [...ids] })
    })

  test('every type leaves in its wire form', async () => {
    const { data } = await get('?id[in]=1,3&fields=id,views,price,weight,published,day,at,tags,owner,score')
    expect(data).toEqual(wireRows)
  })

  test('a day of the first century has its own bounds', async () => {
    await fill(db, [{ id: 9000, at: new Date('0050-06-01T23:30:00Z') }])
    for (const [query, ids] of [
      ['at[on]=0050-06-01', [9000]],
      ['at[on]=0050-06-02', []],
      ['at[on]=0050-06-02&tz=Europe/Rome', [9000]],
      ['at[on]=0001-01-03', []],
    ] as const) {
      const { status, ids: found } = await get(`?${query}`)
      expect([query, status, found]).toEqual([query, 200, [...ids]])
    }
    await db.drizzle.delete(notes.for(db)).where(eq(notes.for(db).id, 9000))
  })

  test('a float beyond 2^53 is found among several values too', async () => {
    await fill(db, [{ id: 9000, weight: 2_122_454_169_715_651_800 }])
    for (const query of [
      'weight=2122454169715651800',
      'weight[in]=1,2122454169715651800',
      'weight[in]=1e30,2.1224541697156518e18',
    ])
      expect([query, (await get(`?${query}`)).ids]).toEqual([query, [9000]])
    await db.drizzle.delete(notes.for(db)).where(eq(notes.for(db).id, 9000))
  })

  test('where() holds in queries of your own as filters do in pages', async () => {
    for (const [query, ids] of Object.entries(answers)) {
      const response = await app.handle(new Request(`http://localhost/ids?${query}`))
      expect({ query, ids: await response.json() }).toEqual({ query, ids: [...ids] })
    }
  })

  for (const [query, mistakes] of Object.entries(refusals))
    test(`?${query} is refused: ${mistakes.join(', ')}`, async () => {
      const { status, code, errors } = await get(`?${query}`)
      expect({ status, code }).toEqual({ status: 400, code: 'KWIK_QUERY_INVALID' })
      expect(errors.map((one) => `${one.parameter} ${one.code}`)).toEqual([...mistakes])
    })

  test('100 items are taken, 101 are refused', async () => {
    const items = (count: number): string => Array.from({ length: count }, (_, i) => i + 1).join(',')
    expect((await get(`?id[in]=${items(100)}`)).ids).toEqual([1, 2, 3, 4, 5, 6, 7])
    const refused = await get(`?id[in]=${items(101)}`)
    expect(refused.errors.map((one) => one.code)).toEqual(['too-many'])
  })

  test('no query at all is answered with 500', async () => {
    const word = fc.constantFrom(
      'id',
      'title',
      'score',
      'at',
      'tags',
      'sort',
      'fields',
      'limit',
      'after',
      'before',
      'count',
      'tz',
      '__proto__',
      '',
    )
    const name = fc.oneof(
      word,
      fc
        .tuple(word, fc.constantFrom('[gte]', '[in]', '[in][]', '[on]', '[contains]', '[null]', '[', '[]', '[['))
        .map((all) => all.join('')),
      fc.string(),
    )
    const value = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'k1.e30.AAAAAAAAAAAAAAAAAAAAAA',
        'end',
        '-',
        '"',
        '%',
        '%00',
        '1e999',
        '9999-12-31',
        '0001-01-01T00:00:00+23:59',
        '99999999999999999999',
      ),
      fc.integer().map(String),
    )
    const pair = fc
      .tuple(name, value, fc.boolean())
      .map(([a, b, encoded]) =>
        encoded ? `${encodeURIComponent(a.toWellFormed())}=${encodeURIComponent(b.toWellFormed())}` : `${a}=${b}`,
      )
    await fc.assert(
      fc.asyncProperty(fc.array(pair, { maxLength: 5 }), async (pairs) => {
        expect([200, 400]).toContain((await get(`?${pairs.join('&').replaceAll('#', '')}`)).status)
      }),
      { numRuns: 400, interruptAfterTimeLimit: 4000 },
    )
    expect(({} as Record<string, unknown>)['gte']).toBeUndefined()
  })
}

describe('filters on SQLite', () => {
  suite(async () => {
    const db = openDatabase({ url: 'sqlite::memory:' })
    return { db, close: () => db.close() }
  })
})
withPostgres.describe('filters on PostgreSQL', () => {
  suite(async () => {
    const { url, drop } = await postgresDatabase()
    const db = openDatabase({ url })
    return {
      db,
      close: async () => {
        await db.close()
        await drop()
      },
    }
  })
})

test('what is wrong is said with what would be right', async () => {
  await withDatabase('SQLite in memory', [notes], async (db) => {
    const app = appOf(db)
    const first = async (query: string) => (await ask(app, query)).errors[0]
    expect(await first('?titel=x')).toMatchObject({ suggestion: 'title' })
    expect(await first('?scor[gte]=1')).toMatchObject({ suggestion: 'score[gte]' })
    expect(await first('?score[gtt]=1')).toMatchObject({
      suggestion: 'score[gt]',
      allowed: ['eq', 'ne', 'in', 'nin', 'gt', 'gte', 'lt', 'lte', 'null'],
    })
    expect(await first('?status=drafd')).toMatchObject({ suggestion: 'draft', allowed: ['draft', 'live', 'gone'] })
    expect(await first('?score=null')).toMatchObject({ suggestion: 'score[null]=true' })
    expect(await first('?sort=-titel')).toMatchObject({
      suggestion: '-title',
      allowed: ['id', 'title', 'status', 'score', 'price', 'weight', 'at', 'day', 'views', 'published'],
    })
    expect((await first('?fields=idd'))?.allowed).not.toContain('secret')
  })
})

test('a query of nothing but mistakes is not read to its end', async () => {
  await withDatabase('SQLite in memory', [notes], async (db) => {
    const app = appOf(db)
    for (const part of ['a&', '[', 'sort=,&', 'a[=&', ',', '"', '%5B&'])
      for (const start of ['', 'fields=', 'sort=', 'id[in]=']) {
        const { status, errors } = await ask(app, `?${start}${part.repeat(7900 / part.length)}`)
        expect([400, 414]).toContain(status)
        expect(errors?.length ?? 0).toBeLessThanOrEqual(50)
      }
  })
})

test('what is too long or no UTF-8 never reaches a list', async () => {
  await withDatabase('SQLite in memory', [notes], async (db) => {
    const app = appOf(db)
    expect(await ask(app, `?utm_x=${'a'.repeat(8192)}`)).toMatchObject({ status: 414, code: 'KWIK_URL_TOO_LONG' })
    expect(await ask(app, '?title=%E0%A4%A')).toMatchObject({ status: 400, code: 'KWIK_URL_MALFORMED' })
  })
})

test('no more than 50 filters, and no more than 50 mistakes are told', async () => {
  await withDatabase('SQLite in memory', [notes], async (db) => {
    const app = appOf(db)
    const all = Object.keys(noteList.hook.query['properties'] as object).filter(
      (name) => !/^(sort|fields|limit|after|before|count)$/.test(name),
    )
    expect(all.length).toBeGreaterThan(50)
    const { errors } = await ask(app, `?${all.map((name) => `${name}=zz`).join('&')}`)
    expect(errors.length).toBe(50)
    expect(
      (
        await ask(
          app,
          `?${all
            .slice(0, 51)
            .map((name) => `${name}=1`)
            .join('&')}`,
        )
      ).errors.map((one) => one.code),
    ).toContain('too-many')
  })
})
