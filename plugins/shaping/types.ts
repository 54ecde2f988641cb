import type { TUnsafe } from '@sinclair/typebox'
import type { SQL } from 'drizzle-orm'
import type { Database, Dialect, TableLike } from '#core/ports/database'
import type { Principal, User } from '#core/scope'
import type { CountMode, FieldName, Operator, SortWord, Visible } from './row-types.ts'

/** What a page is, as it leaves. */
export interface Page<Row = Record<string, unknown>> {
  readonly data: Row[]
  readonly page: PageInfo
}
export interface PageInfo {
  /** Rows that a page may have. */
  readonly limit: number
  /** Cursor for `after`: absent on the last page. */
  readonly next?: string
  /** Cursor for `before`: absent on the first page. */
  readonly prev?: string
  /** Whether rows follow in the order of the list. */
  readonly hasMore: boolean
  readonly count?: { readonly value: number; readonly exact: boolean }
}

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
> {
  /** Fields to filter by: `true` for every operator of the type, or the operators. @default none */
  readonly filter?: F & Unfit<F, Visible<T, H>>
  /** Keys to sort by, the order without `sort`, and where NULLs stand in both directions. @default by primary key */
  readonly sort?: {
    readonly keys: readonly S[]
    /** @default primary key */
    readonly default?: SortWord<NoInfer<S>> | readonly SortWord<NoInfer<S>>[]
    /** @default 'last' */
    readonly nulls?: 'first' | 'last'
  }
  readonly fields?: {
    /** Fields of a row without `fields`. @default all that are not hidden */
    readonly default?: readonly D[]
    /** Fields that never leave, and can be neither filtered nor sorted by. */
    readonly hidden?: readonly H[]
    /** Fields that exist only for callers with a permission; for others they are unknown. */
    readonly permissions?: { readonly [K in FieldName<T>]?: string }
  }
  /** Which rows a caller may see at all; holds for the page, the count and `where()`. */
  scope?(context: ScopeContext): RowScope
  /** Rows of a page; more than `max` gives `max`. @default { default: 20, max: 100 } */
  readonly limit?: { readonly default?: number; readonly max?: number }
  /** Counts a client may ask for with `count=`. `exact` reads every row that fits: offer it with care. @default none */
  readonly count?: readonly C[]
  /** Foreign parameters that are neither refused nor put into links: `utm_*`. @default none */
  readonly ignore?: readonly string[]
}

/** A declaration whose table is not known to the compiler: what the work behind `shape()` reads. */
export interface AnyDeclaration {
  readonly filter?: { readonly [field: string]: true | readonly Operator[] | undefined }
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
  scope?(context: ScopeContext): RowScope
  readonly limit?: { readonly default?: number; readonly max?: number }
  readonly count?: readonly CountMode[]
  readonly ignore?: readonly string[]
}

/** A list that was asked for: one request's filters, order, fields and place. */
export interface List<Row> {
  /**
   * Reads the page and sets the answer's Link header (RFC 8288).
   * @param database the app's own when left out
   * @param more.where rows to choose from, beside filters and scope: `{ categoryId: params.id }`, or several that all hold
   */
  page(database?: Database, more?: { readonly where?: RowScope | readonly RowScope[] }): Promise<Page<Row>>
  /** Filters and scope as drizzle's condition, for queries of your own; `undefined` when every row fits. */
  where(database?: { readonly dialect: Dialect }): SQL | undefined
}

/** What a route needs to take the shape's parameters: spread it into the route's options. */
export interface ListHook<Query> {
  readonly shape: AnyShape
  /** Types clients and documents each parameter; the values are checked by the shape. */
  readonly query: TUnsafe<Query>
}

/** A list of rows that clients may filter, sort and page: made by `shape()`. */
export interface Shape<Row, Query> {
  readonly table: TableLike
  /** As it was given: other routes of the same rows hide the same fields and keep the same scope. */
  readonly declaration: AnyDeclaration
  readonly hook: ListHook<Query>
  /**
   * The list that the request asks for. On a route with the hook its mistakes were refused before the handler.
   * @throws {ProblemError} KWIK_QUERY_INVALID, on a route without the hook and for requests that no app has seen
   */
  from(context: { readonly request: Request }): List<Row>
  /** Path and query of a list, for links and tests. */
  toUrl(path: string, query?: Query): string
}
export type AnyShape = Shape<any, any>
