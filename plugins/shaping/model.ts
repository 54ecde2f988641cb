import type { Dialect, Field, TableLike } from '#core/ports/database'
import type { CountMode, Operator } from './row-types.ts'
import type { AnyDeclaration } from './types.ts'
import type { Reader } from './values.ts'

/** One filter parameter: `price[gte]`, or `price` for `eq`. */
export interface FilterParameter {
  readonly name: string
  readonly field: Field
  readonly operator: Operator
  readonly list: boolean
  readonly read: Reader
}

/** One key of an order. */
export interface SortTerm {
  readonly field: Field
  readonly descending: boolean
  readonly nullsLast: boolean
}

type Granted = ReadonlySet<string>

/** A declaration that was checked: everything a request is read against. */
export interface Model {
  readonly table: TableLike
  readonly name: string
  /** The database of a plain drizzle table; `undefined` for a definition, which has both forms. */
  readonly dialect: Dialect | undefined
  readonly all: Readonly<Record<string, Field>>
  /** Fields that may leave, in the order of the table. */
  readonly fields: ReadonlyMap<string, Field>
  readonly shown: readonly Field[]
  /** Every parameter that filters, by its exact name. */
  readonly filters: ReadonlyMap<string, FilterParameter>
  readonly sortable: ReadonlyMap<string, Field>
  readonly order: readonly SortTerm[]
  readonly nullsLast: boolean
  readonly primaryKey: readonly Field[]
  readonly limit: { readonly default: number; readonly max: number }
  readonly count: readonly CountMode[]
  readonly ignores: (parameter: string) => boolean
  /** Whether a caller with these permissions may know of the field. */
  readonly mayKnow: (field: Field, granted: Granted | undefined) => boolean
  /** Whether any field needs a permission. */
  readonly guarded: boolean
  /** Whether days can be asked for, and so `tz`. */
  readonly hasDays: boolean
  readonly scope: AnyDeclaration['scope']
  /** Hash of what cursors depend on beside order and filters. */
  readonly fingerprint: string
}

/** SQLite lets a primary key be declared without NOT NULL. */
export const isNullable = (field: Field): boolean => field.nullable && !field.primaryKey

/** Keys that a sort may have. */
export const maxSortKeys = 3
