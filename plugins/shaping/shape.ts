import type { TUnsafe } from '@sinclair/typebox'
import type { SQL } from 'drizzle-orm'
import type { Database, Dialect, TableLike } from '#core/ports/database'
import type { CountMode, Declaration, Filters, Listed, Page, QueryOf, RowOf, RowScope, Visible } from './types.ts'

/** A list that was asked for: one request's filters, order, fields and place. */
export interface List<Row> {
  /**
   * Reads the page and sets the answer's Link header (RFC 8288).
   * @param database the app's own when left out
   * @param more.where rows to choose from, beside filters and scope: `{ categoryId: params.id }`
   */
  page(database?: Database, more?: { readonly where?: RowScope }): Promise<Page<Row>>
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
  readonly hook: ListHook<Query>
  /** The list that the request asks for. Mistakes were refused before the handler. */
  from(context: { readonly request: Request }): List<Row>
  /** Path and query of a list, for links and tests. */
  toUrl(path: string, query?: Query): string
}
// biome-ignore lint/suspicious/noExplicitAny: any rows, any query
export type AnyShape = Shape<any, any>

export declare function shape<
  const T extends TableLike,
  const F extends Filters<T> = {},
  const H extends Extract<keyof RowOf<T>, string> = never,
  const S extends Visible<T, H> = never,
  const D extends Visible<T, H> = Visible<T, H>,
  const C extends CountMode = never,
>(
  table: T,
  declaration: Declaration<T, F, S, D, H, C>,
): Shape<Listed<T, D, Visible<T, H>>, QueryOf<T, F, S, Visible<T, H>, C>>
