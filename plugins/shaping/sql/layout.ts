import type { Values } from '#core/ports/database'
import type { Storage } from './storage.ts'

/** What a statement selects, how its values become what leaves, and where the keys of a row are. */
export interface Layout {
  readonly columns: readonly string[]
  readonly rowOf: RowMaker
  /** Position of each term's key among the values of a row. */
  readonly keyAt: readonly number[]
  /** Position of the value that each expansion goes by. */
  readonly linkAt: readonly number[]
}

/** Makes of a row's values what leaves. */
export type RowMaker = (values: Values) => Record<string, unknown>

/**
 * Writes the object literal out: an object that is made name by name takes twice as long, and a list makes one a row.
 * Names are the table's own fields, as JSON texts.
 */
export function rowMaker(names: readonly string[], toWire: readonly Storage['toWire'][]): RowMaker {
  const parts = names.map(
    (name, at) => `${JSON.stringify(name)}: ${toWire[at] ? `toWire[${at}](values[${at}])` : `values[${at}]`}`,
  )
  return new Function('toWire', `return (values) => ({ ${parts.join(', ')} })`)(toWire) as RowMaker
}
