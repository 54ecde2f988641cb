import type { Dialect, Field, TableLike } from '#core/ports/database'
import { codecOf, mappingOf } from '#core/table/codec'
import { plainCodec } from '#core/table/plain'
import { columnOf } from '../declare/plain-table.ts'
import { toEpoch } from '../query/instants.ts'

/** How a field is selected, bound and carried in a cursor on one database. */
export interface Storage {
  /** SQL that selects the column. */
  read(expression: string): string
  /** Driver value to wire value; `undefined` where they are the same. */
  readonly toWire: ((value: unknown) => unknown) | undefined
  /** Wire value of a filter to bound parameter. */
  bind(value: unknown): unknown
  /** The text of a selected value, as a cursor carries it, to bound parameter. */
  bindKey(text: string): unknown
}

const numeric: ReadonlySet<string> = new Set(['int', 'float', 'bool', 'datetime'])
const asIs = (value: unknown): unknown => value

export function storageOf(dialect: Dialect, table: TableLike, field: Field): Storage {
  const column = columnOf(table, field.name)
  const codec = column ? plainCodec(dialect, field, column) : codecOf(dialect, field)
  const type = field.type === 'ref' ? (field.keyType ?? 'uuid') : field.type
  const common = { read: codec.read, toWire: mappingOf(codec) }
  // Filters have microseconds, which a plain table may keep: they are not cut as written values are.
  if (dialect === 'postgresql')
    return { ...common, bind: type === 'datetime' ? asIs : codecOf(dialect, field).toDriver, bindKey: asIs }
  const perSecond = column?.mode === 'timestamp' ? 1000 : 1
  return {
    ...common,
    bind: type === 'datetime' ? (value) => toEpoch(value as string) / perSecond : codecOf(dialect, field).toDriver,
    bindKey: (text) => {
      if (type === 'bigint' || type === 'decimal') return BigInt(text)
      return numeric.has(type) ? Number(text) : text
    },
  }
}
