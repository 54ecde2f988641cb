import type { AnyElysia } from 'elysia'
import fc from 'fast-check'
import type { Database } from '#core/ports/database'
import { expect, test } from '#test'
import { orderOf } from '../../../plugins/shaping/cursor/place.ts'
import { modelBehind } from '../../../plugins/shaping/declare/models.ts'
import { type AnyShape, shape } from '../../../plugins/shaping/index.ts'
import { ranked } from '../../../plugins/shaping/memory/selected.ts'
import { World } from '../../../plugins/shaping/memory/world.ts'
import { withDatabase, withPostgres } from '../../services.ts'
import { appOf, fill, type Note, notes } from './fixture.ts'
import { patience, property } from './property.ts'
import { someWalk, truthOf, turning, type Walk, walk } from './walking.ts'

const sortable = ['title', 'status', 'score', 'views', 'price', 'weight', 'published', 'day', 'at'] as const
const listWith = (nulls: 'first' | 'last'): AnyShape =>
  shape(notes, { sort: { keys: [...sortable], nulls }, fields: { default: ['id'] } })
const lists = { first: listWith('first'), last: listWith('last') } as const

const option = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { freq: 2 })
/** Few values, so that there are many ties; edges, so that no key is rounded. */
const someRows = fc.array(
  fc.record({
    title: fc.constantFrom('a', 'A', 'b', 'é', 'ß', ''),
    status: fc.constantFrom('draft' as const, 'live' as const),
    score: option(fc.integer({ min: -1, max: 1 })),
    views: fc.constantFrom(9_007_199_254_740_992n, 9_007_199_254_740_993n, -9_223_372_036_854_775_808n),
    price: option(fc.constantFrom('0.10', '0.20', '99999999.99')),
    weight: option(fc.constantFrom(0.1 + 0.2, 0.3, 5e-324, 1e308, -0)),
    published: fc.boolean(),
    day: option(fc.constantFrom('2024-02-29', '2026-01-01')),
    at: fc.constantFrom(new Date('2026-01-01T00:00:00.001Z'), new Date('2026-01-01T00:00:00.002Z')),
  }),
  { maxLength: 22 },
)
type Rows = typeof someRows extends fc.Arbitrary<infer R> ? R : never

const stored = (rows: Rows): Note[] =>
  rows.map((row, index) => ({ body: null, owner: null, tags: [], ...row, id: index + 1 }))
const place = { table: 'notes', id: 'id', key: ['id'] } as const

async function prepare(db: Database, rows: readonly Note[]): Promise<void> {
  await db.execute('delete from notes')
  await fill(db, rows)
}

/** The same order without a database. */
function inMemory(rows: readonly Note[], { sort, nulls }: Walk): unknown[] {
  const model = modelBehind(lists[nulls])!
  const terms = sort.map((word) => ({
    ...model.sortable.get(word.replace('-', ''))!,
    descending: word.startsWith('-'),
    nullsLast: model.nullsLast,
  }))
  const whole = { conditions: [], sort: orderOf(model, terms), fields: [], limit: 0, expansions: [] }
  return ranked(whole, rows, new World(() => [])).map(({ row }) => row['id'])
}

type Apps = Readonly<Record<'first' | 'last', AnyElysia>>
const onBoth = (name: string, check: (db: Database, apps: Apps) => Promise<void>): void => {
  const run = (db: Database): Promise<void> => check(db, { first: appOf(db, lists.first), last: appOf(db, lists.last) })
  test(`${name} (SQLite)`, () => withDatabase('SQLite in memory', [notes], run), patience)
  withPostgres.test(`${name} (PostgreSQL)`, () => withDatabase('PostgreSQL', [notes], run), patience)
}

/** Each data set is walked several times: filling the table takes longer than a walk. */
const walks = 8

onBoth('walks of any order, way and page size see what one query sees', (db, apps) =>
  property(
    fc.record({ rows: someRows, walks: fc.array(someWalk(sortable), { minLength: walks, maxLength: walks }) }),
    1000 / walks,
    async ({ rows, walks }) => {
      await prepare(db, stored(rows))
      for (const one of walks) {
        const truth = await truthOf(db, one, place)
        // The order of text is the database's own: of everything else it is the same everywhere.
        if (!one.sort.some((word) => word.endsWith('title'))) expect(inMemory(stored(rows), one)).toEqual(truth)
        await walk(turning(apps[one.nulls], one, 'id'), truth, one)
      }
    },
  ),
)

onBoth('rows that are there all along are seen once while others come, change and go', (db, apps) =>
  property(fc.record({ rows: someRows, one: someWalk(sortable) }), 100, async ({ rows, one }) => {
    await prepare(db, stored(rows))
    const turn = turning(apps[one.nulls], one, 'id')
    const [start, toward] = one.way === 'backward' ? ['&before=end', 'prev' as const] : ['', 'next' as const]
    const constant = new Set(rows.map((_, index) => index + 1).filter((id) => id % 3 !== 0))
    const seen: number[] = []
    let fresh = 1000
    for (let at = await turn(start); ; at = await turn(`&${toward === 'next' ? 'after' : 'before'}=${at[toward]}`)) {
      seen.push(...at.ids)
      if (at[toward] === undefined) break
      // Now and then the row under the cursor itself is deleted.
      const gone = at.ids.findLast((id) => !constant.has(id))
      if (gone !== undefined) await db.execute(`delete from notes where id = ${gone}`)
      await db.execute(`update notes set body = 'changed ${fresh}', secret = '${fresh}' where id % 2 = ${fresh % 2}`)
      const row = rows[fresh % rows.length]!
      if (fresh < 1010) await fill(db, [{ ...row, id: fresh++ }])
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => constant.has(id)).sort((a, b) => a - b)).toEqual([...constant])
  }),
)
