import type { Parts } from '../listing.ts'
import type { PageInfo } from '../types.ts'
import type { Position } from './cursor.ts'
import { addressOf, linkHeader, type Targets } from './links.ts'
import { claimsOf } from './place.ts'

type Keys = Position['k']

/** The rows of a page that was read, in the order they are shown. */
export interface Turned<Row> {
  /** What has the rows: a cursor of one store is none of another. */
  readonly store: string
  readonly rows: readonly Row[]
  readonly keysOf: (row: Row) => Keys
  /** Whether more follow in the direction that was read. */
  readonly full: boolean
}

/** What a page says of its place in the list; sets the answer's Link header. */
export function infoOf<Row>(parts: Parts, turned: Turned<Row>): PageInfo {
  const { asked, scope, ring } = parts
  const { next, prev } = neighbours(parts, turned)
  scope.header('link', linkHeader(addressOf(scope, ring.rules.baseUrl), asked.kept, { next, prev }))
  const { limit } = asked
  const hasMore = next !== undefined
  // Written out: an object put together from parts costs several times as much, and every page has one.
  if (prev === undefined) return hasMore ? { limit, next, hasMore } : { limit, hasMore }
  return hasMore ? { limit, next, prev, hasMore } : { limit, prev, hasMore }
}

function neighbours<Row>(parts: Parts, { store, rows, keysOf, full }: Turned<Row>): Targets {
  const { asked, position } = parts
  const cursor = (row: Row | undefined): string | undefined => row && cursorOf(parts, store, keysOf(row))
  const [first, last] = [rows[0], rows.at(-1)]
  // Where the page of a cursor is empty, all rows that are left lie on its other side.
  if (asked.before !== undefined)
    return { next: position && (cursor(last) ?? 'start'), prev: full ? cursor(first) : undefined }
  const isFirst = position === undefined && !asked.skip
  return { next: full ? cursor(last) : undefined, prev: isFirst ? undefined : (cursor(first) ?? 'end') }
}

function cursorOf({ ring, read, model, asked, scope }: Parts, store: string, k: Keys): string {
  const h = read.identity + store
  const { u, e } = claimsOf(model, ring, scope)
  const short = (): string[] =>
    model.primaryKey.map((field) => k[asked.sort.findIndex((term) => term.name === field.name)]!)
  return ring.sign({ h, k, u, e }, model) ?? ring.sign({ h, k: [], p: short(), u, e }, model)!
}
