import { type SQL, sql, type Table } from 'drizzle-orm'
import * as pg from 'drizzle-orm/pg-core'
import * as sqlite from 'drizzle-orm/sqlite-core'
import type { Field } from '../ports/database.ts'
import { lowercased } from './codec.ts'
import { columnOf } from './columns.ts'
import type { FieldSpec } from './field-builder.ts'
import { aliveOf, isDeletedAt } from './fields.ts'
import { indexName, short } from './index-name.ts'
import { postgresColumn, postgresDefault } from './postgres-columns.ts'
import { sqliteColumn, sqliteDefault } from './sqlite-columns.ts'
import type { Together } from './types.ts'

export interface Plan {
  readonly name: string
  readonly fields: Readonly<Record<string, Field>>
  readonly specs: Readonly<Record<string, FieldSpec>>
  readonly together: readonly Together[]
}

/** The words that drizzle's builders share. */
interface Column {
  build(table: never): object
  notNull(): Column
  primaryKey(): Column
  unique(name: string): Column
  default(value: SQL): Column
  $defaultFn(make: () => unknown): Column
  $onUpdateFn(make: () => unknown): Column
}
type ColumnsByField = Record<string, never>

export function buildSqlite(plan: Plan): Table {
  const columns = columnsOf(plan, sqliteColumn, sqliteDefault)
  return sqlite.sqliteTable(plan.name, columns, (self) => [
    ...indexesOf(plan).map(({ kind, name, fields, where }) => {
      const index = (kind === 'unique' ? sqlite.uniqueIndex(name) : sqlite.index(name)).on(...pick(self, fields))
      return where ? index.where(where) : index
    }),
    ...refsOf(plan).map(({ field, name, table, column, onDelete }) =>
      sqlite
        .foreignKey({
          name,
          columns: [self[field]!],
          foreignColumns: [sqlite.sqliteTable(table, { key: sqlite.text(column) }).key],
        })
        [onDelete ? 'onDelete' : 'onUpdate'](onDelete ?? 'no action'),
    ),
  ])
}

export function buildPostgres(plan: Plan): Table {
  const columns = columnsOf(plan, postgresColumn, postgresDefault)
  return pg.pgTable(plan.name, columns, (self) => [
    ...indexesOf(plan).map(({ kind, name, fields, where }) => {
      const index = (kind === 'unique' ? pg.uniqueIndex(name) : pg.index(name)).on(...pick(self, fields))
      return where ? index.where(where) : index
    }),
    ...refsOf(plan).map(({ field, name, table, column, onDelete }) =>
      pg
        .foreignKey({
          name,
          columns: [self[field] as never],
          foreignColumns: [pg.pgTable(table, { key: pg.text(column) }).key],
        })
        [onDelete ? 'onDelete' : 'onUpdate'](onDelete ?? 'no action'),
    ),
  ])
}

function columnsOf(
  { fields, specs }: Plan,
  columnFor: (field: Field) => unknown,
  defaultFor: (field: Field, value: unknown) => SQL,
): ColumnsByField {
  const columns: Record<string, unknown> = {}
  for (const field of Object.values(fields)) {
    const { make, remake, default: filled } = specs[field.name]!
    let column = columnFor(field) as Column
    if (field.lowercase) writesLowercase(column)
    if (field.primaryKey) column = column.primaryKey()
    if (!field.nullable) column = column.notNull()
    if (filled) column = column.default(defaultFor(field, filled.value))
    if (make) column = column.$defaultFn(make)
    if (remake) column = column.$onUpdateFn(remake)
    if (field.server === 'version') column = column.$onUpdateFn(() => sql`${sql.identifier(field.column)} + 1`)
    columns[field.name] = column
  }
  return columns as ColumnsByField
}

/** Inserts and conditions of drizzle's own builder keep the one spelling too. */
function writesLowercase(builder: Column): void {
  const { build } = builder
  builder.build = (table) =>
    Object.assign(build.call(builder, table), { mapToDriverValue: (value: unknown) => spelled(value) })
}
const spelled = (value: unknown): unknown => (typeof value === 'string' ? lowercased(value) : value)

const pick = (self: Readonly<Record<string, unknown>>, fields: readonly string[]): [never, ...never[]] =>
  fields.map((field) => self[field]) as [never, ...never[]]

/**
 * Unique fields are unique indexes on both databases, under names that carry the columns. Where deleted rows stay, only
 * those that are not deleted must differ.
 */
function indexesOf({ name, fields, together }: Plan): (Together & { readonly name: string; readonly where?: SQL })[] {
  const deletedAt = Object.values(fields).find(isDeletedAt)
  const alive = deletedAt && sql.raw(aliveOf(deletedAt))
  const single = Object.values(fields).flatMap((field): Together[] => {
    if (field.unique && !field.primaryKey) return [{ kind: 'unique', fields: [field.name] }]
    return field.index ? [{ kind: 'index', fields: [field.name] }] : []
  })
  return [...single, ...together].map((one) => ({
    ...one,
    name: indexName(name, one.fields.map(columnOf), one.kind),
    ...(alive && one.kind === 'unique' && { where: alive }),
  }))
}

function refsOf({ name, fields }: Plan) {
  return Object.values(fields).flatMap(({ name: field, column, references }) =>
    references
      ? [
          {
            field,
            name: short(`${name}_${column}_fk`),
            table: references.table,
            column: columnOf(references.field),
            onDelete: references.onDelete,
          },
        ]
      : [],
  )
}
