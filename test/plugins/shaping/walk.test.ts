import fc from 'fast-check'
import type { Database } from '#core/ports/database'
import { expect, test } from '#test'
import { type AnyShape, shape } from '../../../plugins/shaping/index.ts'
import { withDatabase, withPostgres } from '../../services.ts'
import { appOf, ask, fill, notes } from './fixture.ts'
import { type Note, ordered } from './oracle.ts'

const sortable = ['title', 'status', 'score', 'views', 'price', 'weight', 'published', 'day', 'at'] as const
const listWith = (nulls: 'first' | 'last'): AnyShape =>
  shape(notes, { sort: { keys: [...sortable], nulls }, fields: { default: ['id'] } })
const lists = { first: listWith('first'), last: listWith('last') } as const

const option = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values)
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
const someSort = fc
  .uniqueArray(fc.constantFrom(...sortable), { maxLength: 3 })
  .chain((keys) => fc.tuple(...keys.map((key) => fc.constantFrom(key, `-${key}`))))
const someList = fc.record({
  rows: someRows,
  sort: someSort,
  nulls: fc.constantFrom('first' as const, 'last' as const),
  limit: fc.integer({ min: 1, max: 7 }),
  steps: fc.array(fc.boolean(), { maxLength: 12 }),
})
type Case = typeof someList extends fc.Arbitrary<infer C> ? C : never

const stored = (rows: Case['rows']): Note[] =>
  rows.map((row, index) => ({ body: null, owner: null, tags: [], ...row, id: index + 1 }))

async function prepare(db: Database, rows: readonly Note[]): Promise<void> {
  await db.execute('delete from notes')
  await fill(db, rows)
}

/** Asks for pages of one list. */
function pagesOf(db: Database, { sort, nulls, limit }: Case) {
  const app = appOf(db, lists[nulls])
  const order = sort.length === 0 ? '' : `&sort=${sort.join(',')}`
  return async (place: string) => {
    const answer = await ask(app, `?limit=${limit}${order}${place}`)
    if (answer.status !== 200) throw new Error(JSON.stringify(answer))
    return { ids: answer.ids as number[], ...answer.page }
  }
}

/** The whole list in one query that shares nothing with the shape. */
async function truthOf(db: Database, { sort, nulls, rows }: Case): Promise<number[]> {
  const tie = sort.at(-1)?.startsWith('-') ? 'id desc' : 'id'
  const order = sort.map((word) => `${word.replace('-', '')}${word.startsWith('-') ? ' desc' : ''} nulls ${nulls}`)
  const found = await db.values(`select id from notes order by ${[...order, tie].join(', ')}`)
  const ids = found.map(([id]) => Number(id))
  // The order of text is the database's own: of everything else it is the same everywhere.
  if (!sort.some((word) => word.endsWith('title')))
    expect(ordered(stored(rows), sort, nulls).map((row) => row.id)).toEqual(ids)
  return ids
}

type Property = (db: Database, one: Case) => Promise<void>
function onBoth(name: string, runs: readonly [number, number], property: Property): void {
  const check = (db: Database, numRuns: number): Promise<void> =>
    fc.assert(
      fc.asyncProperty(someList, async (one) => {
        await prepare(db, stored(one.rows))
        await property(db, one)
      }),
      { numRuns, interruptAfterTimeLimit: 4000 },
    )
  test(`${name} (SQLite)`, () => withDatabase('SQLite in memory', [notes], (db) => check(db, runs[0])))
  withPostgres.test(`${name} (PostgreSQL)`, () => withDatabase('PostgreSQL', [notes], (db) => check(db, runs[1])))
}

onBoth('walking forward visits every row once, in the order of one query', [150, 60], async (db, one) => {
  const page = pagesOf(db, one)
  const seen: number[] = []
  for (let at = await page(''), first = true; ; at = await page(`&after=${at.next}`), first = false) {
    expect(at.prev === undefined).toBe(first)
    expect(at.hasMore).toBe(at.next !== undefined)
    seen.push(...at.ids)
    if (at.next === undefined) break
  }
  expect(seen).toEqual(await truthOf(db, one))
})

onBoth('walking backward from the end visits every row once, in the order of one query', [150, 60], async (db, one) => {
  const page = pagesOf(db, one)
  const seen: number[] = []
  for (let at = await page('&before=end'), last = true; ; at = await page(`&before=${at.prev}`), last = false) {
    expect(at.next === undefined).toBe(last)
    seen.unshift(...at.ids)
    if (at.prev === undefined) break
  }
  expect(seen).toEqual(await truthOf(db, one))
})

onBoth('any steps forward and backward stay where an index would be', [100, 40], async (db, one) => {
  const page = pagesOf(db, one)
  const truth = await truthOf(db, one)
  let [start, end] = [0, Math.min(one.limit, truth.length)]
  let at = await page('')
  for (const forward of one.steps) {
    expect(at.ids).toEqual(truth.slice(start, end))
    expect(at.next !== undefined).toBe(end < truth.length)
    expect(at.prev !== undefined).toBe(start > 0)
    if (forward ? at.next === undefined : at.prev === undefined) continue
    at = await page(forward ? `&after=${at.next}` : `&before=${at.prev}`)
    ;[start, end] = forward ? [end, Math.min(end + one.limit, truth.length)] : [Math.max(0, start - one.limit), start]
  }
})

onBoth('rows that are there all along are seen once while others come and go', [80, 30], async (db, one) => {
  const page = pagesOf(db, one)
  const constant = new Set(one.rows.map((_, index) => index + 1).filter((id) => id % 3 !== 0))
  const seen: number[] = []
  let fresh = 1000
  for (let at = await page(''); ; at = await page(`&after=${at.next}`)) {
    seen.push(...at.ids)
    if (at.next === undefined) break
    // Now and then the row under the cursor itself is deleted.
    const gone = at.ids.findLast((id) => !constant.has(id))
    if (gone !== undefined) await db.execute(`delete from notes where id = ${gone}`)
    const row = one.rows[fresh % one.rows.length]!
    if (fresh < 1010) await fill(db, [{ ...row, id: fresh++ }])
  }
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.filter((id) => constant.has(id)).sort((a, b) => a - b)).toEqual([...constant])
})
