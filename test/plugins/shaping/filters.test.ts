import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import type { Database } from '#core/ports/database'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { createTables, openDatabase } from '../../../plugins/database/index.ts'
import { postgresDatabase, withDatabase, withPostgres } from '../../services.ts'
import { answers, refusals, rows } from './cases.ts'
import { type Answer, appOf, ask, fill, noteList, notes } from './fixture.ts'
import { type Filter, fits, toQuery } from './oracle.ts'

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
    expect(data).toEqual([
      {
        id: 1,
        score: 5,
        views: '9007199254740993',
        price: '12.50',
        weight: null,
        published: false,
        day: null,
        at: '2026-01-01T00:00:00.000Z',
        owner: null,
        tags: ['a', 'b'],
      },
      {
        id: 3,
        score: null,
        views: '0',
        price: null,
        weight: 0.30000000000000004,
        published: true,
        day: '2026-03-29',
        at: '2026-01-01T00:00:00.000Z',
        owner: null,
        tags: [],
      },
    ])
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

  test('any filters answer what the same filters answer in memory', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(someFilter, { maxLength: 4, selector: (one) => one.field + one.operator }),
        async (filters) => {
          const { status, ids } = await get(noteList.toUrl('', toQuery(filters) as never))
          expect({ status, ids }).toEqual({
            status: 200,
            ids: rows.filter((one) => filters.every((filter) => fits(one, filter))).map((one) => one.id),
          })
        },
      ),
      { numRuns: 150, interruptAfterTimeLimit: 4000 },
    )
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

const few = { minLength: 1, maxLength: 3 }
const text = (): fc.Arbitrary<string> =>
  fc.constantFrom('50% off', 'a_b', 'x*?y', '[1,2]', 'plain', 'back\\slash', 'no such')
const piece = fc.constantFrom('0% ', 'a_b', 'x*?', '[1,', 'LAIN', 'K\\S', '%%%', 'off')
const item = fc.constantFrom('a', 'b', 'c', 'with,comma', 'say "hi"', 'none')
const several = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, few)
const score = fc.constantFrom(-7, 0, 5, 18, 2_147_483_647)
const price = fc.constantFrom('12.50', '2.05', '0.00')
const at = fc.constantFrom(
  new Date('2026-01-01T00:00:00Z'),
  new Date('2026-01-15T10:00:00.500Z'),
  new Date('2026-02-01T00:00:00Z'),
)
const make = (
  field: Filter['field'],
  operators: readonly string[],
  value: fc.Arbitrary<unknown>,
): fc.Arbitrary<Filter> => fc.record({ field: fc.constant(field), operator: fc.constantFrom(...operators), value })
const ordered = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte']
const someFilter: fc.Arbitrary<Filter> = fc.oneof(
  make('score', ordered, score),
  make('score', ['in', 'nin'], several(score)),
  make('score', ['null'], fc.boolean()),
  make('price', ordered, price),
  make('price', ['in', 'nin'], several(price)),
  make('at', ordered, at),
  make('at', ['in', 'nin'], several(at)),
  make('title', ['eq', 'ne'], text()),
  make('title', ['in', 'nin'], several(text())),
  make('title', ['contains', 'starts', 'ends'], piece),
  make('body', ['contains', 'starts', 'ends'], fc.constantFrom('éco', 'ÉCOLE', 'NUIT')),
  make('body', ['null'], fc.boolean()),
  make('published', ['eq', 'ne'], fc.boolean()),
  make('tags', ['has'], item),
  make('tags', ['hasAny', 'hasAll'], several(item)),
  make('tags', ['empty'], fc.boolean()),
)

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
    expect(await first('?sort=-titel')).toMatchObject({ suggestion: '-title' })
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
