import type { Column } from 'drizzle-orm'
import type { Dialect, Field, Values } from '#core/ports/database'
import { type Codec, codecOf } from '#core/table/codec'
import { isDefinition } from '#core/table/fields'
import { columnOf, type Model } from './model.ts'

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** How a resource's rows are read and written on one database. */
export interface Storage {
  readonly dialect: Dialect
  readonly table: string
  readonly key: string
  /** What a select or RETURNING lists: the readable columns. */
  readonly columns: string
  /** Makes a row of the wire from driver values in the order of `columns`. */
  readonly toRow: (values: Values) => Record<string, unknown>
  /** Wire value to bound parameter. */
  bind(field: Field, value: unknown): unknown
  /** A value as drizzle's rows have it, a `Date` for example, to bound parameter. */
  bindRowValue(field: Field, value: unknown): unknown
}

export function storageOf(model: Model, dialect: Dialect): Storage {
  const codecs = new Map(model.fields.map((field) => [field.name, codecFor(model, dialect, field)]))
  const codec = (field: Field): Codec => codecs.get(field.name)!
  return {
    dialect,
    table: quote(model.tableName),
    key: quote(model.key.column),
    columns: model.readable.map((field) => codec(field).read(quote(field.column))).join(', '),
    toRow: rowMaker(model.readable, codec),
    bind: (field, value) => (value === null || value === undefined ? null : codec(field).toDriver(value)),
    bindRowValue: (field, value) =>
      value === null || value === undefined ? null : columnOf(model, dialect, field).mapToDriverValue(value),
  }
}

function rowMaker(fields: readonly Field[], codec: (field: Field) => Codec): Storage['toRow'] {
  const names = fields.map((field) => field.name)
  const maps = fields.map((field) => mapping(codec(field)))
  return (values) => {
    const row: Record<string, unknown> = {}
    for (let i = 0; i < names.length; i++) {
      const map = maps[i]
      row[names[i]!] = map === undefined ? values[i] : map(values[i])
    }
    return row
  }
}

/** A codec that answers its argument needs no call for each value. */
function mapping({ fromDriver }: Codec): Codec['fromDriver'] | undefined {
  const probe = {}
  try {
    // JSON reads texts and leaves values alone: both must come back as they were.
    return fromDriver(probe) === probe && fromDriver('x') === 'x' ? undefined : fromDriver
  } catch {
    return fromDriver
  }
}

/** Kwik's own form for a table declared with `defineTable`; drizzle's, column by column, for a plain table. */
function codecFor(model: Model, dialect: Dialect, field: Field): Codec {
  if (isDefinition(model.table)) return codecOf(dialect, field)
  const column = columnOf(model, dialect, field)
  return {
    read: (expression) => expression,
    fromDriver: (value) => (value === null ? null : wireOf(column.mapFromDriverValue(value))),
    toDriver: (value) => column.mapToDriverValue(rowValueOf(column, value)),
  }
}

/** The wire's form of a value of drizzle's rows. */
export function wireOf(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'bigint' ? String(value) : value
}

function rowValueOf(column: Column, value: unknown): unknown {
  if (column.dataType === 'date') return new Date(value as string)
  return column.dataType === 'bigint' ? BigInt(value as string) : value
}
