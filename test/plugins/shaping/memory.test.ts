import { Type as T, type TSchema } from '@sinclair/typebox'
import { type AnyElysia, Elysia, t } from 'elysia'
import { core } from '#core/access'
import { describe, expect, test } from '#test'
import { many, one, shape, shaping } from '../../../plugins/shaping/index.ts'
import { answers, rows as notes, refusals, wireRows } from './cases.ts'
import { type Answer, filters, keys } from './fixture.ts'
import { linksIn } from './link-header.ts'

const nullable = <S extends TSchema>(schema: S) => T.Union([schema, T.Null()])
const Note = T.Object({
  id: T.Integer(),
  title: T.String(),
  body: nullable(T.String()),
  status: T.Union([T.Literal('draft'), T.Literal('live'), T.Literal('gone')]),
  score: T.Optional(nullable(T.Integer())),
  views: T.BigInt(),
  weight: nullable(T.Number()),
  published: T.Boolean(),
  day: nullable(T.String({ format: 'date' })),
  at: T.Date(),
  owner: nullable(T.String({ format: 'uuid' })),
  tags: T.Array(T.String()),
  secret: T.Optional(T.String()),
})
const noteList = shape.memory(Note, notes, {
  name: 'notes',
  filter: filters,
  sort: { keys: ['id', 'title', 'status', 'score', 'weight', 'at', 'day', 'views', 'published'] },
  fields: { default: ['id', 'title'], hidden: ['secret'] },
  count: ['capped', 'exact'],
  ignore: ['utm_*'],
})

interface Listed {
  readonly hook: object
  from(context: { readonly request: Request }): { page(): Promise<unknown> }
}
const appOf = (list: Listed): AnyElysia =>
  new Elysia()
    .use(core({ signals: false }))
    .use(shaping({ keys }))
    .get('/notes', ({ request }) => list.from({ request }).page(), { ...(list.hook as {}), public: true } as {})

async function ask(list: Listed, query: string, headers: HeadersInit = {}): Promise<Answer> {
  const response = await appOf(list).handle(new Request(`http://localhost/notes${query}`, { headers }))
  const body = (await response.json()) as Answer
  const link = response.headers.get('link') ?? ''
  return { ...body, status: response.status, ids: body.data?.map((row) => row['id']), link }
}

describe('a list in memory takes the queries of a table', () => {
  for (const [query, ids] of Object.entries(answers))
    if (!query.startsWith('price'))
      test(`?${query} -> ${ids.join(' ') || 'nothing'}`, async () => {
        const { status, ids: found, errors } = await ask(noteList, `?${query}`)
        expect({ status, errors, found }).toEqual({ status: 200, errors: undefined as never, found: [...ids] })
      })
  // A table's int has 32 bits; an integer of a schema is any that JSON holds.
  for (const [query, mistakes] of Object.entries(refusals))
    if (!query.startsWith('price') && query !== 'score=2147483648')
      test(`?${query} is refused: ${mistakes.join(', ')}`, async () => {
        const { status, errors } = await ask(noteList, `?${query}`)
        expect({ status, told: errors.map((one) => `${one.parameter} ${one.code}`) }).toEqual({
          status: 400,
          told: [...mistakes],
        })
      })
})

test('rows leave in their wire form, with what a schema may leave out as null', async () => {
  const { data } = await ask(noteList, '?id[in]=1,3&fields=id,views,weight,published,day,at,tags,owner,score')
  expect(data).toEqual(wireRows.map(({ price: _, ...row }) => row))
})

