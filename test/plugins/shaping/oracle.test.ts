import { type AnyElysia, Elysia } from 'elysia'
import fc from 'fast-check'
import { core } from '#core/access'
import type { Database, Field, TableDefinition } from '#core/ports/database'
import { expect, test } from '#test'
import type { Model } from '../../../plugins/shaping/declare/model.ts'
import { modelBehind } from '../../../plugins/shaping/declare/models.ts'
import { type AnyShape, shaping } from '../../../plugins/shaping/index.ts'
import { within } from '../../../plugins/shaping/memory/frame.ts'
import { ranked, shown } from '../../../plugins/shaping/memory/selected.ts'
import { World } from '../../../plugins/shaping/memory/world.ts'
import { type Asked, readQuery } from '../../../plugins/shaping/query/asked.ts'
import { Issues } from '../../../plugins/shaping/query/issues.ts'
import { wordsOfList } from '../../../plugins/shaping/query/words.ts'
import { withDatabase, withPostgres } from '../../services.ts'
import { tables as blogTables, postList } from './blog.ts'
import { keys } from './fixture.ts'
import { someQuery } from './oracle/queries.ts'
import { type Rows, someRows, store } from './oracle/rows.ts'
import { thingList, thingTables } from './oracle/tables.ts'
import { long } from './property.ts'

/** Lists whose rows in memory must answer every query as those in a database do. `KWIK_LONG=1` asks 20,000 queries a database. */
const declarations: readonly (readonly [name: string, list: AnyShape, tables: readonly TableDefinition[]])[] = [
  ['things', thingList, thingTables as readonly TableDefinition[]],
  ['blog', postList, blogTables as readonly TableDefinition[]],
]
const given = process.env['KWIK_SEED']
/** Each has rows of its own. */
const worlds = given !== undefined ? 1 : long ? 200 : 3
const queries = 50
const firstSeed = given !== undefined ? Number(given) : Math.floor(Math.random() * 2 ** 31)

const request = new Request('http://localhost/rows')

/** The rows that callers may see, without a database. */
const worldOf = (rows: Rows): World =>
  new World((model) => {
    const context = { user: null, principal: null, request, tenant: undefined }
    return within(model, rows.get(model.name)!, (model.scope?.(context) ?? []) as never)
  })

function read(model: Model, query: string): { readonly asked: Asked; readonly mistakes: readonly string[] } {
  const issues = new Issues()
  const asking = { model, words: wordsOfList(model), prefix: '', budget: model.budget, granted: undefined, issues }
  const asked = readQuery(asking, query)
  const errors = issues.none ? [] : issues.problem().problem.errors!
  return { asked, mistakes: errors.map((one) => one.code) }
}

const appOf = (db: Database, list: AnyShape): AnyElysia =>
  new Elysia()
    .use(core({ database: db, signals: false }))
    .use(shaping({ keys }))
    .get('/rows', ({ request }) => list.from({ request }).page(), { ...list.hook, public: true })

/** Whether the database orders texts by code point, as memory does. */
async function byCodePoint(db: Database): Promise<boolean> {
  if (db.dialect === 'sqlite') return true
  const [row] = await db.values('select datcollate from pg_database where datname = current_database()')
  return /^(C|POSIX)(\.|$)/.test(String(row![0]))
}
const texts: ReadonlySet<string> = new Set(['string', 'text', 'email', 'url', 'enum'])

async function compare(db: Database, [, list, tables]: (typeof declarations)[number], seed: number): Promise<void> {
  const rows = fc.sample(someRows(tables, 24), { seed, numRuns: 1 })[0]!
  await store(db, tables, rows)
  const model = modelBehind(list)!
  const world = worldOf(rows)
  const app = appOf(db, list)
  const anyText = await byCodePoint(db)
  const mayOrder = ({ type }: Field): boolean => anyText || !texts.has(type)
  await fc.assert(
    fc.asyncProperty(someQuery(model, mayOrder), async (query) => {
      const { asked, mistakes } = read(model, query)
      // What is too much to ask for is the only thing wrong with it.
      fc.pre(!mistakes.some((code) => code.startsWith('too-m') || code === 'too-far'))
      expect({ query, mistakes }).toEqual({ query, mistakes: [] })
      const fitting = ranked(asked, world.rowsOf(model), world)
      const data = fitting.slice(0, asked.limit).map(({ row }) => shown(row, asked, world))
      const answer = await app.handle(new Request(`http://localhost/rows?${query}`))
      const body = await answer.json()
      expect({ status: answer.status, data: body.data, hasMore: body.page?.hasMore }).toEqual({
        status: 200,
        data: JSON.parse(JSON.stringify(data)),
        hasMore: fitting.length > asked.limit,
      })
    }),
    { seed, numRuns: queries },
  )
}

for (const declaration of declarations)
  for (let seed = firstSeed; seed < firstSeed + worlds; seed++) {
    const [name, , tables] = declaration
    const title = `${name}: any query answers what it means in memory, KWIK_SEED=${seed}`
    test(
      `${title} (SQLite)`,
      () => withDatabase('SQLite in memory', tables, (db) => compare(db, declaration, seed)),
      20_000,
    )
    withPostgres.test(`${title} (PostgreSQL)`, () =>
      withDatabase('PostgreSQL', tables, (db) => compare(db, declaration, seed)),
    )
  }
