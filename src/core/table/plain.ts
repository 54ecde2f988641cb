import type { Column } from 'drizzle-orm'
import type { Dialect, Field } from '../ports/database.ts'
import { type Codec, codecOf, wireOf } from './codec.ts'

/**
 * The codec of a column of a plain drizzle table. Dates, moments and JSON have Kwik's wire form, in whichever mode
 * drizzle would give them; everything else is mapped by drizzle's own column.
 */
export function plainCodec(dialect: Dialect, field: Field, column: Column): Codec {
  const own = codecOf(dialect, field)
  if (dialect === 'postgresql') {
    const { withTimezone } = column as { readonly withTimezone?: unknown }
    // Without a zone the text would be read in the zone of this process.
    if (field.type === 'datetime')
      return withTimezone === false ? { ...own, read: (expression) => `(${expression} at time zone 'UTC')` } : own
    if (field.type === 'date' || column.dataType === 'json') return own
  }
  // What it keeps is an integer, a float or text: a driver's number would round an integer of more than 53 bits.
  const isLoose = column.columnType.startsWith('SQLiteNumeric')
  return {
    read: (expression) =>
      isLoose
        ? `case typeof(${expression}) when 'integer' then cast(${expression} as text) else ${expression} end`
        : expression,
    fromDriver: (value) => (value === null ? null : wireOf(column.mapFromDriverValue(value))),
    toDriver: (value) => (value === null ? null : column.mapToDriverValue(rowValueOf(column, value))),
  }
}

/** A value of the wire as drizzle's rows have it. */
function rowValueOf({ dataType }: Column, value: unknown): unknown {
  if (dataType === 'date') return new Date(value as string)
  return dataType === 'bigint' ? BigInt(value as string) : value
}
