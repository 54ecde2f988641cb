import type { Dialect, Field, TableLike } from '#core/ports/database'
import type { ResolvedCursorRules } from '../options.ts'
import type { Reader } from '../query/values.ts'
import type { CountMode, Operator } from '../row-types.ts'
import type { AnyDeclaration, Budget, RowScope, ScopeContext } from './declaration.ts'

/** One filter parameter: `price[gte]`, or `price` for `eq`. */
export interface FilterParameter {
  readonly name: string
  /** The name without the operator. */
  readonly key: string
  readonly field: Field
  readonly operator: Operator
  readonly list: boolean
  readonly read: Reader
  /** Where in a JSON field the value is. */
  readonly path?: readonly string[]
}

/** What rows can be sorted by: a field, here or over relations to one row. */
export interface SortKey {
  readonly name: string
  readonly via: readonly Relation[]
  readonly field: Field
}

/** One key of an order. */
export interface SortTerm extends SortKey {
  readonly descending: boolean
  readonly nullsLast: boolean
}

/** Rows of another table that belong to a row of this one. */
export interface Relation {
  readonly name: string
  readonly many: boolean
  /** The fields, here and there, that are equal. */
  readonly local: Field
  readonly foreign: Field
  readonly target: Model
  /** Rows shown for each row here. */
  readonly limit: { readonly default: number; readonly max: number }
  readonly filters: boolean
  readonly expands: boolean
  readonly mayKnow: (granted: Granted | undefined) => boolean
}

export type Granted = ReadonlySet<string>

/** How rows are searched with `q`. */
export interface Search {
  readonly fields: readonly Field[]
  readonly index: 'fts' | 'trgm' | 'scan'
}

/** A declaration that was checked: everything a request is read against. */
export interface Model {
  readonly table: TableLike
  readonly name: string
  readonly declaration: AnyDeclaration
  /** The database of a plain drizzle table; `undefined` for a definition, which has both forms. */
  readonly dialect: Dialect | undefined
  readonly all: Readonly<Record<string, Field>>
  /** Fields that may leave, in the order of the table. */
  readonly fields: ReadonlyMap<string, Field>
  readonly shown: readonly Field[]
  /** Every parameter that filters by the table's own fields, by its exact name. */
  readonly filters: ReadonlyMap<string, FilterParameter>
  readonly relations: ReadonlyMap<string, Relation>
  readonly sortable: ReadonlyMap<string, SortKey>
  readonly order: readonly SortTerm[]
  readonly nullsLast: boolean
  readonly primaryKey: readonly Field[]
  /** Whether a key may be of a field that not everybody sees: then nobody may read in a cursor. */
  readonly sealed: boolean
  readonly cursors: ResolvedCursorRules
  readonly limit: { readonly default: number; readonly max: number; readonly strict: boolean }
  /** What may be counted; a permission where one is needed. */
  readonly count: ReadonlyMap<CountMode, string | undefined>
  readonly search: Search | undefined
  readonly budget: Required<Budget>
  readonly ignores: (parameter: string) => boolean
  /** Whether a caller with these permissions may know of the field. */
  readonly mayKnow: (field: Field, granted: Granted | undefined) => boolean
  /** Permissions that fields, relations, counts and scopes name, here and where relations lead. */
  readonly permissions: readonly string[]
  /** Whether what a query means depends on the caller's permissions. */
  readonly guarded: boolean
  /** Whether days can be asked for, and so `tz`. */
  readonly hasDays: boolean
  /** What all must hold of a row that the caller may see; absent where everybody sees every one. */
  readonly scope: ((context: ScopeContext) => readonly RowScope[]) | undefined
  /** Whether everybody sees every row, and no relation leads to other tables. */
  readonly isOpen: boolean
  /** Marks rows that were deleted: they are not there. */
  readonly deletedAt: Field | undefined
  /** Hash of what cursors depend on beside order and filters. */
  readonly fingerprint: string
}

/** SQLite lets a primary key be declared without NOT NULL. */
export const isNullable = (field: Field): boolean => field.nullable && !field.primaryKey

/** Whether a key can be NULL: over a relation there may be no row. */
export const mayBeNull = ({ field, via }: SortKey): boolean => via.length > 0 || isNullable(field)

/** A field of the table itself as a key. */
export const keyTo = (field: Field): SortKey => ({ name: field.name, via: [], field })

/** Keys that a sort may have. */
export const maxSortKeys = 3
