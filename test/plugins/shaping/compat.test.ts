import { Validator } from '@seriousme/openapi-schema-validator'
import { Type as T } from '@sinclair/typebox'
import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import type { Database } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { describe, expect, test } from '#test'
import { openapi } from '../../../plugins/openapi/index.ts'
import { type AnyShape, shape, shaping } from '../../../plugins/shaping/index.ts'
import { both } from '../../services.ts'
import { keys, type Statement, watched } from './fixture.ts'

const users = defineTable('users', (t) => ({
  id: t.int().primaryKey(),
  firstName: t.string(40),
  status: t.enum('active', 'gone'),
  score: t.int().nullable(),
  isAdmin: t.bool(),
  createdAt: t.datetime(),
  secret: t.string(40),
}))
const declared = {
  filter: { firstName: true, status: true, score: ['eq', 'gte'], isAdmin: true, createdAt: ['gte'] },
  sort: { keys: ['id', 'createdAt', 'score', 'firstName'], default: 'id' },
  fields: { default: ['id'], hidden: ['secret'], permissions: { isAdmin: 'users:admin' } },
  limit: { default: 2, max: 3 },
  compat: 'python',
} as const
const userList = shape(users, declared)
const rows = [1, 2, 3, 4, 5].map((id) => ({
  id,
  firstName: `User ${id % 2}`,
  status: id === 4 ? ('gone' as const) : ('active' as const),
  score: id === 3 ? null : id * 10,
  isAdmin: id === 1,
  createdAt: new Date(2026, 0, 6 - id),
  secret: 's',
}))
const UserRow = T.Object({
  id: T.Integer(),
  firstName: T.String(),
  status: T.Union([T.Literal('active'), T.Literal('gone')]),
  score: T.Union([T.Integer(), T.Null()]),
  isAdmin: T.Boolean(),
  createdAt: T.Date(),
  secret: T.String(),
})
const inMemory = shape.memory(UserRow, rows, { ...declared, name: 'users' })

interface Told {
  readonly status: number
  readonly total: number
  readonly ids: unknown[]
  readonly data: Record<string, unknown>[]
  readonly page: { limit: number; next?: string; prev?: string; hasMore: boolean; count?: unknown }
  readonly errors: { parameter: string; code: string; detail: string; allowed?: string[]; suggestion?: string }[]
  readonly link: string
}

const appOf = (db: Database | undefined, list: AnyShape): AnyElysia =>
  new Elysia()
    .use(core({ ...(db && { database: db }), signals: false }))
    .use(shaping({ keys }))
    .use(openapi())
    .get('/users', ({ request }) => list.from({ request }).page(), { ...list.hook, public: true })

async function ask(app: AnyElysia, query: string): Promise<Told> {
  const response = await app.handle(new Request(`http://localhost/users?${query}`))
  const body = (await response.json()) as Told
  const link = response.headers.get('link') ?? ''
  return { ...body, status: response.status, ids: body.data?.map((row) => row['id']), link }
}

/** On both databases, and over the same rows in memory. */
function everywhere(name: string, run: (app: AnyElysia) => Promise<void>): void {
  both(name, [users], async (db) => {
    for (const row of rows) await db.drizzle.insert(users.for(db)).values(row)
    await run(appOf(db, userList as AnyShape))
  })
  test(`${name} (memory)`, () => run(appOf(undefined, inMemory as never)))
}

