import { type SQL, sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  date,
  doublePrecision,
  integer,
  jsonb,
  numeric,
  type PgColumnBuilderBase,
  text,
  timestamp,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import type { Field } from '../ports/database.ts'
import { codecOf, wireOf } from './codec.ts'
import { literal } from './sqlite-columns.ts'

/** drizzle's PostgreSQL column of a field, without its constraints. */
export function postgresColumn(field: Field): PgColumnBuilderBase {
  const { column, keyType, maxLength, precision = 12, scale = 2 } = field
  switch (field.type === 'ref' ? (keyType ?? 'uuid') : field.type) {
    case 'int':
      return integer(column)
    case 'bigint':
      return bigint(column, { mode: 'bigint' })
    case 'decimal':
      return numeric(column, { precision, scale })
    case 'float':
      return doublePrecision(column)
    case 'bool':
      return boolean(column)
    case 'date':
      return date(column, { mode: 'string' })
    case 'datetime':
      // Milliseconds, as Date has them: a cursor that went over the wire finds its row again.
      return timestamp(column, { mode: 'date', withTimezone: true, precision: 3 })
    case 'uuid':
      return uuid(column)
    case 'json':
    case 'list':
      return jsonb(column)
    default:
      return maxLength === undefined ? text(column) : varchar(column, { length: maxLength })
  }
}

/** The default of a column as SQL. */
export function postgresDefault(field: Field, value: unknown): SQL {
  return sql.raw(literal(codecOf('postgresql', field).toDriver(wireOf(value))))
}
