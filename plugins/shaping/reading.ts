import { LRUCache } from 'lru-cache'
import type { Asked, Asking } from './asked.ts'
import { readQuery } from './asked.ts'
import type { Position } from './cursor.ts'
import type { SortTerm } from './model.ts'
import { identityOf, orderOf } from './place.ts'
import { variantOf } from './predicate.ts'

/** What a query comes to before its cursor is looked at. Pages of one list differ by their cursor alone. */
export interface Read {
  readonly asked: Asked
  /** Sort keys with the primary key behind them. */
  readonly order: readonly SortTerm[]
  readonly identity: Omit<Position, 'k'>
  /** What statements of it depend on, beside cursor and frame. */
  readonly words: string
}

type Cursor = Pick<Asked, 'after' | 'before'>

/** Readings kept for one shape. */
const most = 500
const longest = 1024

/** Reads queries, and keeps what they came to by their text: clients that page send the same text again and again. */
export class Readings {
  private readonly kept = new LRUCache<string, Read>({ max: most })

  read(asking: Asking, search: string): { readonly read: Read; readonly asked: Asked } {
    const split = withoutCursor(search)
    // What a caller may know is not in the text.
    if (split === undefined || asking.model.guarded) return whole(readFully(asking, search))
    const known = this.kept.get(split.rest)
    const read = known ?? readFully(asking, split.rest)
    const { after, before } = read.asked
    if (known === undefined) {
      // A cursor whose name was encoded is seen by the parser alone.
      if (after !== undefined || before !== undefined) return whole(readFully(asking, search))
      if (asking.issues.none && split.rest.length <= longest) this.kept.set(split.rest, read)
    }
    return { read, asked: split.cursor === undefined ? read.asked : { ...read.asked, ...split.cursor } }
  }
}

const whole = (read: Read): { readonly read: Read; readonly asked: Asked } => ({ read, asked: read.asked })

function readFully(asking: Asking, search: string): Read {
  const asked = readQuery(asking, search)
  const order = orderOf(asking.model, asked.sort)
  const words = [
    asked.limit,
    order.map((term) => `${term.descending ? '-' : ''}${term.field.name}`).join(),
    asked.fields.map((field) => field.name).join(),
    asked.leaves.map(variantOf).join('&'),
  ].join(' ')
  return { asked, order, identity: identityOf(asking.model, asked, order), words }
}

/** A query string without its one plain cursor; `undefined` where that cannot be told at a glance. */
function withoutCursor(search: string): { readonly rest: string; readonly cursor: Cursor | undefined } | undefined {
  const after = placeOf(search, 'after=')
  const before = placeOf(search, 'before=')
  if (after === -1 && before === -1) return { rest: search, cursor: undefined }
  if (after !== -1 && before !== -1) return undefined
  const at = Math.max(after, before)
  const word = after === -1 ? 'before=' : 'after='
  const end = search.indexOf('&', at)
  const value = search.slice(at + word.length, end === -1 ? search.length : end)
  const rest = end === -1 ? search.slice(0, Math.max(0, at - 1)) : search.slice(0, at) + search.slice(end + 1)
  if (value === '' || /[%+]/.test(value) || placeOf(rest, word) !== -1) return undefined
  return { rest, cursor: after === -1 ? { after: undefined, before: value } : { after: value, before: undefined } }
}

/** Where a parameter begins. */
function placeOf(search: string, word: string): number {
  if (search.startsWith(word)) return 0
  const at = search.indexOf(`&${word}`)
  return at === -1 ? -1 : at + 1
}