describe('pages', () => {
  const orders: Readonly<Record<string, readonly number[]>> = {
    '-score,id': [7, 2, 1, 6, 5, 3, 4],
    'score,-id': [5, 6, 1, 2, 7, 4, 3],
    title: [1, 4, 2, 3, 7, 6, 5],
    '-published,-at,views': [7, 3, 6, 5, 4, 2, 1],
    'day,-weight': [3, 4, 7, 6, 5, 2, 1],
  }
  for (const [sort, ids] of Object.entries(orders))
    test(`sort=${sort} is walked in both directions, by cursors and by links`, async () => {
      for (const limit of [1, 3, 7]) {
        const seen: unknown[] = []
        let at = await ask(noteList, `?sort=${sort}&limit=${limit}`)
        expect(at.page.prev).toBeUndefined()
        for (;;) {
          seen.push(...at.ids)
          const next = linksIn(at.link).find(({ parameters }) => parameters.get('rel') === 'next')?.target
          expect(next === undefined).toBe(at.page.next === undefined)
          if (next === undefined) break
          at = await ask(noteList, next.slice(next.indexOf('?')))
        }
        expect({ limit, seen }).toEqual({ limit, seen: [...ids] })
        const back: unknown[] = []
        for (let at = await ask(noteList, `?sort=${sort}&limit=${limit}&before=end`); ; ) {
          back.unshift(...at.ids)
          if (at.page.prev === undefined) break
          at = await ask(noteList, `?sort=${sort}&limit=${limit}&before=${at.page.prev}`)
        }
        expect({ limit, back }).toEqual({ limit, back: [...ids] })
      }
    })

  test('a cursor belongs to its sort and filters, and to rows in memory', async () => {
    const { page } = await ask(noteList, '?sort=-score&limit=2')
    const codes = async (query: string) => (await ask(noteList, query)).errors.map(({ code }) => code)
    expect(await codes(`?sort=score&after=${page.next}`)).toEqual(['cursor-mismatch'])
    expect(await codes(`?sort=-score&published=true&after=${page.next}`)).toEqual(['cursor-mismatch'])
    expect(await codes(`?sort=-score&after=${page.next}x`)).toEqual(['invalid-cursor'])
    expect((await ask(noteList, `?sort=-score&limit=3&fields=id&after=${page.next}`)).ids).toEqual([1, 6, 5])
  })

  test('a row whose keys are too long for a cursor is found by its key, and told when it is gone', async () => {
    const long = [1, 2, 3].map((id) => ({ id, title: `${'x'.repeat(3000)}${id}` }))
    let rows = long
    const list = shape.memory(T.Object({ id: T.Integer(), title: T.String() }), () => rows, {
      sort: { keys: ['title'] },
    })
    const { page } = await list.ask({ sort: 'title', limit: 1, fields: 'id' })
    expect((await list.ask({ sort: 'title', after: page.next! })).data.map(({ id }) => id)).toEqual([2, 3])
    rows = long.slice(1)
    await expect(list.ask({ sort: 'title', after: page.next! })).rejects.toMatchObject({
      problem: { errors: [{ code: 'cursor-expired' }] },
    })
  })

  test('counts are asked for', async () => {
    expect((await ask(noteList, '?score[gte]=5&limit=1&count=exact')).page.count).toEqual({ value: 3, exact: true })
    const all = Array.from({ length: 10_001 }, (_, id) => ({ id }))
    const list = shape.memory(T.Object({ id: T.Integer() }), all, { count: ['capped'] })
    expect((await list.ask({ count: 'capped', limit: 1 })).page.count).toEqual({ value: 10_000, exact: false })
  })
})

