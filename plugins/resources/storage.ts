import type { Dialect, Field, Values } from '#core/ports/database'
import { type Codec, codecOf, mappingOf } from '#core/table/codec'
import { isDefinition, quote, quotedNameOf } from '#core/table/fields'
import { plainCodec } from '#core/table/plain'
import { columnOf, type Model, madeBy } from './model.ts'

/** How a resource's rows are read and written on one database. */
export interface Storage {
  readonly dialect: Dialect
  readonly table: string
  readonly key: string
  /** The key as it is selected: exact. */
  readonly readKey: string
  /** What a select or RETURNING lists: the readable columns. */
  readonly columns: string
  /** Makes a row of the wire from driver values in the order of `columns`. */
  readonly toRow: (values: Values) => Record<string, unknown>
  /** How some of the fields are read, whether they leave or not. */
  reading(fields: readonly Field[]): Pick<Storage, 'columns' | 'toRow'>
  /** Wire value to bound parameter. */
  bind(field: Field, value: unknown): unknown
  /** What Kwik fills in when a create leaves the field out, bound; `undefined` where it is the database that knows. */
  bindMade(field: Field): unknown
}

export function storageOf(model: Model, dialect: Dialect): Storage {
  const codecs = new Map(model.fields.map((field) => [field.name, codecFor(model, dialect, field)]))
  const codec = (field: Field): Codec => codecs.get(field.name)!
  const reading: Storage['reading'] = (fields) => ({
    columns: fields.map((field) => codec(field).read(quote(field.column))).join(', '),
    toRow: rowMaker(fields, codec),
  })
  const columns = model.fields.map((field) => [field, columnOf(model, dialect, field)] as const)
  const makers = new Map(columns.filter(([, column]) => column.defaultFn !== undefined))
  return {
    dialect,
    table: quotedNameOf(model.table),
    key: quote(model.key.column),
    readKey: codec(model.key).read(quote(model.key.column)),
    ...reading(model.readable),
    reading,
    bind: (field, value) => (value === null || value === undefined ? null : codec(field).toDriver(value)),
    bindMade: (field) => {
      const column = makers.get(field)
      if (column === undefined) return undefined
      const value = madeBy(column)
      return value === null || value === undefined ? null : column.mapToDriverValue(value)
    },
  }
}

function rowMaker(fields: readonly Field[], codec: (field: Field) => Codec): Storage['toRow'] {
  const names = fields.map((field) => field.name)
  const maps = fields.map((field) => mappingOf(codec(field)))
  return (values) => {
    const row: Record<string, unknown> = {}
    for (let i = 0; i < names.length; i++) {
      const map = maps[i]
      row[names[i]!] = map === undefined ? values[i] : map(values[i])
    }
    return row
  }
}

/** Kwik's own form for a table declared with `defineTable`; the wire's form of drizzle's for a plain table. */
const codecFor = (model: Model, dialect: Dialect, field: Field): Codec =>
  isDefinition(model.table) ? codecOf(dialect, field) : plainCodec(dialect, field, columnOf(model, dialect, field))
