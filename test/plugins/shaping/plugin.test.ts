import { treaty } from '@elysiajs/eden'
import { Validator } from '@seriousme/openapi-schema-validator'
import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import { boot } from '#core/boot'
import type { Database } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { expect, test } from '#test'
import { openapi } from '../../../plugins/openapi/index.ts'
import { shape, shaping } from '../../../plugins/shaping/index.ts'
import { withDatabase } from '../../services.ts'
import { appOf, ask, fill, keys, noteList, notes } from './fixture.ts'

const withNotes = (run: (db: Database) => Promise<void>): Promise<void> =>
  withDatabase('SQLite in memory', [notes], async (db) => {
    await fill(
      db,
      [1, 2, 3].map((id) => ({ id, score: id, tags: [`t,${id}`] })),
    )
    await run(db)
  })
const faultOf = (app: AnyElysia): string => {
  try {
    boot(app)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

test('a wrong query is refused before the handler', () =>
  withNotes(async (db) => {
    let called = 0
    const app = new Elysia()
      .use(core({ database: db, signals: false }))
      .use(shaping({ keys }))
      .get('/notes', () => ++called, { ...noteList.hook, public: true })
    expect((await app.handle(new Request('http://localhost/notes?titel=1'))).status).toBe(400)
    expect(called).toBe(0)
    expect(await (await app.handle(new Request('http://localhost/notes?title=1'))).text()).toBe('1')
  }))

test('the problem is application/problem+json', () =>
  withNotes(async (db) => {
    const response = await appOf(db).handle(new Request('http://localhost/notes?limit=0'))
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toEqual({
      type: '/problems/query-invalid',
      title: 'The query string is not right',
      status: 400,
      code: 'KWIK_QUERY_INVALID',
      detail: 'Look at limit.',
      errors: [{ parameter: 'limit', code: 'out-of-range', detail: 'must be a whole number from 1 to 100' }],
    })
  }))

test('boot refuses what is no shape, a list that is not read with GET, and short keys', () =>
  withNotes(async (db) => {
    const base = (): AnyElysia => new Elysia().use(core({ database: db, signals: false }))
    const own = { public: true } as never
    expect(
      faultOf(
        base()
          .use(shaping())
          .get('/', () => 1, { ...(own as object), shape: {} } as never),
      ),
    ).toContain('takes what shape() made')
    expect(
      faultOf(
        base()
          .use(shaping())
          .post('/', () => 1, { ...noteList.hook, public: true } as never),
      ),
    ).toContain('read with GET, not POST')
    expect(
      faultOf(
        base()
          .use(shaping({ keys: ['short'] }))
          .get('/', () => 1, own),
      ),
    ).toContain('shorter than 32')
    expect(
      faultOf(
        base()
          .use(shaping({ keys: [] }))
          .get('/', () => 1, own),
      ),
    ).toContain('at least one')
    expect(faultOf(base().get('/', () => 1, { ...noteList.hook, public: true } as never))).toContain(
      'no plugin knows the option "shape"',
    )
  }))

test('without keys cursors are good in their own app only', () =>
  withNotes(async (db) => {
    const one = appOf(db, noteList, 'random')
    const { page } = await ask(one, '?limit=1')
    expect((await ask(one, `?limit=1&after=${page.next}`)).ids).toEqual([2])
    expect((await ask(appOf(db, noteList, 'random'), `?after=${page.next}`)).status).toBe(400)
  }))

test('from() parses by itself where there is no hook, and says when the plugin is missing', () =>
  withNotes(async (db) => {
    const app = new Elysia()
      .use(core({ database: db, signals: false }))
      .use(shaping({ keys }))
      .get('/notes', ({ request }) => noteList.from({ request }).page(db), { public: true })
    expect((await ask(app as never, '?score=2')).ids).toEqual([2])
    expect((await ask(app as never, '?scor=2')).errors[0]!.suggestion).toBe('score')
    const without = new Elysia().use(core({ database: db, signals: false })).get(
      '/notes',
      ({ request }) => {
        try {
          return noteList.from({ request })
        } catch (error) {
          return { detail: (error as Error).message }
        }
      },
      { public: true },
    )
    expect(await ask(without as never, '')).toMatchObject({
      detail: expect.stringContaining('a shape needs the plugin'),
    })
  }))

test('a request that no app has seen is a list too: for jobs and seeds', () =>
  withNotes(async (db) => {
    const asked = (query: object) =>
      noteList.from({ request: new Request(`http://localhost${noteList.toUrl('/notes', query)}`) })
    const first = await asked({ limit: 2 }).page(db)
    expect((await asked({ limit: 2, after: first.page.next }).page(db)).data.map((row) => row.id)).toEqual([3])
    expect(() => asked({ scor: 1 })).toThrow(expect.objectContaining({ code: 'KWIK_QUERY_INVALID' }))
  }))

test('a shape shows its table and its declaration', () => {
  expect(noteList.table).toBe(notes)
  expect(noteList.declaration.fields?.hidden).toEqual(['secret'])
})

test('two lists in one handler, one request', () =>
  withNotes(async (db) => {
    const other = shape(notes, { filter: { score: ['gte'] }, fields: { default: ['id'] } })
    const app = new Elysia()
      .use(core({ database: db, signals: false }))
      .use(shaping({ keys }))
      .get(
        '/notes',
        async ({ request }) => [
          (await noteList.from({ request }).page()).data,
          (await other.from({ request }).page()).data,
        ],
        { ...noteList.hook, public: true },
      )
    const response = await app.handle(new Request('http://localhost/notes?score[gte]=3'))
    expect(await response.json()).toEqual([[{ id: 3, title: 'note 3' }], [{ id: 3 }]])
  }))

test('a typed client reaches every operator with flat keys, on a real socket', () =>
  withNotes(async (db) => {
    const app = new Elysia()
      .use(core({ database: db, signals: false }))
      .use(shaping({ keys }))
      .get('/notes', ({ request }) => noteList.from({ request }).page(), { ...noteList.hook, public: true })
      .listen({ port: 0, hostname: '127.0.0.1' })
    try {
      const api = treaty<typeof app>(`http://127.0.0.1:${app.server!.port}`)
      const ids = async (query: NonNullable<Parameters<typeof api.notes.get>[0]>['query']) =>
        (await api.notes.get({ query })).data?.data.map((row) => row.id)
      expect(await ids({ 'score[gte]': 2, sort: ['-score', 'id'] })).toEqual([3, 2])
      expect(await ids({ 'id[in]': [1, 3] })).toEqual([1, 3])
      expect(await ids({ 'tags[has]': 't,2' })).toEqual([2])
      expect(await ids({ 'at[lte]': new Date('2026-01-01T00:00:00Z'), 'score[null]': false, limit: 1 })).toEqual([1])
      expect(
        (await api.notes.get({ query: { fields: ['id', 'score'], 'title[contains]': 'NOTE 3' } })).data?.data,
      ).toEqual([{ id: 3, score: 3 } as never])
    } finally {
      await app.stop(true)
    }
  }))

test('toUrl() writes what the list reads', () =>
  withNotes(async (db) => {
    const url = noteList.toUrl('', {
      'tags[hasAny]': ['t,1', 'say "x"'],
      'at[gte]': new Date(0),
      sort: ['-id'],
      fields: ['id'],
      limit: undefined as never,
    })
    expect(url).toBe(
      '?tags[hasAny]=%22t,1%22,%22say%20%5C%22x%5C%22%22&at[gte]=1970-01-01T00%3A00%3A00.000Z&sort=-id&fields=id',
    )
    expect((await ask(appOf(db), url)).ids).toEqual([1])
    expect(noteList.toUrl('/notes')).toBe('/notes')
  }))

test('the API document names each operator as a parameter, beside path parameters and own details', () =>
  withNotes(async (db) => {
    const app = new Elysia()
      .use(core({ database: db, signals: false }))
      .use(shaping({ keys }))
      .use(openapi())
      .get('/owners/:owner/notes', ({ request }) => noteList.from({ request }).page(), {
        ...noteList.hook,
        public: true,
        detail: { summary: 'Notes of somebody' },
      })
    await app.modules
    const document = (await (await app.handle(new Request('http://localhost/openapi/json'))).json()) as never
    expect((await new Validator().validate(structuredClone(document))).errors).toBeUndefined()
    const operation = document['paths']['/owners/{owner}/notes']['get'] as {
      summary: string
      parameters: { name: string; in: string; required?: boolean; schema: Record<string, unknown> }[]
    }
    expect(operation.summary).toBe('Notes of somebody')
    const named = (name: string) => operation.parameters.find((one) => one.name === name)
    expect(named('owner')).toMatchObject({ in: 'path', required: true })
    expect(named('status')).toMatchObject({
      in: 'query',
      required: false,
      schema: { type: 'string', enum: ['draft', 'live', 'gone'] },
    })
    expect(named('score[gte]')).toMatchObject({ description: 'Greater than or equal', schema: { type: 'integer' } })
    expect(named('score[null]')).toMatchObject({ schema: { type: 'boolean' } })
    expect(named('limit')).toMatchObject({ schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 } })
    expect(named('title[gte]')).toBeUndefined()
    expect(named('secret')).toBeUndefined()
    expect(operation.parameters.map((one) => one.name)).toContain('count')
  }))

test('a table with an id made by Kwik is paged by it', async () => {
  const cups = defineTable('notes', (t) => ({ id: t.id(), name: t.string() }))
  await withDatabase('SQLite in memory', [cups], async (db) => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await db.drizzle.insert(cups.for(db)).values({ name })
    const app = appOf(db, shape(cups, { filter: { id: ['in'] } }))
    const first = await ask(app, '?limit=3')
    const second = await ask(app, `?limit=3&after=${first.page.next}`)
    const all = [...first.ids, ...second.ids]
    expect(new Set(all).size).toBe(5)
    expect(all).toEqual([...all].sort())
    expect((await ask(app, `?id[in]=${all[4]},${all[0]}`)).ids).toEqual([all[0], all[4]])
  })
})
