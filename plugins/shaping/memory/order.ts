import type { SortTerm } from '../declare/model.ts'
import { type Comparable, comparableOf, compare } from './comparable.ts'
import type { Row, World } from './world.ts'

/** What a row is ordered by: a key for each term. */
export type Keys = readonly (Comparable | null)[]

/** Reads the keys of rows. Over a relation without a row there is none. */
export function keysOf(sort: readonly SortTerm[], world: World): (row: Row) => Keys {
  return (row) =>
    sort.map(({ via, field }) => {
      let at: Row | undefined = row
      for (const relation of via) at = at && world.over(relation, at)[0]
      return at === undefined ? null : comparableOf(field)(at[field.name])
    })
}

/** Compares keys in an order. NULLs stand at the same end in both directions. */
export function comparatorOf(sort: readonly SortTerm[]): (a: Keys, b: Keys) => number {
  return (a, b) => {
    for (const [at, { descending, nullsLast }] of sort.entries()) {
      const [x, y] = [a[at]!, b[at]!]
      if (x === null || y === null) {
        if (x !== y) return (x === null) === nullsLast ? 1 : -1
        continue
      }
      const order = compare(x, y)
      if (order !== 0) return descending ? -order : order
    }
    return 0
  }
}
