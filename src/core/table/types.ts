import type { SQLiteColumn, SQLiteTableWithColumns } from 'drizzle-orm/sqlite-core'
import type { Field, FieldType, TableDefinition } from '../ports/database.ts'
import type { AnyField } from './field-builder.ts'

export type FieldMap = Readonly<Record<string, AnyField>>

type TypeOf<F> = F extends { readonly '~type': infer T extends FieldType } ? T : never
type DataOf<F> = F extends { readonly '~data': infer D } ? D : never
type IsNullable<F> = F extends { readonly '~nullable': true } ? true : false
type MayMiss<F> = F extends { readonly '~nullable': true } | { readonly '~default': true } ? true : false
type Value<F> = IsNullable<F> extends true ? DataOf<F> | null : DataOf<F>
type Shown<T> = { [K in keyof T]: T[K] } & {}

/** What a select of the table gives. */
export type RowOf<F extends FieldMap> = { [K in keyof F]: Value<F[K]> }

/** What an insert takes: fields with a default or NULL may be left out. */
export type InsertOf<F extends FieldMap> = Shown<
  { [K in keyof F as MayMiss<F[K]> extends true ? never : K]: Value<F[K]> } & {
    [K in keyof F as MayMiss<F[K]> extends true ? K : never]?: Value<F[K]> | undefined
  }
>

type Kind<D> = D extends string
  ? 'string'
  : D extends number
    ? 'number'
    : D extends boolean
      ? 'boolean'
      : D extends bigint
        ? 'bigint'
        : D extends Date
          ? 'date'
          : 'json'

type ColumnOf<Name extends string, K extends string, F> = SQLiteColumn<
  {
    name: K
    tableName: Name
    dataType: Kind<DataOf<F>>
    columnType: string
    data: DataOf<F>
    driverParam: unknown
    notNull: IsNullable<F> extends true ? false : true
    hasDefault: F extends { readonly '~default': true } ? true : false
    isPrimaryKey: boolean
    isAutoincrement: false
    hasRuntimeDefault: boolean
    enumValues: undefined
    baseColumn: never
    identity: undefined
    generated: undefined
  },
  {},
  {}
>

/** drizzle's table, typed in its SQLite form for both databases. */
export type DrizzleOf<Name extends string, F extends FieldMap> = SQLiteTableWithColumns<{
  name: Name
  schema: undefined
  columns: { [K in keyof F & string]: ColumnOf<Name, K, F[K]> }
  dialect: 'sqlite'
}>

/** What `defineTable` answers: the definition with the exact types of its fields. */
export interface DefinedTable<Name extends string, F extends FieldMap>
  extends TableDefinition<Name, RowOf<F>, InsertOf<F>, DrizzleOf<Name, F>> {
  readonly fields: { readonly [K in keyof F]: Field & { readonly type: TypeOf<F[K]> } }
}

/** Fields of a row that belong together: made with the third argument of `defineTable`. */
export interface Together<K extends string = string> {
  readonly kind: 'unique' | 'index'
  readonly fields: readonly K[]
}
