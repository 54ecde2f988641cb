import { type Column, getTableColumns, is, type Table } from 'drizzle-orm'
import { PgTable, getTableConfig as pgConfig } from 'drizzle-orm/pg-core'
import { type SQLiteTable, getTableConfig as sqliteConfig } from 'drizzle-orm/sqlite-core'
import type { Dialect, TableLike } from '#core/ports/database'
import { isDefinition } from '#core/table/fields'

/** What only drizzle's own column knows, where the table is a plain drizzle table. */
export type PlainColumn = Column & { readonly mode?: unknown }

export const columnOf = (table: TableLike, field: string): PlainColumn | undefined =>
  isDefinition(table) ? undefined : getTableColumns(table)[field]

/** The one database that a plain drizzle table is for. */
export const dialectOf = (table: TableLike): Dialect | undefined =>
  isDefinition(table) ? undefined : is(table, PgTable) ? 'postgresql' : 'sqlite'

/** Names of the columns of a key that the table declares as a whole: `primaryKey({ columns })`. */
export function compositeKeyOf(table: Table): readonly string[] {
  const { primaryKeys } = is(table, PgTable) ? pgConfig(table) : sqliteConfig(table as SQLiteTable)
  return primaryKeys.flatMap((key) => key.columns.map((column) => column.name))
}
