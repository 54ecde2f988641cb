import type { Table } from 'drizzle-orm'
import { didYouMean } from '../internal/spelling.ts'
import type { Dialect, Field, TableDefinition, TableLike } from '../ports/database.ts'
import { columnOf, fieldOf } from './columns.ts'
import { buildPostgres, buildSqlite, type Plan } from './drizzle.ts'
import type { FieldSpec } from './field-builder.ts'
import { type FieldTypes, fieldTypes } from './field-types.ts'
import { fieldsOf, isDefinition, isDeletedAt, keyOf } from './fields.ts'
import type { DefinedTable, FieldMap, Together } from './types.ts'

export type { AnyField, FieldBuilder } from './field-builder.ts'
export type { AuditFields, FieldTypes, RefOptions } from './field-types.ts'
export type { DefinedTable, FieldMap, InsertOf, RowOf } from './types.ts'

/** Says which fields are unique together, or indexed together. */
export interface TogetherWords<K extends string> {
  unique(...fields: [K, K, ...K[]]): Together<K>
  index(...fields: [K, ...K[]]): Together<K>
}

/**
 * Declares a table once for SQLite and PostgreSQL. From `kwik/database`.
 *
 * @param name of the table in the database
 * @param fields the field types are handed over as `t`; a field is NOT NULL until it is said to be `nullable()`
 * @param together fields that are unique or indexed together
 * @throws {TypeError} for names that cannot be columns, naming the field
 * @example
 * const products = defineTable('products', (t) => ({
 *   id: t.id(),
 *   sku: t.string(40).unique(),
 *   price: t.decimal(10, 2).nullable(),
 *   status: t.enum('draft', 'live').default('draft'),
 *   categoryId: t.ref('categories', { onDelete: 'set null' }).nullable(),
 *   ...t.audit(),
 * }), (t) => [t.index('status', 'createdAt')])
 */
export function defineTable<const Name extends string, F extends FieldMap>(
  name: Name,
  fields: (t: FieldTypes) => F,
  together: (t: TogetherWords<keyof F & string>) => readonly Together<keyof F & string>[] = () => [],
): DefinedTable<Name, F> {
  checkName(name)
  const specs = Object.entries(fields(fieldTypes)).map(([field, builder]) => [field, builder.spec] as const)
  for (const [field, spec] of specs) checkField(name, field, spec)
  const groups = together({
    unique: (...all) => ({ kind: 'unique', fields: all }),
    index: (...all) => ({ kind: 'index', fields: all }),
  })
  const known = specs.map(([field]) => field)
  for (const field of groups.flatMap((group) => group.fields))
    if (!known.includes(field)) throw new TypeError(`${name} has no field "${field}"${didYouMean(field, known)}`)

  let described: Readonly<Record<string, Field>> | undefined
  const built: Partial<Record<Dialect, Table>> = {}
  const definition: TableDefinition = {
    name,
    // Read late: a reference may point at a table that is not there yet.
    get fields() {
      described ??= Object.fromEntries(specs.map(([field, spec]) => [field, describe(name, field, spec)]))
      return described
    },
    uniques: groups.filter((group) => group.kind === 'unique').map((group) => group.fields),
    for({ dialect }) {
      const plan: Plan = { name, fields: definition.fields, specs: Object.fromEntries(specs), together: groups }
      built[dialect] ??= dialect === 'sqlite' ? buildSqlite(plan) : buildPostgres(plan)
      return built[dialect]
    },
    get $inferSelect(): never {
      throw new TypeError('$inferSelect is a type: write `typeof table.$inferSelect`')
    },
    get $inferInsert(): never {
      throw new TypeError('$inferInsert is a type: write `typeof table.$inferInsert`')
    },
  }
  return definition as DefinedTable<Name, F>
}

function checkName(name: string): void {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name))
    throw new TypeError(`"${name}" cannot name a table: write lower case letters, digits and _, such as order_lines`)
}

function checkField(table: string, field: string, spec: FieldSpec): void {
  const column = columnOf(field)
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(column) || fieldOf(column) !== field)
    throw new TypeError(
      `${table}.${field} cannot name a field: write camelCase, such as ${fieldOf(column.replace(/^_+/, ''))}`,
    )
  if (field in Object.prototype)
    throw new TypeError(`${table}.${field} cannot name a field: every object of JavaScript has something of that name`)
  if (spec.onDelete === 'set null' && !spec.nullable)
    throw new TypeError(`${table}.${field} is set to NULL when its row is deleted: make it .nullable()`)
  if (spec.primaryKey && spec.nullable) throw new TypeError(`${table}.${field} is a primary key: it cannot be nullable`)
  if (spec.lowercase && !['string', 'text', 'email'].includes(spec.type))
    throw new TypeError(`${table}.${field} is of type ${spec.type}, which has no lower case`)
  if (spec.default && spec.values && spec.type === 'enum' && !spec.values.includes(String(spec.default.value)))
    throw new TypeError(`${table}.${field} has the default "${spec.default.value}", which is none of its values`)
}

const isSoft = (table: TableLike): boolean => Object.values(fieldsOf(table)).some(isDeletedAt)

function describe(table: string, name: string, spec: FieldSpec): Field {
  const { target, targetField = 'id', onDelete, default: filled, make, remake, ...rest } = spec
  const field: Field = {
    nullable: false,
    hasDefault: false,
    primaryKey: false,
    unique: false,
    ...rest,
    name,
    column: columnOf(name),
    ...(filled && { defaultValue: filled.value }),
  }
  if (target === undefined) return field
  const other = typeof target === 'function' ? target() : target
  const keyType = spec.keyType ?? 'uuid'
  if (typeof other !== 'string') {
    const real = keyOf(other, targetField)
    if (!real.primary && isSoft(other))
      throw new TypeError(
        `${table}.${name} points at ${real.table}.${targetField}, which rows that were deleted may have too: point at the key`,
      )
    if (real.type !== keyType)
      throw new TypeError(
        `${table}.${name} points at a key of type ${real.type}: write t.ref(..., { key: '${real.type}' })`,
      )
  }
  return {
    ...field,
    keyType,
    references: {
      table: typeof other === 'string' ? other : isDefinition(other) ? other.name : keyOf(other, targetField).table,
      field: targetField,
      ...(onDelete && { onDelete }),
    },
  }
}
