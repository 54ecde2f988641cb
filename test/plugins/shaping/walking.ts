import type { AnyElysia } from 'elysia'
import fc from 'fast-check'
import type { Database } from '#core/ports/database'
import { expect } from '#test'
import { ask } from './fixture.ts'

/** One way through a list. */
export interface Walk {
  readonly sort: readonly string[]
  readonly nulls: 'first' | 'last'
  readonly limit: number
  readonly way: 'forward' | 'backward' | 'steps'
  /** Forward or back; for `steps`. */
  readonly steps: readonly boolean[]
}

/** Up to three keys, to which the primary key comes; both directions; pages of 1 to 7. */
export const someWalk = (sortable: readonly string[]): fc.Arbitrary<Walk> =>
  fc.record({
    sort: fc
      .uniqueArray(fc.constantFrom(...sortable), { maxLength: 3 })
      .chain((keys) => fc.tuple(...keys.map((key) => fc.constantFrom(key, `-${key}`)))),
    nulls: fc.constantFrom('first' as const, 'last' as const),
    limit: fc.integer({ min: 1, max: 7 }),
    way: fc.constantFrom('forward' as const, 'backward' as const, 'steps' as const),
    steps: fc.array(fc.boolean(), { minLength: 3, maxLength: 12 }),
  })

export interface Turned {
  readonly ids: readonly number[]
  readonly next?: string
  readonly prev?: string
  readonly hasMore: boolean
}
/** Answers the page at a place: `''`, `&after=...`, `&before=...`. */
export type Turn = (place: string) => Promise<Turned>

/** Asks an app for pages of one order. */
export function turning(app: AnyElysia, { sort, limit }: Pick<Walk, 'sort' | 'limit'>, id: string): Turn {
  const order = sort.length === 0 ? '' : `&sort=${sort.join(',')}`
  return async (place) => {
    const answer = await ask(app, `?limit=${limit}${order}${place}`)
    if (answer.status !== 200) throw new Error(JSON.stringify(answer))
    return { ids: answer.data.map((row) => row[id] as number), ...answer.page }
  }
}

/** The whole list in one query that shares nothing with the shape. */
export async function truthOf(
  db: Database,
  { sort, nulls }: Pick<Walk, 'sort' | 'nulls'>,
  { table, id, key }: { readonly table: string; readonly id: string; readonly key: readonly string[] },
): Promise<number[]> {
  const isDown = sort.at(-1)?.startsWith('-') ?? false
  const order = sort.map((word) => `${word.replace('-', '')}${word.startsWith('-') ? ' desc' : ''} nulls ${nulls}`)
  const tie = key.map((column) => `${column}${isDown ? ' desc' : ''}`)
  const rows = await db.values(`select ${id} from ${table} order by ${[...order, ...tie].join(', ')}`)
  return rows.map(([value]) => Number(value))
}

/** Walks as it is said and compares with the truth, page by page. */
export async function walk(turn: Turn, truth: readonly number[], { way, limit, steps }: Walk): Promise<void> {
  if (way === 'steps') return stepping(turn, truth, limit, steps)
  const seen = way === 'forward' ? await forward(turn, truth.length) : await backward(turn, truth.length)
  expect(seen).toEqual([...truth])
}

async function forward(turn: Turn, most: number): Promise<number[]> {
  const seen: number[] = []
  for (let at = await turn(''), first = true; ; at = await turn(`&after=${at.next}`), first = false) {
    expect(at.prev === undefined).toBe(first)
    expect(at.hasMore).toBe(at.next !== undefined)
    seen.push(...at.ids)
    if (at.next === undefined || seen.length > most) return seen
  }
}

async function backward(turn: Turn, most: number): Promise<number[]> {
  const seen: number[] = []
  for (let at = await turn('&before=end'), last = true; ; at = await turn(`&before=${at.prev}`), last = false) {
    expect(at.next === undefined).toBe(last)
    seen.unshift(...at.ids)
    if (at.prev === undefined || seen.length > most) return seen
  }
}

/** The position is as in an index model: a slice of the truth that moves by pages. */
async function stepping(turn: Turn, truth: readonly number[], limit: number, steps: readonly boolean[]): Promise<void> {
  let [start, end] = [0, Math.min(limit, truth.length)]
  let at = await turn('')
  for (const isForward of steps) {
    expect(at.ids).toEqual(truth.slice(start, end))
    expect(at.next !== undefined).toBe(end < truth.length)
    expect(at.prev !== undefined).toBe(start > 0)
    if (isForward ? at.next === undefined : at.prev === undefined) continue
    at = await turn(isForward ? `&after=${at.next}` : `&before=${at.prev}`)
    ;[start, end] = isForward ? [end, Math.min(end + limit, truth.length)] : [Math.max(0, start - limit), start]
  }
}
