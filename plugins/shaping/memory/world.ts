import type { Field } from '#core/ports/database'
import type { Model, Relation } from '../declare/model.ts'
import { comparableOf } from './comparable.ts'

/** A row in memory, by the names of its fields: values as they are in code, or on the wire. */
export type Row = Readonly<Record<string, unknown>>

/** The rows that there are for one caller, and the ways between them. */
export class World {
  /** The rows of a table that the caller may see. */
  readonly rowsOf: (model: Model) => readonly Row[]
  private readonly indexes = new Map<Relation, ReadonlyMap<string, readonly Row[]>>()

  constructor(rowsOf: (model: Model) => readonly Row[]) {
    this.rowsOf = rowsOf
  }

  /** The rows that a relation leads to from a row. */
  over(relation: Relation, row: Row): readonly Row[] {
    const key = linkOf(relation.local, row)
    return key === undefined ? none : (this.index(relation).get(key) ?? none)
  }

  private index(relation: Relation): ReadonlyMap<string, readonly Row[]> {
    const known = this.indexes.get(relation)
    if (known) return known
    const index = new Map<string, Row[]>()
    for (const row of this.rowsOf(relation.target)) {
      const key = linkOf(relation.foreign, row)
      if (key === undefined) continue
      const group = index.get(key)
      if (group) group.push(row)
      else index.set(key, [row])
    }
    this.indexes.set(relation, index)
    return index
  }
}

const none: readonly Row[] = []

function linkOf(field: Field, row: Row): string | undefined {
  const link = comparableOf(field)(row[field.name])
  return link === null ? undefined : String(link)
}
