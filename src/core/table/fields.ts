import { type Column, getTableColumns, getTableName, is, SQL, Table } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import type { Field, FieldType, TableDefinition, TableLike } from '../ports/database.ts'

/** Whether a table was declared with `defineTable`. */
export const isDefinition = (table: TableLike): table is TableDefinition => !is(table, Table)

/** Name of a table in the database. */
export const nameOf = (table: TableLike): string => (isDefinition(table) ? table.name : getTableName(table))

const described = new WeakMap<Table, Readonly<Record<string, Field>>>()

/** What is known of the fields of a table: of a definition, or read from a plain drizzle table. From `kwik/database`. */
export function fieldsOf(table: TableLike): Readonly<Record<string, Field>> {
  if (isDefinition(table)) return table.fields
  let fields = described.get(table)
  if (!fields) {
    fields = Object.fromEntries(
      Object.entries(getTableColumns(table)).map(([name, column]) => [name, fieldOfColumn(name, column)]),
    )
    described.set(table, fields)
  }
  return fields
}

/** Type of the field that a reference points at, with the table it is in. */
export function keyOf(
  table: TableLike,
  name: string,
): { readonly table: string; readonly type: FieldType; readonly primary: boolean } {
  const field = fieldsOf(table)[name]
  if (!field) throw new TypeError(`${nameOf(table)} has no field "${name}" for a reference to point at`)
  const type = field.type === 'ref' ? (field.keyType ?? 'uuid') : field.type
  return { table: nameOf(table), type, primary: field.primaryKey }
}

/** Whether a field says when its row was deleted, so that the row stays. */
export const isDeletedAt = (field: Field): boolean => field.server === 'deletedAt'

/** The condition of a row that was not deleted, as partial indexes have it: what a conflict is looked for in says the same. */
export const aliveOf = (deletedAt: Field): string => `${quote(deletedAt.column)} is null`

/** `"products"`, with the schema before it where the table has one. */
export function quotedNameOf(table: TableLike): string {
  const schema = is(table, PgTable) ? getTableConfig(table).schema : undefined
  return schema === undefined ? quote(nameOf(table)) : `${quote(schema)}.${quote(nameOf(table))}`
}

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A list's item as a field of its own. */
export const itemOf = ({ name, items = 'string', values }: Field): Field => ({
  name,
  column: name,
  type: items,
  nullable: false,
  hasDefault: false,
  primaryKey: false,
  unique: false,
  ...(values && { values }),
  ...(items === 'decimal' && { precision: 12, scale: 2 }),
})

type PlainColumn = Column & { length?: number; precision?: number; scale?: number; baseColumn?: Column }

/** Whole numbers that a column takes, where it is not those of 32 bits. */
const safe = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] as const
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  PgSmallInt: [-32_768, 32_767],
  PgSmallSerial: [-32_768, 32_767],
  PgBigInt53: safe,
  PgBigSerial53: safe,
  SQLiteInteger: safe,
}

function fieldOfColumn(name: string, column: Column): Field {
  const { length, precision, scale, baseColumn } = column as PlainColumn
  const items = baseColumn && typeOf(baseColumn)
  const range = ranges[column.columnType]
  return {
    name,
    column: column.name,
    type: typeOf(column),
    nullable: !column.notNull,
    hasDefault: column.hasDefault,
    primaryKey: column.primary,
    unique: column.isUnique,
    ...(column.enumValues && { values: column.enumValues }),
    ...(length !== undefined && { maxLength: length }),
    ...(precision !== undefined && { precision }),
    ...(scale !== undefined && { scale }),
    ...(items !== undefined && items !== 'json' && { items: items as NonNullable<Field['items']> }),
    ...(range && { range }),
    ...(column.default !== undefined && !is(column.default, SQL) && { defaultValue: column.default }),
  }
}

const byColumnType: Readonly<Record<string, FieldType>> = {
  PgUUID: 'uuid',
  PgInteger: 'int',
  PgSmallInt: 'int',
  PgSerial: 'int',
  PgSmallSerial: 'int',
  PgBigInt53: 'int',
  PgBigSerial53: 'int',
  PgNumeric: 'decimal',
  PgDate: 'date',
  PgDateString: 'date',
  PgTimestamp: 'datetime',
  PgTimestampString: 'datetime',
  SQLiteInteger: 'int',
  SQLiteNumeric: 'string',
}

function typeOf(column: Column): FieldType {
  if ((column.enumValues?.length ?? 0) > 0) return 'enum'
  const known = byColumnType[column.columnType]
  if (known) return known
  switch (column.dataType) {
    case 'number':
      return 'float'
    case 'bigint':
      return 'bigint'
    case 'boolean':
      return 'bool'
    case 'date':
      return 'datetime'
    case 'json':
    case 'array':
    case 'custom':
      return 'json'
    default:
      return 'text'
  }
}
