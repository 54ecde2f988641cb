import type { TUnsafe } from '@sinclair/typebox'
import type { SQL } from 'drizzle-orm'
import type { Database, Dialect, TableLike } from '#core/ports/database'
import type { PythonWords } from './compat.types.ts'
import type { AnyDeclaration, RowScope } from './declare/declaration.ts'
import type { ShapeFacts } from './relations.types.ts'

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

/** What only the handler knows of the rows of a page. */
export interface More {
  /** Rows to choose from, beside filters and scope: `{ categoryId: params.id }`, or several that all hold. */
  readonly where?: RowScope | readonly RowScope[]
  /** The same, and for the rows of the same table that relations lead to. */
  readonly scope?: RowScope | readonly RowScope[]
  /** Rows that were marked as deleted, where the table has `t.softDelete()`. @default 'hidden' */
  readonly deleted?: 'hidden' | 'with' | 'only'
}

/** How rows leave in an export: as CSV (RFC 4180), or as a JSON object a line. */
export type ExportFormat = 'csv' | 'ndjson'

/** What only the handler knows of an export. */
export interface ExportOptions extends More {
  /** @default the app's own */
  readonly database?: Database
  /** Name of the file, without its ending. @default the table's */
  readonly name?: string
  /** Rows of one export: where more fit, it is refused before its first byte. @default what the route's hook says */
  readonly max?: number
  /** Begin CSV with a byte order mark, by which Excel knows UTF-8. @default what the request asks */
  readonly bom?: boolean
}

/** What the route of an export allows. */
export interface ExportRules<F extends ExportFormat = ExportFormat> {
  /** @default both */
  readonly formats?: readonly F[]
  /** Rows of one export: where more fit, it is refused before its first byte. @default as many as fit */
  readonly max?: number
}

/** The query of an export: that of the list without its pages. */
export type ExportQuery<Query, F extends ExportFormat = ExportFormat> = Omit<
  Query,
  'limit' | 'after' | 'before' | 'count' | keyof PythonWords<unknown, {}, string>
> & { format?: F; bom?: boolean }

/** One statement of a page, and how the database would run it. */
export interface Explained {
  readonly sql: string
  readonly parameters: readonly unknown[]
  readonly plan: readonly string[]
}

/** A list that was asked for: one request's filters, order, fields and place. */
export interface List<Row, Answer = Page<Row>> {
  /**
   * Reads the page and sets the answer's Link header (RFC 8288).
   * @param database the app's own when left out
   */
  page(database?: Database, more?: More): Promise<Answer>
  /** Filters and scope as drizzle's condition, for queries of your own; `undefined` when every row fits. */
  where(database?: { readonly dialect: Dialect }): SQL | undefined
  /** The order as drizzle's `orderBy` takes it: `.orderBy(...list.orderBy())`. */
  orderBy(database?: { readonly dialect: Dialect }): SQL[]
  /**
   * All rows that fit, in their order, however many: read in batches by their keys, so that no more than one is in memory.
   * `limit`, `after` and `before` are not looked at.
   */
  stream(database?: Database, more?: More): AsyncIterable<Row>
  /**
   * All rows that fit as a file, CSV or a JSON object a line, read in batches while the client takes them.
   * @param format what the request asks for when left out
   * @throws {ProblemError} KWIK_NOT_ACCEPTABLE, KWIK_EXPORT_TOO_LARGE, KWIK_QUERY_INVALID
   */
  export(format?: ExportFormat, options?: ExportOptions): Promise<Response>
  /** The statements of the page, and the database's plan for each. */
  explain(database?: Database): Promise<Explained[]>
}

/** What a hook hands to the handler: `list`, which methods of a controller see by `Ctx<typeof route>`. */
interface Handing<L> {
  readonly '~hands'?: { readonly list: L }
}

/** What a route needs to take the shape's parameters: spread it into the route's options. */
export interface ListHook<Query, L = List<unknown>> {
  readonly shape: AnyShape & Handing<L>
  /** Types clients and documents each parameter; the values are checked by the shape. */
  readonly query: TUnsafe<Query>
}

/** The same for a route that chooses rows and shows none: its filters, `where` and `q`. */
export interface FilterHook<Query> {
  readonly shape: FilterOnly & Handing<Pick<List<unknown>, 'where' | 'orderBy'>>
  readonly query: TUnsafe<Query>
}
export interface FilterOnly {
  readonly filterOnly: AnyShape
}

/** The same for a route that answers all rows as a file. */
export interface ExportHook<Query> {
  readonly shape: ExportOnly & Handing<Pick<List<unknown>, 'export'>>
  readonly query: TUnsafe<Query>
}
export interface ExportOnly {
  readonly exportOnly: AnyShape
  readonly rules: ExportRules
}

/** A list of rows that clients may filter, sort and page: made by `shape()`. */
export interface Shape<Row, Query, Facts extends ShapeFacts = any, Answer = Page<Row>> {
  readonly table: TableLike
  /** As it was given: other routes of the same rows hide the same fields and keep the same scope. */
  readonly declaration: AnyDeclaration
  readonly hook: ListHook<Query, List<Row, Answer>>
  /** The hook of a route that chooses rows with `where()` and shows no list: statistics, or a write to many rows. */
  readonly filterOnly: FilterHook<Facts['filters'] & Facts['reach'] & FilterWords>
  /**
   * The hook of a route that answers `list.export()`: filters, order and fields of the list, `format` and `bom`.
   * @param rules forms that are offered, and how many rows one export may have
   */
  exportHook<const F extends ExportFormat = ExportFormat>(rules?: ExportRules<F>): ExportHook<ExportQuery<Query, F>>
  readonly '~facts'?: Facts
  /**
   * The list that the request asks for. On a route with the hook its mistakes were refused before the handler.
   * @throws {ProblemError} KWIK_QUERY_INVALID, on a route without the hook and for requests that no app has seen
   */
  from(context: { readonly request: Request }): List<Row, Answer>
  /** Path and query of a list, for links and tests. */
  toUrl(path: string, query?: Query): string
}
/** What chooses rows beside filters. */
export interface FilterWords {
  where?: string
  /** Time zone of days, such as `Europe/Rome`. */
  tz?: string
  q?: string
}
export type AnyShape = Shape<any, any, any, any>
