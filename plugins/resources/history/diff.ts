import type { Field } from '#core/ports/database'
import type { Row } from '../store.ts'
import type { RowChange } from '../watch.ts'
import type { FieldChange, Redacted } from './table.ts'

const redacted: Redacted = '[redacted]'

/** What the entry says itself, in its own fields. */
const said: ReadonlySet<Field['server']> = new Set([
  'id',
  'createdAt',
  'updatedAt',
  'createdBy',
  'updatedBy',
  'version',
])

/** Fields whose change is kept. */
export const comparedOf = (fields: readonly Field[]): readonly Field[] =>
  fields.filter((field) => !field.primaryKey && !said.has(field.server))

/** What a write did to the fields of a row; `undefined` when it did nothing. A row that is made comes from nothing, one that goes becomes nothing. */
export function changesOf(
  { before, after }: RowChange,
  fields: readonly Field[],
  hides: ReadonlySet<string>,
): Record<string, FieldChange> | undefined {
  const changes: Record<string, FieldChange> = {}
  for (const { name } of fields) {
    const [from, to] = [valueIn(before, name), valueIn(after, name)]
    if (JSON.stringify(from) === JSON.stringify(to)) continue
    changes[name] = hides.has(name) ? { from: redacted, to: redacted } : { from, to }
  }
  // Of a row that came or went is known that it did, whatever it held.
  const isSame = before !== undefined && after !== undefined && Object.keys(changes).length === 0
  return isSame ? undefined : changes
}

const valueIn = (row: Row | undefined, name: string): unknown => row?.[name] ?? null