const answers: Readonly<Record<string, readonly [total: number, ids: readonly number[]]>> = {
  'skip=0': [5, [1, 2]],
  'skip=1&limit=3': [5, [2, 3, 4]],
  'skip=4': [5, [5]],
  'skip=5': [5, []],
  'skip=9999': [5, []],
  'limit=1000&skip=0': [5, [1, 2, 3]],
  'sorting=created_at:asc': [5, [5, 4]],
  'sorting=created_at': [5, [5, 4]],
  'sorting=createdAt:desc': [5, [1, 2]],
  'sorting=first_name:desc,id:desc&limit=3': [5, [5, 3, 1]],
  'sorting=first_name:asc, id:desc': [5, [4, 2]],
  'sorting=score:desc&skip=3': [5, [1, 3]],
  'sorting=score:asc&skip=3': [5, [5, 3]],
  'sorting=': [5, [1, 2]],
  'filter_key=status&value=active&skip=1': [4, [2, 3]],
  'filter_key=first_name&value=User 1': [3, [1, 3]],
  'filter_key=firstName&value=User 0&sorting=id:desc': [2, [4, 2]],
  'filter_key=score&value=20': [1, [2]],
  'filter_key=status&value=active&score[gte]=20&skip=0': [2, [2, 5]],
  'skip=0&where=not status eq gone': [4, [1, 2]],
}
describe('the words of the Python Kwik', () => {
  for (const [query, [total, ids]] of Object.entries(answers))
    everywhere(`?${query}: ${total} in all, ${ids.join(' ') || 'none'} here`, async (app) => {
      expect(await ask(app, encodeURI(query))).toMatchObject({ status: 200, total, ids })
    })

  everywhere('a query in our words alone counts nothing', async (app) => {
    const { ids, page, total } = await ask(app, 'limit=2&sort=-id')
    expect({ ids, total }).toEqual({ ids: [5, 4], total: undefined as never })
    expect(page.hasMore).toBe(true)
  })

  everywhere('a page that was skipped to leads on by cursors and links, in the same words', async (app) => {
    const first = await ask(app, 'skip=2&sorting=id:desc&filter_key=status&value=active&limit=1')
    expect(first).toMatchObject({ ids: [2], total: 4, page: { limit: 1, hasMore: true } })
    const link = (rel: string): string => new RegExp(`<[^?>]*\\?([^>]*)>; rel="${rel}"`).exec(first.link)![1]!
    expect(first.link).not.toContain('skip')
    expect((await ask(app, link('next'))).ids).toEqual([1])
    expect((await ask(app, link('prev'))).ids).toEqual([3])
    expect((await ask(app, link('first'))).ids).toEqual([5])
    expect((await ask(app, link('last'))).ids).toEqual([1])
    // The same list in our words: the cursor holds.
    expect((await ask(app, `sort=-id&status=active&limit=2&after=${first.page.next}`)).ids).toEqual([1])
    expect((await ask(app, 'skip=9')).page).toMatchObject({ prev: 'end', hasMore: false })
  })
})

const refusals: Readonly<Record<string, string>> = {
  'skip=-1': 'skip out-of-range -',
  'skip=x': 'skip out-of-range -',
  'skip=': 'skip out-of-range -',
  'skip=10001': 'skip out-of-range -',
  'skip=1&skip=2': 'skip repeated -',
  'skip=1&after=start': 'skip exclusive -',
  'skip=1&before=end': 'skip exclusive -',
  'sorting=created_ta:desc': 'sorting unknown-sort-key created_at:desc',
  'sorting=createdAd:desc': 'sorting unknown-sort-key createdAt:desc',
  'sorting=nothing_like_it': 'sorting unknown-sort-key -',
  'sorting=id:down': 'sorting unknown-direction id:asc',
  'sorting=id:DESC': 'sorting unknown-direction id:desc',
  'sorting=id:desc:asc': 'sorting unknown-direction id:desc',
  'sorting=id,id:desc': 'sorting repeated -',
  'sorting=created_at,createdAt': 'sorting repeated -',
  'sorting=id,score,created_at,first_name': 'sorting too-many -',
  'sorting=id&sort=id': 'sorting exclusive -',
  'sorting=secret': 'sorting unknown-sort-key -',
  'filter_key=status': 'filter_key incomplete -',
  'value=active': 'value incomplete -',
  'filter_key=stauts&value=active': 'filter_key unknown-field status',
  'filter_key=first_nam&value=x': 'filter_key unknown-field first_name',
  'filter_key=secret&value=s': 'filter_key unknown-field -',
  'filter_key=is_admin&value=true': 'filter_key unknown-field -',
  'filter_key=created_at&value=2026-01-01': 'filter_key unknown-field -',
  'filter_key=status&value=activ': 'value not-allowed active',
  'filter_key=score&value=x': 'value not-an-integer -',
  'filter_key=status&value=gone&status=gone': 'value repeated -',
  'skipp=1': 'skipp unknown-parameter skip',
  'sortin=id': 'sortin unknown-parameter sorting',
}
describe('what is wrong is told in the words that were sent', () => {
  for (const [query, told] of Object.entries(refusals))
    test(`?${query}: ${told}`, async () => {
      const { status, errors } = await ask(appOf(undefined, inMemory as never), query)
      expect(status).toBe(400)
      expect(errors.map((one) => `${one.parameter} ${one.code} ${one.suggestion ?? '-'}`)).toEqual([told])
    })

  test('several mistakes are told at once', async () => {
    const { errors } = await ask(appOf(undefined, inMemory as never), 'skip=x&sorting=nope:up&filter_key=nope&value=1')
    expect(errors.map(({ parameter }) => parameter).sort()).toEqual(['filter_key', 'skip', 'sorting'])
  })
})