describe('which rows there are', () => {
  const Row = T.Object({ id: T.Integer(), tenant: T.String() })
  const rows = [
    { id: 1, tenant: 'home' },
    { id: 2, tenant: 'away' },
    { id: 3, tenant: 'home' },
  ]
  const tenantOf = ({ request }: { request: Request }): string => request.headers.get('x-tenant') ?? 'home'
  const scoped = {
    fields: shape.memory(Row, rows, { scope: (context) => ({ tenant: tenantOf(context) }) }),
    test: shape.memory(Row, rows, { scope: (context) => (row) => row.tenant === tenantOf(context) }),
  }
  for (const [kind, list] of Object.entries(scoped))
    test(`a scope by ${kind} chooses them`, async () => {
      expect((await ask(list, '')).ids).toEqual([1, 3])
      expect((await ask(list, '', { 'x-tenant': 'away' })).ids).toEqual([2])
    })

  test('`false` is none, and the handler may choose further', async () => {
    const closed = shape.memory(Row, rows, { scope: () => false })
    expect((await closed.ask()).data).toEqual([])
    const request = new Request('http://localhost/rows?limit=1')
    const list = scoped.fields.from({ request })
    expect((await list.page({ where: { id: 3 } })).data.map(({ id }) => id)).toEqual([3])
    expect((await list.all({ where: [(row) => row.id > 0, undefined] })).map(({ id }) => id)).toEqual([1, 3])
  })

  test('a scope of SQL, or of a field that is not there, is an error', async () => {
    const { sql } = await import('drizzle-orm')
    const wrong = shape.memory(Row, rows, { scope: () => sql`1 = 1` as never })
    await expect(wrong.ask()).rejects.toThrow('rows in memory know no SQL')
    await expect(shape.memory(Row, rows, { scope: () => ({ tennant: 'home' }) }).ask()).rejects.toThrow(
      'no field "tennant", did you mean "tenant"?',
    )
  })

  test('a function answers them once for each request', async () => {
    let asked = 0
    const later = shape.memory(
      Row,
      async () => {
        asked++
        return rows
      },
      { filter: { id: true } },
    )
    expect((await later.ask({ id: 2 })).data).toEqual([{ id: 2, tenant: 'away' }])
    expect(asked).toBe(1)
    const none = shape.memory(Row, (() => undefined) as never, {})
    await expect(none.ask()).rejects.toThrow('its rows are no array')
  })
})

describe('relations between rows in memory', () => {
  const Author = T.Object({ id: T.Integer(), name: T.String(), hidden: T.Boolean() })
  const Book = T.Object({
    id: T.Integer(),
    title: T.String(),
    pages: T.Integer(),
    authorId: T.Union([T.Integer(), T.Null()]),
    meta: T.Object({ lang: T.String() }),
  })
  const authorRows = [
    { id: 1, name: 'Ann', hidden: false },
    { id: 2, name: 'Bob', hidden: false },
    { id: 3, name: 'Cid', hidden: true },
  ]
  const bookRows = [
    { id: 1, title: 'Tea', pages: 10, authorId: 2, meta: { lang: 'en' } },
    { id: 2, title: 'Ice', pages: 20, authorId: 1, meta: { lang: 'fr' } },
    { id: 3, title: 'Rain', pages: 30, authorId: null, meta: { lang: 'en' } },
    { id: 4, title: 'Snow', pages: 40, authorId: 3, meta: { lang: 'en' } },
    { id: 5, title: 'Tea again', pages: 50, authorId: 2, meta: { lang: 'en' } },
  ]
  const authors = shape.memory(Author, authorRows, {
    name: 'authors',
    filter: { name: true },
    sort: { keys: ['name'] },
    fields: { hidden: ['hidden'] },
    scope: () => ({ hidden: false }),
  })
  const books = shape.memory(Book, bookRows, {
    name: 'books',
    filter: { pages: true, title: ['contains'] },
    sort: { keys: ['pages', 'author.name'] },
    search: { fields: ['title'] },
    fields: { default: ['id'] },
    relations: { author: one(authors, 'authorId') },
  })
  const withBooks = shape.memory(Author, authorRows, {
    name: 'authors',
    fields: { default: ['id'] },
    relations: { books: many(books, 'authorId', { limit: { default: 1 } }) },
  })

  test('filter, sort, search and expand as over tables', async () => {
    const ids = async (query: Parameters<typeof books.ask>[0]) => (await books.ask(query)).data.map(({ id }) => id)
    expect(await ids({ 'author.name': 'Bob' })).toEqual([1, 5])
    expect(await ids({ where: 'not author.name in Ann,Bob' })).toEqual([3, 4])
    expect(await ids({ sort: ['-author.name', '-pages'] })).toEqual([5, 1, 2, 4, 3])
    expect(await ids({ q: 'again tea' })).toEqual([5])
    const { data } = await books.ask({ expand: 'author', sort: '-pages', limit: 2 })
    expect(data).toEqual([
      { id: 5, author: { id: 2, name: 'Bob' } },
      { id: 4, author: null },
    ])
    const of = async (query: Parameters<typeof withBooks.ask>[0]) => (await withBooks.ask(query)).data
    expect(await of({ 'books.any.pages[gt]': 15 })).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
    expect(await of({ 'books.none.title[contains]': 'TEA' })).toEqual([{ id: 1 }, { id: 3 }])
    expect(await of({ expand: 'books', 'expand.books.sort': '-pages', where: 'books.any(pages gt 40)' })).toEqual([
      { id: 2, books: { data: [{ id: 5 }], hasMore: true } },
    ])
  })
})

