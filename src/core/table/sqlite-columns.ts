import { type SQL, sql } from 'drizzle-orm'
import {
  integer,
  numeric,
  real,
  type SQLiteColumnBuilderBase,
  SQLiteNumericBigInt,
  type SQLiteNumericBigIntBuilder,
  text,
} from 'drizzle-orm/sqlite-core'
import type { Field } from '../ports/database.ts'
import { codecOf, scaled, unscale, wireOf } from './codec.ts'

/**
 * A whole number of 64 bits. The driver gives numbers, which are exact up to 2^53 only: drizzle reads the columns of
 * this class as text, which is why it is the parent.
 */
class ExactInteger extends SQLiteNumericBigInt<never> {
  override getSQLType(): string {
    return 'integer'
  }
}

/** A decimal, kept as an integer that is scaled by 10^scale: exact, and it sorts and sums as a number. */
function decimalColumn(scale: number): typeof ExactInteger {
  return class ScaledInteger extends ExactInteger {
    override mapFromDriverValue = ((value: string) => unscale(String(value), scale)) as never
    override mapToDriverValue = ((value: string) => scaled(String(value), scale)) as never
  }
}

function exact(name: string, Column: typeof ExactInteger): SQLiteNumericBigIntBuilder<never> {
  const builder = numeric(name, { mode: 'bigint' }) as unknown as SQLiteNumericBigIntBuilder<never>
  return Object.assign(builder, {
    build: (table: never) => new Column(table, (builder as unknown as { config: never }).config),
  })
}

const bigintColumn = class BigInteger extends ExactInteger {
  override mapToDriverValue = ((value: bigint) => BigInt(value)) as never
}

/** drizzle's SQLite column of a field, without its constraints. */
export function sqliteColumn(field: Field): SQLiteColumnBuilderBase {
  const { column, keyType, scale = 0 } = field
  switch (field.type === 'ref' ? (keyType ?? 'uuid') : field.type) {
    case 'int':
      return integer(column)
    case 'bigint':
      return exact(column, bigintColumn)
    case 'decimal':
      return exact(column, decimalColumn(scale))
    case 'float':
      return real(column)
    case 'bool':
      return integer(column, { mode: 'boolean' })
    case 'datetime':
      return integer(column, { mode: 'timestamp_ms' })
    case 'json':
    case 'list':
      return text(column, { mode: 'json' })
    default:
      return text(column)
  }
}

/** The default of a column as SQL: the value as it is stored. */
export function sqliteDefault(field: Field, value: unknown): SQL {
  return sql.raw(literal(codecOf('sqlite', field).toDriver(wireOf(value))))
}

export function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}
