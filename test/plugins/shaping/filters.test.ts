import fc from 'fast-check'
import type { Database } from '#core/ports/database'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { createTables, openDatabase } from '../../../plugins/database/index.ts'
import { postgresDatabase, withDatabase, withPostgres } from '../../services.ts'
import { type Answer, appOf, ask, fill, noteList, notes } from './fixture.ts'
import { type Filter, fits, type Note, toQuery } from './oracle.ts'

const row = (id: number, more: Partial<Note>): Note => ({
  id,
  title: `note ${id}`,
  body: null,
  status: 'draft',
  score: null,
  views: 0n,
  price: null,
  weight: null,
  published: false,
  day: null,
  at: new Date('2026-01-01T00:00:00Z'),
  owner: null,
  tags: [],
  ...more,
})
const owner = '018f3c1e-7c1a-7b7b-9b1b-2b2b2b2b2b2b'
const rows: Note[] = [
  row(1, {
    status: 'draft',
    score: 5,
    title: '50% off',
    tags: ['a', 'b'],
    price: '12.50',
    views: 9_007_199_254_740_993n,
  }),
  row(2, { status: 'live', score: 18, title: 'a_b', tags: ['a'], price: '2.05', views: 9_007_199_254_740_992n, owner }),
  row(3, {
    status: 'live',
    title: 'back\\slash',
    body: 'école',
    published: true,
    weight: 0.1 + 0.2,
    day: '2026-03-29',
  }),
  row(4, {
    status: 'gone',
    title: '[1,2]',
    body: 'ÉCOLE de nuit',
    at: new Date('2026-01-15T10:00:00.500Z'),
    weight: -1.5,
  }),
  row(5, { score: -7, title: 'x*?y', at: new Date('2026-02-01T00:00:00Z'), tags: ['b', 'a', 'c'] }),
  row(6, { score: 0, title: 'plain', at: new Date('2026-03-29T00:30:00Z'), tags: ['with,comma', 'say "hi"'] }),
  row(7, { score: 2_147_483_647, title: 'null', at: new Date('2026-03-29T22:30:00Z'), published: true }),
]

/** What each query answers: the ids of the rows. */
const answers: Readonly<Record<string, readonly number[]>> = {
  'status=draft': [1, 5, 6, 7],
  'status[eq]=draft': [1, 5, 6, 7],
  'status[ne]=draft': [2, 3, 4],
  'score[ne]=18': [1, 3, 4, 5, 6, 7],
  'score[nin]=18,5': [3, 4, 5, 6, 7],
  'score[gte]=5&score[lt]=18': [1],
  'score=-7': [5],
  'score%5Bgte%5D=18': [2, 7],
  'score[null]=true': [3, 4],
  'score[null]=false': [1, 2, 5, 6, 7],
  'status[in]=draft,live': [1, 2, 3, 5, 6, 7],
  'status[in][]=draft&status[in][]=live': [1, 2, 3, 5, 6, 7],
  'status[in]=draft&status[in]=live': [1, 2, 3, 5, 6, 7],
  'views=9007199254740993': [1],
  'views[in]=9007199254740992': [2],
  'price=12.5': [1],
  'price=0012.500': [1],
  'price[lt]=2.06': [2],
  'price[in]=2.05,12.50': [1, 2],
  'weight=0.30000000000000004': [3],
  'weight=0.3': [],
  'weight[lt]=-1': [4],
  'published=true': [3, 7],
  'published[ne]=true': [1, 2, 4, 5, 6],
  'day=2026-03-29': [3],
  'day[gt]=2026-03-28': [3],
  [`owner=${owner.toUpperCase()}`]: [2],
  'at[gte]=2026-01-01&at[lt]=2026-02-01': [1, 2, 3, 4],
  'at=2026-01-15T10:00:00.500Z': [4],
  'at[gt]=2026-01-15T10:00:00.499999Z&at[lt]=2026-01-15T10:00:00.500001Z': [4],
  'at=2026-01-15T12:00:00.5%2B02:00': [4],
  'at=2026-01-15T12:00:00.5+02:00': [4],
  'at=2026-01-15t10:00:00.5z': [4],
  'at[on]=2026-03-29': [6, 7],
  'at[on]=2026-03-29&tz=Europe/Rome': [6],
  'at[on]=2026-03-30&tz=Europe/Rome': [7],
  'title[contains]=50%25': [1],
  'title[contains]=a_b': [2],
  'title[contains]=k%5Cs': [3],
  'title[contains]=x*?': [5],
  'title[contains]=%25%25%25': [],
  'title[starts]=NOTE': [],
  'title[starts]=BACK': [3],
  'title[ends]=LASH': [3],
  'title=[1,2]': [4],
  'title={"a":1}': [],
  'title=null': [7],
  'title=Plain': [],
  'title[in]="[1,2]",plain': [4, 6],
  'body[contains]=ÉCOLE': [3, 4],
  'body[starts]=%C3%A9co': [3, 4],
  'tags[has]=a': [1, 2, 5],
  'tags[has]=with,comma': [6],
  'tags[hasAll]=a,b': [1, 5],
  'tags[hasAny]=c,"with,comma"': [5, 6],
  'tags[hasAny]="say \\"hi\\""': [6],
  'tags[hasAny][]=with,comma': [6],
  'tags[empty]=true': [3, 4, 7],
  'tags[empty]=false': [1, 2, 5, 6],
  'id[in]=1,2,3&status=live&score[null]=true': [3],
  'utm_source=x&id=1': [1],
  'limit=1000&id[lte]=2': [1, 2],
  '': [1, 2, 3, 4, 5, 6, 7],
  '&&': [1, 2, 3, 4, 5, 6, 7],
}