test('a declaration that cannot be right is refused, naming what would be', () => {
  const Row = T.Object({ id: T.Integer(), name: T.String(), odd: T.Any() })
  const wrong: readonly (readonly [() => unknown, string])[] = [
    [() => shape.memory(Row, [], {}), 'shape.memory(rows): "odd" has a schema that no field can have'],
    [
      () => shape.memory(T.Object({ code: T.String() }), [], { name: 'countries', key: 'cod' as never }),
      'shape.memory(countries): no field "cod" to tell rows apart, did you mean "code"?',
    ],
    [
      () => shape.memory(T.Object({ id: T.Integer() }), [], { filter: { id: ['contains'] as never } }),
      'shape(rows): filter: "id" has no operator "contains"',
    ],
    [
      () =>
        shape.memory(T.Object({ id: T.Integer(), t: T.String() }), [], {
          search: { fields: ['t'], index: 'fts' as never },
        }),
      'search: rows in memory have no index',
    ],
  ]
  for (const [make, message] of wrong) expect(make).toThrow(message)
})

test("Elysia's own types are the values they stand for", async () => {
  const Row = t.Object({
    id: t.Integer(),
    size: t.Nullable(t.Numeric()),
    at: t.Date(),
    on: t.BooleanString(),
    kind: t.UnionEnum(['a', 'b']),
    several: t.Array(t.Integer()),
  })
  const rows = [
    { id: 1, size: 9, at: new Date('2026-01-01'), on: true, kind: 'a' as const, several: [1, 10] },
    { id: 2, size: 10, at: new Date('2026-01-02'), on: false, kind: 'b' as const, several: [] },
  ]
  const list = shape.memory(Row, rows, {
    filter: { id: true, size: true, at: true, on: true, kind: true, several: true },
    sort: { keys: ['size'] },
  })
  const ids = async (query: Parameters<typeof list.ask>[0]) => (await list.ask(query)).data.map(({ id }) => id)
  expect(await ids({ 'size[gt]': 9, sort: '-size' })).toEqual([2])
  expect(await ids({ sort: '-size' })).toEqual([2, 1])
  expect(await ids({ 'at[on]': '2026-01-02' })).toEqual([2])
  expect(await ids({ on: true, kind: 'a', 'several[has]': 10 })).toEqual([1])
})

test('its parameters are in the API document as those of a table', () => {
  const { properties } = noteList.hook.query as unknown as { properties: Record<string, unknown> }
  expect(properties['at[on]']).toMatchObject({ type: 'string', format: 'date' })
  expect(properties['status']).toMatchObject({ enum: ['draft', 'live', 'gone'] })
  expect(properties['views[gte]']).toMatchObject({ pattern: '^-?\\d+$' })
  expect(Object.keys(properties)).toContain('sort')
})
