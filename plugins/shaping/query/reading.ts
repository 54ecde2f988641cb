import { LRUCache } from 'lru-cache'
import { identityOf, orderWords } from '../cursor/place.ts'
import type { Model } from '../declare/model.ts'
import { formOf } from '../sql/criteria.ts'
import { type Asked, readQuery } from './asked.ts'
import { targetsIn } from './conditions.ts'
import type { Asking } from './paths.ts'
import { rowsWith, type Selection } from './selection.ts'

/** What a query comes to before its cursor is looked at. Pages of one list differ by their cursor alone. */
export interface Read {
  readonly asked: Asked
  /** What its cursors say of it: those of another list, order or filters do not fit. */
  readonly identity: string
  /** What statements of it depend on, beside cursor and frames. */
  readonly words: string
  /** The tables that its order and its conditions lead to: their frames are in its statements. */
  readonly targets: readonly Model[]
}

type Cursor = Pick<Asked, 'after' | 'before'>

/** Readings kept for one shape. */
const most = 500
const longest = 1024

/** Reads queries, and keeps what they came to by their text: clients that page send the same text again and again. */
export class Readings {
  private readonly kept = new LRUCache<string, Read>({ max: most })

  read(asking: Asking, search: string): { readonly read: Read; readonly asked: Asked } {
    const split = asking.words.has('after') ? withoutCursor(search) : { rest: search, cursor: undefined }
    // What a caller may know is not in the text.
    if (split === undefined || asking.model.guarded) return whole(readFully(asking, search))
    const key = asking.names ? `${asking.names.version} ${split.rest}` : split.rest
    const known = this.kept.get(key)
    const read = known ?? readFully(asking, split.rest)
    const { after, before } = read.asked
    if (known === undefined) {
      // A cursor whose name was encoded is seen by the parser alone.
      if (after !== undefined || before !== undefined) return whole(readFully(asking, search))
      if (asking.issues.none && split.rest.length <= longest) this.kept.set(key, read)
    }
    if (split.cursor === undefined) return { read, asked: read.asked }
    // Of the two only one may say where the page begins, which is seen where both are.
    if (read.asked.skip !== undefined && asking.issues.none) return whole(readFully(asking, search))
    return { read, asked: { ...read.asked, ...split.cursor } }
  }
}

const whole = (read: Read): { readonly read: Read; readonly asked: Asked } => ({ read, asked: read.asked })

function readFully(asking: Asking, search: string): Read {
  const asked = readQuery(asking, search)
  return { asked, identity: identityOf(asking.model, asked), words: wordsOf(asked), targets: targetsOf(asked) }
}

/** Rows that are read at once when a list is read to its end. */
const batch = 1000
const batches = new WeakMap<Read, Read>()

/** The same list to its end, whatever page was asked for. */
export function inBatches(read: Read, { budget }: Model): Read {
  let whole = batches.get(read)
  if (!whole) {
    // Rows that are expanded come with each batch: as many of them as a page may have.
    const each = rowsWith(read.asked.expansions, 1)
    const limit = Math.max(1, Math.min(batch, Math.floor(budget.rows / Math.max(1, each))))
    const asked = { ...read.asked, limit, after: undefined, before: undefined, skip: undefined, count: undefined }
    whole = { ...read, asked, words: wordsOf(asked) }
    batches.set(read, whole)
  }
  return whole
}

/** What the statements of a selection depend on. */
export const wordsOf = ({ conditions, sort, fields, limit, expansions }: Selection): string =>
  [
    limit,
    orderWords(sort),
    fields.map((field) => field.name).join(),
    expansions.map(({ relation }) => relation.local.name).join(),
    formOf(conditions),
  ].join(' ')

export const targetsOf = ({ conditions, sort }: Selection): Model[] => [
  ...new Set([...sort.flatMap(({ via }) => via.map(({ target }) => target)), ...targetsIn(conditions)]),
]

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
