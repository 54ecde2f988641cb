import { type Column, getTableColumns, SQL } from 'drizzle-orm'
import { didYouMean } from '#core/internal/spelling'
import type { Field, TableLike } from '#core/ports/database'
import { fieldsOf, isDefinition } from '#core/table/fields'
import type { AnyResourceOptions } from './options.ts'

/** A table as a resource uses it. */
export interface Model {
  readonly name: string
  readonly table: TableLike
  readonly fields: readonly Field[]
  readonly key: Field
  /** Fields that leave. */
  readonly readable: readonly Field[]
  /** Fields that clients write when they create a row, and when they change one. */
  readonly creatable: readonly Field[]
  readonly changeable: readonly Field[]
  /** Permission without which a field is unknown. */
  readonly guards: ReadonlyMap<string, string>
  /** Whether a delete only marks the row. */
  readonly deletedAt: Field | undefined
  readonly audited: boolean
}

type Guarded = {
  readonly hidden?: readonly string[]
  readonly permissions?: Readonly<Record<string, string | undefined>>
}

/** @throws {TypeError} for a table or fields that a resource cannot be made of, naming the resource */
export function modelOf(name: string, options: AnyResourceOptions, shown: Guarded): Model {
  const { table, fields: rules = {}, audit = true } = options
  const all = Object.values(fieldsOf(table)).map((field) => asServer(field, table))
  const names = all.map((field) => field.name)
  const keys = all.filter((field) => field.primaryKey)
  const [key] = keys
  if (key === undefined || keys.length > 1)
    throw new TypeError(`resource "${name}": the table needs one primary key, it has ${keys.length}`)
  for (const field of Object.keys(rules))
    if (!names.includes(field))
      throw new TypeError(`resource "${name}": fields: there is no field "${field}"${didYouMean(field, names)}`)
  const rule = (field: Field) => (rules as Record<string, { write?: 'create' | false }>)[field.name]?.write
  const hidden = new Set(shown.hidden ?? [])
  const isOpen = (field: Field) => field.server === undefined && !field.readonly && !field.hidden
  const creatable = all.filter((field) => isOpen(field) && rule(field) !== false)
  const writes = ({ only }: AnyResourceOptions): boolean => !only || only.some((one) => one !== 'list' && one !== 'get')
  // Its rows belong to another part of the app, which has rules for them: deleting goes around those too.
  if (writes(options) && all.some((field) => field.readonly) && !all.some(isOpen))
    throw new TypeError(`resource "${name}": clients write no field of its table: say only: ['list', 'get']`)
  return {
    name,
    table,
    fields: all,
    key,
    readable: all.filter((field) => !field.hidden && field.server !== 'deletedAt' && !hidden.has(field.name)),
    creatable,
    changeable: creatable.filter((field) => !field.primaryKey && rule(field) !== 'create'),
    guards: new Map(
      Object.entries(shown.permissions ?? {}).flatMap(([name, needed]) =>
        needed === undefined ? [] : [[name, needed]],
      ),
    ),
    deletedAt: all.find((field) => field.server === 'deletedAt'),
    audited: audit && all.some((field) => field.server === 'createdBy' || field.server === 'updatedBy'),
  }
}

const audit = new Set(['createdAt', 'updatedAt', 'createdBy', 'updatedBy', 'deletedAt', 'version'])

/** A plain drizzle table cannot say who writes a field: its name and its default do, as in the types. */
function asServer(field: Field, table: TableLike): Field {
  if (field.server !== undefined || isDefinition(table)) return field
  if (audit.has(field.name)) return { ...field, server: field.name as NonNullable<Field['server']> }
  return field.primaryKey && field.hasDefault ? { ...field, server: 'id' } : field
}

/** drizzle's column of a field on one database: it knows the defaults that are made by code. */
export function columnOf(model: Model, dialect: 'sqlite' | 'postgresql', field: Field): Column {
  const table = isDefinition(model.table) ? model.table.for({ dialect }) : model.table
  return getTableColumns(table)[field.name]!
}

/** What Kwik fills in when a create leaves a field out, as a row has it. */
export function madeDefault(column: Column): { readonly value: unknown } | undefined {
  const make = column.defaultFn
  if (make === undefined) return undefined
  const value: unknown = make()
  if (value instanceof SQL) throw new TypeError(`the default of ${column.name} is SQL: use .default() for that`)
  return { value }
}