/** What each wrong query is told: parameter and code of each mistake. */
const refusals: Readonly<Record<string, readonly string[]>> = {
  'titel=x': ['titel unknown-parameter'],
  'score[gtt]=1': ['score[gtt] unknown-operator'],
  'score[]=1': ['score[] unknown-operator'],
  'secret=s': ['secret unknown-parameter'],
  'secret[starts]=s': ['secret[starts] unknown-parameter'],
  '__proto__=1': ['__proto__ unknown-parameter'],
  'constructor[gte]=1': ['constructor[gte] unknown-parameter'],
  '[gte]=1': ['[gte] unknown-parameter'],
  'where=a': ['where unknown-parameter'],
  'expand=a': ['expand unknown-parameter'],
  'status=nope': ['status not-allowed'],
  'status=Draft': ['status not-allowed'],
  'score[gte]=abc': ['score[gte] not-an-integer'],
  'score[gte]=': ['score[gte] not-an-integer'],
  'score[gte]=0x10': ['score[gte] not-an-integer'],
  'score[gte]=Infinity': ['score[gte] not-an-integer'],
  'score[gte]=%2012': ['score[gte] not-an-integer'],
  'score[gte]=1.5': ['score[gte] not-an-integer'],
  'score[gte]=1e3': ['score[gte] not-an-integer'],
  'score=2147483648': ['score out-of-range'],
  'score=99999999999999999999999': ['score out-of-range'],
  'score=null': ['score not-an-integer'],
  'views=9223372036854775808': ['views out-of-range'],
  'views=1.0': ['views not-an-integer'],
  'price=1.005': ['price too-precise'],
  'price=100000000': ['price out-of-range'],
  'price=1e3': ['price not-a-number'],
  'weight=NaN': ['weight not-a-number'],
  'weight=1e999': ['weight out-of-range'],
  'weight=0x1': ['weight not-a-number'],
  'published=1': ['published not-a-boolean'],
  'published=TRUE': ['published not-a-boolean'],
  'day=2024-02-30': ['day not-a-date'],
  'day=2026-1-1': ['day not-a-date'],
  'day=2026-01-01T00:00:00Z': ['day not-a-date'],
  'at=12': ['at not-a-datetime'],
  'at=2026-02-30T00:00:00Z': ['at not-a-datetime'],
  'at=2026-01-01T25:00:00Z': ['at not-a-datetime'],
  'at=2026-01-01T00:00:00': ['at not-a-datetime'],
  'at=2026-01-01 00:00:00Z': ['at not-a-datetime'],
  'at=0001-01-01T00:00:00%2B14:00': ['at not-a-datetime'],
  'at[on]=2026-13-01': ['at[on] not-a-date'],
  'at[on]=9999-12-31': ['at[on] out-of-range'],
  'at[on]=2026-03-29&tz=Mars/Olympus': ['tz unknown-zone'],
  'owner=abc': ['owner not-a-uuid'],
  'id[in]=': ['id[in] empty'],
  'id[in]=1,,2': ['id[in] not-an-integer'],
  'title[in]="a': ['title[in] wrong-quotes'],
  'title[in]="a"b': ['title[in] wrong-quotes'],
  'title[contains]=ab': ['title[contains] too-short'],
  'title=a%00b': ['title not-text'],
  'status=draft&status=live': ['status repeated'],
  'score[null]=yes': ['score[null] not-a-boolean'],
  'id[null]=true': ['id[null] unknown-operator'],
  'limit=0': ['limit out-of-range'],
  'limit=-1': ['limit out-of-range'],
  'limit=NaN': ['limit out-of-range'],
  'limit=1&limit=2': ['limit repeated'],
  'count=estimated': ['count not-allowed'],
  'sort=nope': ['sort unknown-sort-key'],
  'sort=body': ['sort unknown-sort-key'],
  'sort=%2Bid': ['sort unknown-sort-key'],
  'sort=id,id': ['sort repeated'],
  'sort=id,title,score,at': ['sort too-many'],
  'sort=': ['sort unknown-sort-key'],
  'fields=id,secret': ['fields unknown-field'],
  'fields=': ['fields unknown-field'],
  'after=x': ['after invalid-cursor'],
  'after=k2.e30.AAAAAAAAAAAAAAAAAAAAAA': ['after cursor-expired'],
  'after=x&before=y': ['before exclusive'],
  'titel=x&score=a&sort=b&limit=0&status=z': [
    'titel unknown-parameter',
    'score not-an-integer',
    'status not-allowed',
    'sort unknown-sort-key',
    'limit out-of-range',
  ],
}

function suite(open: () => Promise<{ db: Database; close(): Promise<void> }>): void {
  let db: Database
  let close: () => Promise<void>
  let get: (query: string) => Promise<Answer>
  beforeAll(async () => {
    ;({ db, close } = await open())
    await createTables(db, [notes])
    await fill(db, rows)
    const app = appOf(db)
    get = (query) => ask(app, query)
  })
  afterAll(() => close())

  for (const [query, ids] of Object.entries(answers))
    test(`?${query} -> ${ids.join(' ') || 'nothing'}`, async () => {
      const { status, ids: found, errors } = await get(`?${query}`)
      expect({ status, errors, found }).toEqual({ status: 200, errors: undefined as never, found: [...ids] })
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