both('a skipped page is one statement with an offset that is bound, and one that counts', [users], async (db) => {
  for (const row of rows) await db.drizzle.insert(users.for(db)).values(row)
  const statements: Statement[] = []
  const app = appOf(watched(db, statements), userList as AnyShape)
  await ask(app, 'skip=1&sorting=score:desc')
  await ask(app, 'skip=2&sorting=score:desc')
  const [page, count, again] = statements
  expect(statements).toHaveLength(4)
  expect(page!.text).toMatch(/nulls last.* limit 3 offset (\?|\$1)$/)
  expect(page!.parameters).toEqual([1])
  expect(count!.text).toMatch(/^select count/)
  expect(again).toEqual({ text: page!.text, parameters: [2] })
})

test('a list that does not say so takes none of the words', async () => {
  const own = shape.memory(UserRow, rows, { filter: { status: true } })
  for (const word of ['skip=1', 'sorting=id', 'filter_key=status', 'value=x']) {
    const { status, errors } = await ask(appOf(undefined, own as never), word)
    expect({ status, code: errors[0]!.code }).toEqual({ status: 400, code: 'unknown-parameter' })
  }
})

test('a declaration cannot be without an envelope, nor filter by one of the words', () => {
  expect(() => shape(users, { compat: 'python', envelope: false })).toThrow('cannot stand with `envelope: false`')
  const odd = defineTable('odd', (t) => ({ id: t.id(), value: t.string() }))
  expect(() => shape(odd, { compat: 'python', filter: { value: true } })).toThrow(
    '"value" is a word of the query grammar',
  )
  shape(odd, { compat: 'python', filter: { value: { as: 'text' } } })
})

test('a name in snake case is that of one field alone', async () => {
  const Odd = T.Object({ id: T.Integer(), myName: T.String(), my_name: T.String(), aB: T.String(), a_b: T.String() })
  const row = { id: 1, myName: 'a', my_name: 'c', aB: 'x', a_b: 'y' }
  const list = shape.memory(Odd, [row], { filter: { myName: true, my_name: true, aB: true }, compat: 'python' })
  expect((await list.ask({ filter_key: 'my_name', value: 'c' })).total).toBe(1)
  expect((await list.ask({ filter_key: 'myName', value: 'a' })).total).toBe(1)
  // There is a field of this name, which cannot be filtered by: no other one is meant.
  await expect(list.ask({ filter_key: 'a_b', value: 'x' })).rejects.toMatchObject({
    problem: { errors: [{ parameter: 'filter_key', code: 'unknown-field' }] },
  })
})

test('the API document has the words as deprecated', async () => {
  const app = appOf(undefined, inMemory as never)
  await app.modules
  const document = (await (await app.handle(new Request('http://localhost/openapi/json'))).json()) as never
  expect((await new Validator().validate(structuredClone(document))).errors).toBeUndefined()
  const { parameters } = document['paths']['/users']['get'] as {
    parameters: { name: string; deprecated?: boolean; schema: object }[]
  }
  const deprecated = parameters.filter((one) => one.deprecated).map(({ name }) => name)
  expect(deprecated.sort()).toEqual(['filter_key', 'skip', 'sorting', 'value'])
  expect(parameters.find(({ name }) => name === 'skip')!.schema).toMatchObject({ minimum: 0, maximum: 10_000 })
})

test('total is an exact count: where that needs a permission, nobody else is told', async () => {
  const counted = { ...declared, count: { exact: 'users:count' }, name: 'users' } as const
  const list = shape.memory(UserRow, rows, counted)
  const page = await list.ask({ skip: 1 })
  expect([page.data.map(({ id }) => id), page.total]).toEqual([[2, 3], undefined])
})
