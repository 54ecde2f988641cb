import type { Dialect, Field } from '#core/ports/database'
import { quote, quotedNameOf } from '#core/table/fields'
import { indexName } from '#core/table/index-name'
import type { FilterParameter, Model, SortTerm } from '../declare/model.ts'
import { jsonPlace } from '../sql/json-place.ts'

/** One key of an index. */
export interface Key {
  /** What it is made of, as `create index` writes it. */
  readonly sql: string
  /** Its part in the index's name. */
  readonly name: string
  /** The column, where it is one and no expression. */
  readonly column: string | undefined
  readonly field: string
  /** What the database's plan calls it in the condition of an index. */
  readonly inPlan: string
  readonly descending: boolean
}

/** An index that would serve: some keys that are equal to something, in any order, then keys in theirs. */
export interface Wanted {
  readonly model: Model
  readonly equal: readonly Key[]
  readonly order: readonly Key[]
}

export const keyOf = (field: Field, descending = false): Key => ({
  sql: quote(field.column),
  name: field.column,
  column: field.column,
  field: field.name,
  inPlan: field.column,
  descending,
})

/** The key of a filter: its column, or a value inside of it. */
export function keyOfFilter(dialect: Dialect, { field, path }: FilterParameter): Key {
  if (path === undefined) return keyOf(field)
  const place = jsonPlace(dialect, quote(field.column), field.type, path)
  return {
    sql: place,
    name: [field.column, ...path].join('_').toLowerCase(),
    column: undefined,
    field: field.name,
    inPlan: dialect === 'postgresql' ? `'{${path.join(',')}}'` : '<expr>',
    descending: false,
  }
}

export const keysOfOrder = (order: readonly SortTerm[]): Key[] =>
  order.map(({ field, descending }) => keyOf(field, descending))

/** An index as far as it can be compared. */
export interface Shape {
  readonly keys: readonly Pick<Key, 'column' | 'descending'>[]
}

/** Whether an index has the keys that are wanted, in this order or in the contrary one. */
export function serves({ keys }: Shape, { equal, order }: Wanted): boolean {
  const first = keys.slice(0, equal.length)
  const rest = keys.slice(equal.length, equal.length + order.length)
  if (first.length < equal.length || rest.length < order.length) return false
  if (!equal.every((key) => key.column !== undefined && first.some((one) => one.column === key.column))) return false
  const turned = rest[0] !== undefined && rest[0].descending !== order[0]!.descending
  return rest.every(
    (key, at) =>
      key.column !== undefined &&
      key.column === order[at]!.column &&
      (key.descending !== order[at]!.descending) === turned,
  )
}

/** An index as it is to be made. */
export interface Proposed {
  readonly table: string
  readonly name: string
  readonly keys: readonly Key[]
  readonly statement: string
  /** The same for the third argument of `defineTable`, where that can say it. */
  readonly define: string | undefined
}

export function proposalOf({ model, equal, order }: Wanted): Proposed {
  // An index is read from either end: the usual direction is the shorter to write.
  const turn = order.length > 0 && order.every((key) => key.descending)
  const keys = [...equal, ...order.map((key) => ({ ...key, descending: !turn && key.descending }))]
  const name = indexName(
    model.name,
    keys.map((key) => (key.descending ? `${key.name}_desc` : key.name)),
  )
  const plain = keys.every((key) => key.column !== undefined && !key.descending)
  return {
    table: model.name,
    name,
    keys,
    statement: `create index ${quote(name)} on ${quotedNameOf(model.table)} (${keys.map((key) => `${key.sql}${key.descending ? ' desc' : ''}`).join(', ')})`,
    define: plain ? `t.index(${keys.map((key) => `'${key.field}'`).join(', ')})` : undefined,
  }
}

const sameKeys = (a: readonly Key[], b: readonly Key[]): boolean =>
  a.length <= b.length && a.every((key, at) => key.sql === b[at]!.sql && key.descending === b[at]!.descending)

/** The fewest indexes that serve all of them: one with more keys serves what wants its first ones. */
export function merged(wanted: readonly Wanted[]): Map<Wanted, Proposed> {
  const kept: Proposed[] = []
  const made = new Map<Wanted, Proposed>()
  const longest = [...wanted].sort((a, b) => b.equal.length + b.order.length - a.equal.length - a.order.length)
  for (const one of longest) {
    const own = proposalOf(one)
    let index = kept.find(
      (other) => other.table === own.table && (sameKeys(own.keys, other.keys) || serves(other, one)),
    )
    if (!index) {
      index = own
      kept.push(own)
    }
    made.set(one, index)
  }
  return made
}
