import type { TUnsafe } from '@sinclair/typebox'
import type { SQL, Table } from 'drizzle-orm'
import type { Database, Dialect, FieldType, TableDefinition, TableLike } from '#core/ports/database'
import type { Principal, User } from '#core/scope'

/** Every operator of the query grammar. A bare key is `eq`. */
export type Operator =
  | 'eq'
  | 'ne'
  | 'in'
  | 'nin'
  | 'null'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'contains'
  | 'starts'
  | 'ends'
  | 'has'
  | 'hasAny'
  | 'hasAll'
  | 'empty'
  | 'on'

// Tuples, not unions: the compiler would show a union by its name instead of the words in it.
type Equality = ['eq', 'ne', 'in', 'nin']
type Ordered = [...Equality, 'gt', 'gte', 'lt', 'lte']
type Textual = [...Equality, 'contains', 'starts', 'ends']

/** Operators of each field type; runtime twin: `operatorsOf` in operators.ts. */
interface OperatorsByType {
  string: Textual
  text: Textual
  email: Textual
  url: Textual
  int: Ordered
  bigint: Ordered
  decimal: Ordered
  float: Ordered
  bool: ['eq', 'ne']
  date: Ordered
  datetime: [...Ordered, 'on']
  uuid: Equality
  enum: Equality
  ref: Equality
  file: []
  json: []
  list: ['has', 'hasAny', 'hasAll', 'empty']
}

export type RowOf<T> = T extends TableDefinition<string, infer Row> ? Row : T extends Table ? T['$inferSelect'] : never
export type FieldName<T> = keyof RowOf<T> & string
/** Fields that may leave. Written as `Extract` and `Exclude`, so that the compiler names them in its messages. */
export type Visible<T, H> = Exclude<Extract<keyof RowOf<T>, string>, H>
type Value<T, K> = K extends keyof RowOf<T> ? NonNullable<RowOf<T>[K]> : never
type IsNullable<T, K> = K extends keyof RowOf<T> ? (null extends RowOf<T>[K] ? true : false) : false

/** The field type where the table says it as a literal; else `unknown`, and the row's type decides. */
type TypeOf<T, K> = T extends { readonly fields: infer F }
  ? K extends keyof F
    ? F[K] extends { readonly type: infer Type extends FieldType }
      ? FieldType extends Type
        ? unknown
        : Type
      : unknown
    : unknown
  : unknown
/** drizzle's own name of a column's kind tells exact numbers and dates, which are strings in rows, from text. */
type ColumnKind<T, K> = T extends { readonly _: { readonly columns: infer C } }
  ? K extends keyof C
    ? C[K] extends { readonly _: { readonly columnType: infer Kind } }
      ? Kind
      : unknown
    : unknown
  : unknown
type StringOperators<V, Kind> = string extends V
  ? unknown extends Kind
    ? [...Textual, ...OperatorsByType['datetime']]
    : Kind extends `${string}Numeric` | `${string}Date${string}`
      ? Ordered
      : Kind extends `${string}Timestamp${string}`
        ? OperatorsByType['datetime']
        : Kind extends `${string}UUID`
          ? Equality
          : Textual
  : Equality
type OperatorsByValue<V, Kind> = [V] extends [boolean]
  ? OperatorsByType['bool']
  : [V] extends [number | bigint]
    ? Ordered
    : [V] extends [Date]
      ? OperatorsByType['datetime']
      : [V] extends [string]
        ? StringOperators<V, Kind>
        : [V] extends [readonly unknown[]]
          ? OperatorsByType['list']
          : []

/** The operators that a field can be filtered by. */
export type OperatorsOf<T, K> =
  | (TypeOf<T, K> extends infer Type extends FieldType
      ? OperatorsByType[Type][number]
      : OperatorsByValue<Value<T, K>, ColumnKind<T, K>>[number])
  | (IsNullable<T, K> extends true ? 'null' : never)

/** Which fields may be filtered, and how: `true` is every operator of the field's type. */
export type Filters<T> = { readonly [K in FieldName<T>]?: true | readonly Extract<OperatorsOf<T, K>, string>[] } & {
  readonly [other: string]: unknown
}

/** A value as clients write it in a query. */
type Written<V> = [V] extends [boolean]
  ? boolean
  : [V] extends [number]
    ? number
    : [V] extends [bigint]
      ? bigint | number | string
      : [V] extends [Date]
        ? Date | string
        : V extends readonly (infer Item)[]
          ? Written<Item>
          : V
type Operand<V, O> = O extends 'in' | 'nin' | 'hasAny' | 'hasAll'
  ? Written<V> | readonly Written<V>[]
  : O extends 'null' | 'empty'
    ? boolean
    : O extends 'contains' | 'starts' | 'ends' | 'on'
      ? string
      : Written<V>
type Allowed<T, K, Spec> = Spec extends readonly (infer O extends string)[] ? O : OperatorsOf<T, K>
type KeyOf<K extends string, O> = O extends 'eq' ? K : O extends string ? `${K}[${O}]` : never
type FilterKeys<T, F> = {
  [K in keyof F & string]: Allowed<T, K, F[K]> extends infer O
    ? O extends string
      ? { key: KeyOf<K, O>; value: Operand<Value<T, K>, O> }
      : never
    : never
}[keyof F & string]
type FilterInput<T, F> = { [P in FilterKeys<T, F> as P['key']]?: P['value'] }

export type SortWord<S extends string> = S | `-${S}`
type Several<W> = W | readonly W[]

/** How many rows there are: not asked by default, because it costs more than the page. */
export type CountMode = 'capped' | 'exact'

/** The query as clients write it: flat keys, so that every client is typed without a serializer of its own. */
export type QueryOf<T, F, S extends string, V extends string, C extends CountMode> = FilterInput<T, F> & {
  sort?: Several<SortWord<S>>
  fields?: Several<V>
  limit?: number
  /** Cursor of the row that the page comes after. */
  after?: string
  /** Cursor of the row that the page comes before; `end` is the last page. */
  before?: string
} & ([C] extends [never] ? {} : { count?: C })

type WireValue<V> = V extends Date | bigint
  ? string
  : V extends string | number | boolean | null
    ? V
    : V extends readonly (infer Item)[]
      ? WireValue<Item>[]
      : V
type Wire<T, K> = K extends keyof RowOf<T> ? WireValue<RowOf<T>[K]> : never
/** A row as it leaves: the default fields, and the others when `fields` asks for them. */
export type Listed<T, D extends string, V extends string> = { [K in D]: Wire<T, K> } & {
  [K in Exclude<V, D>]?: Wire<T, K>
}

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
export type RowScope = SQL | { readonly [field: string]: RowScopeValue | readonly RowScopeValue[] } | false | undefined
export type RowScopeValue = string | number | bigint | boolean | Date | null

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
export type AnyShape = Shape<any, any>
