import type { TSchema } from '@sinclair/typebox'
import type { SQL } from 'drizzle-orm'
import type { TableLike } from '#core/ports/database'
import type { Principal, User } from '#core/scope'
import type { CursorRules } from '../options.ts'
import type { AnyRelation, RelatedSort, Relations } from '../relations.types.ts'
import type { CountMode, FieldName, Operator, SortWord, Visible } from '../row-types.ts'

/** Which rows a caller may see at all: fields and the values they must have, or drizzle's SQL; `false` is none, `undefined` all. */
export type RowScope =
  | SQL
  | { readonly [field: string]: RowScopeValue | readonly RowScopeValue[] | null }
  | false
  | undefined
export type RowScopeValue = string | number | bigint | boolean | Date

/** What a row scope may look at. */
export interface ScopeContext {
  /** `null` on a public route without a caller. */
  readonly user: User | null
  readonly principal: Principal | null
  readonly request: Request
  /** For which tenant it is; `undefined` where the app has none, or nobody named one. */
  readonly tenant: string | undefined
}

/** How much one query may ask for. What is over it is 400, except `ms`: 503. */
export interface Budget {
  /** Filters. @default 50 */
  readonly leaves?: number
  /** Conditions, `and`, `or` and `not` of a `where`. @default 100 */
  readonly nodes?: number
  /** Brackets in brackets of a `where`. @default 8 */
  readonly depth?: number
  /** Values of one list. @default 100 */
  readonly in?: number
  /** Relations in a row: `comments.author.name` is two. @default 2 */
  readonly hops?: number
  /** Relations that are expanded. @default 6 */
  readonly expand?: number
  /** Rows of a page with all rows that are expanded in it. @default 5000 */
  readonly rows?: number
  /** Milliseconds that PostgreSQL may take for one statement; SQLite cannot be stopped. @default 3000 */
  readonly ms?: number
}

/** How texts are looked for: an index that `kwik check --indexes` asks for, or `scan` where reading every row is meant. */
export type TextIndex = 'fts' | 'trgm' | 'scan'

/** A filter with more to say than its operators. */
export interface FilterRule<O extends string> {
  /** Operators. @default all of the type */
  readonly by?: readonly O[]
  /** Name of the parameter, where the field has the name of a word of the grammar. */
  readonly as?: string
  /**
   * The index that `kwik check --indexes` asks for: `trgm` for `contains`, `starts`, `ends`; `scan` says of any filter that it
   * shall have no index of its own.
   */
  readonly index?: 'trgm' | 'scan'
}

/** Values inside a JSON field that can be filtered by; made by `json()`. */
export interface JsonFilter<P extends JsonPaths = JsonPaths> {
  readonly paths: P
}
export interface JsonPaths {
  readonly [path: string]: TSchema | readonly [schema: TSchema, operators: readonly Operator[]]
}

/** Turns keys that are no (visible) field into an error that names the fields there are. */
type Unfit<F, Known extends string> = { readonly [K in Exclude<keyof F, Known>]: FilterOnlyBy<Known> }
export interface FilterOnlyBy<Known extends string> {
  readonly '~fields': Known
}

export interface Declaration<
  T extends TableLike,
  F,
  S extends string,
  D extends string,
  H extends string,
  C extends CountMode,
  R = {},
  E extends boolean = true,
  P extends 'python' = never,
> {
  /** Fields to filter by: `true` for every operator of the type, the operators, or a rule. @default none */
  readonly filter?: F & Unfit<F, Visible<T, H>>
  /** Rows of other tables, to filter, sort and expand by: `{ author: one(authorList, 'authorId') }`. @default none */
  readonly relations?: R & Relations<FieldName<T>>
  /** Keys to sort by, the order without `sort`, and where NULLs stand in both directions. @default by primary key */
  readonly sort?: {
    readonly keys: readonly (S & (Visible<T, never> | RelatedSort<R>))[]
    /** @default primary key */
    readonly default?: SortWord<NoInfer<S>> | readonly SortWord<NoInfer<S>>[]
    /** @default 'last' */
    readonly nulls?: 'first' | 'last'
  }
  readonly fields?: {
    /** Fields of a row without `fields`. @default all that are not hidden */
    readonly default?: readonly D[]
    /** Fields that never leave and cannot be filtered by. One that is a sort key or the primary key seals the list's cursors. */
    readonly hidden?: readonly H[]
    /** Fields that exist only for callers with a permission; for others they are unknown. */
    readonly permissions?: { readonly [K in FieldName<T>]?: string }
  }
  /** Fields that `q` looks for words in, and the index for it. @default no search */
  readonly search?: { readonly fields: readonly Visible<T, H>[]; readonly index: TextIndex }
  /** Which rows a caller may see at all; holds for the page, the count and `where()`, and where other lists lead here. */
  scope?(context: ScopeContext): RowScope | readonly RowScope[]
  /** Rows of a page; more than `max` gives `max`, or is refused where `strict`. @default { default: 20, max: 100 } */
  readonly limit?: { readonly default?: number; readonly max?: number; readonly strict?: boolean }
  /**
   * Counts a client may ask for with `count=`, or each with the permission it needs. `exact` reads every row that fits:
   * offer it with care. @default none
   */
  readonly count?: readonly C[] | { readonly [K in C]: true | string }
  /** How much one query may ask for. */
  readonly budget?: Budget
  /** Foreign parameters that are neither refused nor put into links: `utm_*`. @default none */
  readonly ignore?: readonly string[]
  /** How long cursors of this list hold, and for whom. @default the plugin's */
  readonly cursors?: CursorRules
  /** `false` answers the bare rows; counts are in the header Total-Count. @default true */
  readonly envelope?: E
  /** Sends an ETag of the page, and 304 to who has it. @default false */
  readonly etag?: boolean
  /**
   * `python` also takes the words of the Python Kwik: `skip`, `sorting`, `filter_key` and `value`. A query that has one of
   * them counts all rows for `total`. @default none
   */
  readonly compat?: P
}

/** A declaration whose table is not known to the compiler: what the work behind `shape()` reads. */
export interface AnyDeclaration {
  readonly filter?: { readonly [field: string]: AnyFilter | undefined }
  readonly relations?: { readonly [name: string]: AnyRelation }
  readonly sort?: {
    readonly keys: readonly string[]
    readonly default?: string | readonly string[]
    readonly nulls?: 'first' | 'last'
  }
  readonly fields?: {
    readonly default?: readonly string[]
    readonly hidden?: readonly string[]
    readonly permissions?: { readonly [field: string]: string | undefined }
  }
  readonly search?: { readonly fields: readonly string[]; readonly index: TextIndex }
  scope?(context: ScopeContext): RowScope | readonly RowScope[]
  readonly limit?: { readonly default?: number; readonly max?: number; readonly strict?: boolean }
  readonly count?: readonly CountMode[] | { readonly [mode: string]: true | string | undefined }
  readonly budget?: Budget
  readonly ignore?: readonly string[]
  readonly cursors?: CursorRules
  readonly envelope?: boolean
  readonly etag?: boolean
  readonly compat?: 'python'
}
export type AnyFilter = true | readonly Operator[] | FilterRule<Operator> | JsonFilter
