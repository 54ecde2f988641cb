import { type Column, getTableColumns, SQL } from 'drizzle-orm'
import { didYouMean } from '#core/internal/spelling'
import type { Field, TableLike } from '#core/ports/database'
import { fieldsOf, isDefinition, isDeletedAt } from '#core/table/fields'
import type { AnyResourceOptions } from './options.ts'
import type { FieldRule } from './types.ts'

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
  /** Permission without which a field that is known may not be written. */
  readonly locks: ReadonlyMap<string, string>
  /** Fields that are unique together, or alone. */
  readonly uniques: readonly (readonly Field[])[]
  readonly version: Field | undefined
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
  const rule = (field: Field) => (rules as Readonly<Record<string, FieldRule>>)[field.name]?.write
  const hidden = new Set(shown.hidden ?? [])
  if (hidden.has(key.name) || shown.permissions?.[key.name] !== undefined)
    throw new TypeError(
      `resource "${name}": "${key.name}" is the primary key, which stands in paths: everybody sees it`,
    )
  // Only an upload gives a file a name.
  const isOpen = (field: Field) =>
    field.server === undefined && !field.readonly && !field.hidden && field.type !== 'file'
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
    locks: new Map(
      all.flatMap((field) => {
        const word = rule(field)
        return typeof word === 'string' && word !== 'create' ? [[field.name, word]] : []
      }),
    ),
    uniques: uniquesOf(name, all, options),
    version: all.find((field) => field.server === 'version'),
    deletedAt: all.find(isDeletedAt),
    audited: audit && all.some((field) => field.server === 'createdBy' || field.server === 'updatedBy'),
  }
}

/** What the table says is unique; of a plain drizzle table, what `upsert` says beside that. */
function uniquesOf(name: string, all: readonly Field[], { table, upsert = [] }: AnyResourceOptions): Field[][] {
  const fieldNamed = (one: string): Field => {
    const field = all.find((each) => each.name === one)
    if (field) return field
    const names = all.map((each) => each.name)
    throw new TypeError(`resource "${name}": upsert: there is no field "${one}"${didYouMean(one, names)}`)
  }
  const alone = all.filter((field) => field.unique || field.primaryKey).map((field) => [field])
  const together = (isDefinition(table) ? (table.uniques ?? []) : []).map((group) => group.map(fieldNamed))
  const said = upsert.map((one) => [one].flat().map(fieldNamed))
  const known = [...alone, ...together]
  if (!isDefinition(table)) return [...known, ...said]
  for (const group of said)
    if (!known.some((one) => isSameSet(one, group)))
      throw new TypeError(`resource "${name}": upsert: ${notUnique(group.map((field) => field.name))}`)
  return known
}

const notUnique = (names: readonly string[]): string =>
  names.length === 1
    ? `${names[0]} is not unique: say .unique() in the table`
    : `${names.join(' and ')} together are not unique: say t.unique(${names.map((one) => `'${one}'`).join(', ')}) in the table's third argument`

export const isSameSet = (some: readonly Field[], others: readonly Field[]): boolean =>
  some.length === others.length && some.every((field) => others.includes(field))

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

/** The value that a column's default makes, as drizzle's rows have it. */
export function madeBy(column: Column): unknown {
  const value: unknown = column.defaultFn!()
  if (value instanceof SQL) throw new TypeError(`the default of ${column.name} is SQL: use .default() for that`)
  return value
}
