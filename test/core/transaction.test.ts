import { Elysia } from 'elysia'
import { createTables, type Database, database, defineTable, openDatabase } from 'kwik/database'
import { core } from '#core/access'
import { refuse } from '#core/errors'
import { afterAll, beforeAll, beforeEach, describe, expect, sleep, test } from '#test'

const things = defineTable('things', (t) => ({ id: t.id(), name: t.string(200) }))
const db: Database = openDatabase({ url: 'sqlite::memory:' })
beforeAll(() => createTables(db, [things]))
beforeEach(async () => void (await db.drizzle.delete(things.for(db))))
afterAll(() => db.close())

const logger = { debug() {}, info() {}, warning() {}, error() {} }
const stored = async () => (await db.drizzle.select().from(things.for(db))).length
const make = () => new Elysia().use(core({ signals: false, logger, database: db, timeout: '100ms' })).use(database(db))
const options = { public: true, transaction: true } as const

/** What a handler does after it has written a row. */
type After = (context: {
  set: { status?: number | string }
  status: (code: number, body?: unknown) => unknown
}) => unknown
const ask = async (after: After, method = 'POST') => {
  const run = async (context: never) => {
    await db.drizzle.insert(things.for(db)).values({ name: 'x' })
    return after(context)
  }
  const app = make()
    .post('/', ({ set, status }) => run({ set, status } as never), options)
    .get('/', ({ set, status }) => run({ set, status } as never), options)
  const response = await app.handle(new Request('http://localhost/', { method }))
  return [response.status, await stored()]
}

describe('transaction: true', () => {
  for (const [name, after, status] of [
    ['a status that is returned', ({ status }) => status(409, 'taken'), 409],
    ['a status that is set', ({ set }) => void (set.status = 409), 409],
    ['a status that is set by name', ({ set }) => void (set.status = 'Conflict'), 409],
    ['a response', () => new Response('no', { status: 422 }), 422],
    ['a problem that is returned', () => refuse('KWIK_FORBIDDEN'), 403],
    ['an error that is returned', () => new Error('no'), 500],
    ['an error that is thrown', () => Promise.reject(new Error('no')), 500],
  ] as readonly (readonly [string, After, number])[])
    test(`keeps nothing when the answer is ${name}`, async () => {
      expect(await ask(after)).toEqual([status, 0])
    })

  test('keeps what was written when the answer is good', async () => {
    expect(await ask(({ status }) => status(201, { ok: true }))).toEqual([201, 1])
    expect(await ask(({ set }) => void (set.status = 201))).toEqual([201, 2])
    expect(await ask(() => ({ code: 500 }))).toEqual([200, 3])
  })

  test('keeps nothing of an answer that came too late', async () => {
    expect((await ask(() => sleep(200)))[0]).toBe(503)
    await sleep(250)
    expect(await stored()).toBe(0)
  })

  test('runs once for HEAD', async () => {
    expect(await ask(() => 'x', 'HEAD')).toEqual([200, 1])
  })

  test('does not start with a generator, which writes when the transaction is over', async () => {
    const app = make().get(
      '/',
      async function* () {
        yield 'x'
      },
      options,
    )
    expect(() => app.listen({ port: 0, hostname: '127.0.0.1' })).toThrow('generator')
  })
})
