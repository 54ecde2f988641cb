import type { Static, TObject } from '@sinclair/typebox'
import type { Field, FieldType, TableDefinition } from '#core/ports/database'
import type { AnswerOf, PythonQuery } from '../compat.types.ts'
import type { AnyDeclaration, Declaration, RowScopeValue, ScopeContext } from '../declare/declaration.ts'
import type { RelatedSort, Relations, ShapeFacts } from '../relations.types.ts'
import type { CountMode, FieldName, Filters, Listed, QueryOf, RowOf, Visible } from '../row-types.ts'
import type { FactsOf } from '../shape.ts'
import type { ListHook, Page } from '../types.ts'

/** Rows in memory, or a function that answers them: it is asked once for each request. */
export type MemoryRows<Source> = readonly Source[] | (() => readonly Source[] | Promise<readonly Source[]>)

/** Which rows a caller may see: fields and the values they must have, or a test; `false` is none, `undefined` all. */
export type MemoryScope<Source> =
  | ((row: Source) => boolean)
  | { readonly [field: string]: RowScopeValue | readonly RowScopeValue[] | null }
  | false
  | undefined

/** What may be left out of an object is `null` in a list. */
type Whole<Static> = {
  [K in keyof Static]-?: undefined extends Static[K] ? Exclude<Static[K], undefined> | null : Static[K]
}
/** An object schema, as the table it stands for. */
export type MemoryTable<O extends TObject> = TableDefinition<string, Whole<Static<O>>> & {
  readonly fields: {
    readonly [K in keyof O['properties']]: Field & {
      readonly type: O['properties'][K] extends TObject ? 'json' : FieldType
    }
  }
}

type PropertyOf<O extends TObject> = Extract<keyof O['properties'], string>

/** The same words as of a table's list; what only a database has is not there. */
export interface MemoryDeclaration<
  O extends TObject,
  F,
  S extends string,
  D extends string,
  H extends string,
  C extends CountMode,
  R,
  E extends boolean,
  P extends 'python' = never,
> extends Omit<Declaration<MemoryTable<O>, F, S, D, H, C, R, E, P>, 'scope' | 'search'> {
  /** Name in messages, and in cursors. @default the schema's `$id`, or `rows` */
  readonly name?: string
  /** Fields that tell rows apart. @default 'id' */
  readonly key?: PropertyOf<O> | readonly PropertyOf<O>[]
  /** Fields that `q` looks for words in. @default no search */
  readonly search?: { readonly fields: readonly Visible<MemoryTable<O>, H>[]; readonly index?: 'scan' }
  /** Which rows a caller may see at all. */
  scope?(context: ScopeContext): MemoryScope<Static<O>> | readonly MemoryScope<Static<O>>[]
}

/** What only the handler knows of the rows. */
export interface MemoryMore<Source> {
  /** Rows to choose from, beside filters and scope. */
  readonly where?: MemoryScope<Source> | readonly MemoryScope<Source>[]
}

/** A list of rows in memory that was asked for. */
export interface MemoryList<Row, Answer = Page<Row>, Source = Row> {
  /** Makes the page and sets the answer's Link header (RFC 8288). */
  page(more?: MemoryMore<Source>): Promise<Answer>
  /** All rows that fit, in their order, as they leave. `limit`, `after` and `before` are not looked at. */
  all(more?: MemoryMore<Source>): Promise<Row[]>
}

/** A list of rows in memory that clients may filter, sort and page: made by `shape.memory()`. */
export interface MemoryShape<Row, Query, Facts extends ShapeFacts = any, Answer = Page<Row>, Source = Row> {
  readonly declaration: AnyDeclaration
  readonly hook: ListHook<Query, MemoryList<Row, Answer, Source>>
  readonly '~facts'?: Facts
  /**
   * The list that the request asks for. On a route with the hook its mistakes were refused before the handler.
   * @throws {ProblemError} KWIK_QUERY_INVALID, on a route without the hook and for requests that no app has seen
   */
  from(context: { readonly request: Request }): MemoryList<Row, Answer, Source>
  /**
   * The page of a query, without an app and for nobody: for tests and scripts.
   * @throws {ProblemError} KWIK_QUERY_INVALID
   */
  ask(query?: Query): Promise<Answer>
  /** Path and query of a list, for links and tests. */
  toUrl(path: string, query?: Query): string
}

/**
 * Declares a list of rows that are in memory: the same query, pages and cursors as of a table. From `kwik/shaping`.
 *
 * @param schema of a row: each property is a field, by its type and format
 * @param rows an array, or a function that answers one for each request
 * @throws {TypeError} for a declaration that cannot be right, naming field, place and what is allowed
 * @example
 * const Country = t.Object({ code: t.String(), name: t.String(), people: t.Integer() })
 * export const countryList = shape.memory(Country, countries, {
 *   key: 'code', filter: { name: ['contains'], people: true }, sort: { keys: ['name', 'people'], default: 'name' },
 * })
 * app.get('/countries', ({ request }) => countryList.from({ request }).page(), { ...countryList.hook, public: true })
 */
export type MakeMemoryShape = <
  const O extends TObject,
  const F extends Filters<MemoryTable<O>> = {},
  const H extends Extract<keyof RowOf<MemoryTable<O>>, string> = never,
  const R extends Relations<FieldName<MemoryTable<O>>> = {},
  const S extends Visible<MemoryTable<O>, never> | RelatedSort<R> = never,
  const D extends Visible<MemoryTable<O>, H> = Visible<MemoryTable<O>, H>,
  const C extends CountMode = never,
  const E extends boolean = true,
  const P extends 'python' = never,
>(
  schema: O,
  rows: MemoryRows<Static<O>>,
  declaration: MemoryDeclaration<O, F, S, D, H, C, R, E, P>,
) => MemoryShape<
  Listed<MemoryTable<O>, D, Visible<MemoryTable<O>, H>, R>,
  QueryOf<MemoryTable<O>, F, S, Visible<MemoryTable<O>, H>, C, R> & PythonQuery<P, MemoryTable<O>, F, S>,
  FactsOf<MemoryTable<O>, F, S, Visible<MemoryTable<O>, H>, R>,
  AnswerOf<Listed<MemoryTable<O>, D, Visible<MemoryTable<O>, H>, R>, E, P>,
  Static<O>
>
