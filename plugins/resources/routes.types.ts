import type { Elysia, RouteBase } from 'elysia'
import type { Problem } from '#core/problem'
import type { AnswerOf, CountMode, Listed, PythonQuery, QueryOf, RowOf, SortWord, Visible } from '../shaping/index.ts'
import type { ActionAnswer, ActionCalls, ActionNames, ActionPart, BodyOf } from './actions.types.ts'
import type { BulkKey, BulkUpdate, Outcome, ResourceService, SoftService } from './service.types.ts'
import type {
  Caller,
  CreateOf,
  FiltersBy,
  IsSoft,
  Operation,
  ReplaceOf,
  ResourceTypes,
  SortsBy,
  UpdateOf,
} from './types.ts'

/** One route as Eden's clients see it. */
interface Route<Answer, Refusals extends number, Rest extends object = {}> {
  body: Rest extends { body: infer B } ? B : unknown
  params: Rest extends { params: infer P } ? P : {}
  query: Rest extends { query: infer Q } ? Q : unknown
  headers: unknown
  response: Answer & { [Status in Refusals]: Problem }
}
interface Keyed {
  params: { id: string }
}
type Refused = 401 | 403 | 429
/** What a write of one row may be refused with beside that: its version, or that of another. */
type Stale = 404 | 412 | 422 | 428

interface Whole<R extends ResourceTypes, By extends string> {
  list: Route<{ 200: R['page'] }, Refused | 400, { query: R['query'] }>
  create: Route<{ 201: R['row'] }, Refused | 400 | 409 | 422, { body: R['create'] }>
  upsert: Route<
    { 200: R['row']; 201: R['row'] },
    Refused | 400 | 409 | 412 | 422 | 428,
    { body: R['create']; query: { by: By } }
  >
}
interface Single<R extends ResourceTypes> {
  get: Route<{ 200: R['row']; 304: void }, Refused | 404 | 422, Keyed>
  update: Route<{ 200: R['row'] }, Refused | 400 | 409 | Stale, Keyed & { body: R['update'] }>
  replace: Route<{ 200: R['row'] }, Refused | 400 | 409 | Stale, Keyed & { body: R['replace'] }>
  delete: Route<{ 204: void }, Refused | 409 | Stale, Keyed>
}
interface Items<Item> {
  body: { items: readonly Item[] }
  query: { mode?: 'atomic' | 'each' }
}
/** No interface: Eden takes none for statuses. */
type Outcomes<R extends ResourceTypes> = { 207: { data: Outcome<R['row']>[] } }
type RefusedMany = Refused | 400 | 404 | 409 | 412 | 413 | 422
interface Many<R extends ResourceTypes> {
  bulkCreate: Route<Outcomes<R> & { 201: { data: R['row'][] } }, RefusedMany, Items<R['create']>>
  bulkUpdate: Route<Outcomes<R> & { 200: { data: R['row'][] } }, RefusedMany, Items<BulkUpdate<R>>>
  bulkDelete: Route<Outcomes<R> & { 204: void }, RefusedMany, Items<BulkKey>>
}
interface Deleted<R extends ResourceTypes> {
  deleted: Route<{ 200: R['page'] }, Refused | 400, { query: R['query'] }>
}
interface Restored<R extends ResourceTypes> {
  restore: Route<{ 200: R['row'] }, Refused | 409 | Stale, Keyed>
}
interface Purged {
  purge: Route<{ 204: void }, Refused | 409 | Stale, Keyed>
}
interface Methods {
  list: 'get'
  create: 'post'
  upsert: 'put'
  get: 'get'
  update: 'patch'
  replace: 'put'
  delete: 'delete'
  bulkCreate: 'post'
  bulkUpdate: 'patch'
  bulkDelete: 'delete'
  deleted: 'get'
  restore: 'post'
  purge: 'delete'
}
type Served<Routes, O extends Operation> = { [K in keyof Routes & O as Methods[K & Operation]]: Routes[K] }
/** A part of the path, where something is served below it. */
type Below<Path extends string, Routes, O extends Operation> = [keyof Routes & O] extends [never]
  ? {}
  : { [P in Path]: Served<Routes, O> }

/** What can be served: bulk and upsert need their option, the deleted rows a table that keeps them. */
export type Offered<T, O extends Operation, U, K> = Extract<
  O,
  | 'list'
  | 'get'
  | 'create'
  | 'update'
  | 'replace'
  | 'delete'
  | ([U] extends [never] ? never : 'upsert')
  | ([K] extends [never] ? never : 'bulkCreate' | 'bulkUpdate' | 'bulkDelete')
  | (IsSoft<T> extends true ? 'deleted' | 'restore' | 'purge' : never)
>

/** How `?by=` names unique fields: `sku`, or `shopId,sku`. */
export type ByWord<U> = U extends readonly (infer One)[] ? (One extends string ? One : Joined<One>) : never
type Joined<F> = F extends readonly [infer First extends string, ...infer Rest]
  ? Rest extends readonly []
    ? First
    : `${First},${Joined<Rest>}`
  : never

type ActionRoute<B, A, O, K, R extends ResourceTypes, Rest extends object> = {
  post: Route<
    ActionAnswer<ActionPart<A, K>, ActionPart<O, K>, R>,
    Refused | 400 | 404 | 409 | 412 | 422,
    Rest & { body: BodyOf<ActionPart<B, K>> }
  >
}

/** The routes of a resource, by path and method. */
export type ResourceRoutes<
  Name extends string,
  O extends Operation,
  R extends ResourceTypes,
  By extends string = never,
  B = {},
  A = {},
  On = {},
> = {
  [N in Name]: Served<Whole<R, By>, O> &
    Below<'bulk', Many<R>, O> &
    Below<'deleted', Deleted<R>, O> & {
      [K in ActionNames<B, On, 'collection'>]: ActionRoute<B, A, On, K, R, {}>
    } & {
      ':id': Served<Single<R>, O> &
        Below<'restore', Restored<R>, O> &
        Below<'purge', Purged, O> & {
          [K in ActionNames<B, On, 'row'>]: ActionRoute<B, A, On, K, R, Keyed>
        }
    }
}

/** The service of a resource: what its table and its actions add to that of every resource. */
export type ServiceOf<T, R extends ResourceTypes, B, A, On> = ResourceService<R> &
  (IsSoft<T> extends true ? SoftService<R> : {}) & { readonly actions: ActionCalls<B, A, On, R> }

/** A resource as an Elysia plugin, typed for Eden; with its service. */
export type Resource<Routes extends RouteBase, Service> = Elysia<
  '',
  { decorator: {}; store: {}; derive: {}; resolve: {} },
  { typebox: {}; error: {} },
  { schema: {}; standaloneSchema: {}; macro: {}; macroFn: {}; parser: {}; response: {} },
  Routes
> & { readonly service: Service }

/** The types of a resource, put together from its table, its list and its rules. */
export type TypesOf<T, W, Row, ListedRow, Answer, Query, Audit> = {
  row: Row
  listed: ListedRow
  page: Answer
  query: Query
  create: CreateOf<T, W>
  update: UpdateOf<T, W>
  replace: ReplaceOf<T, W>
  caller: Caller<T, Audit>
}
/** A row with every field that is not hidden. */
export type WholeRow<T, H> = Listed<T, Exclude<Visible<T, H>, 'deletedAt'>, Exclude<Visible<T, H>, 'deletedAt'>>
/** What a list answers that is a shape: a page, or bare rows. */
export type ShapePage<L> = L extends { from(context: never): { page(...a: never[]): Promise<infer Answer> } }
  ? Answer
  : never
type RowIn<Answer> = Answer extends { data: (infer Row)[] } | (infer Row)[] ? Row : never
/** The types of a resource whose list is a shape. */
export type TypesOfShape<T, L, W, A> = TypesOf<
  T,
  W,
  WholeRow<T, never>,
  RowIn<ShapePage<L>>,
  ShapePage<L>,
  RuledQuery<T, L, W>,
  A
>
type QueryIn<L> = L extends { toUrl(path: string, query?: infer Query): string } ? NonNullable<Query> : never
/** The query of a list that is a shape, and of what the rules of fields add to it. */
export type ShapeQuery<L, Added, W> = [SortsBy<W>] extends [never]
  ? QueryIn<L> & Added
  : Omit<QueryIn<L>, 'sort'> & Added & { sort?: Several<SortIn<QueryIn<L>> | SortWord<SortsBy<W>>> }
type SortIn<Q> = Q extends { sort?: infer S } ? Extract<S, string> : never
type Several<Word> = Word | readonly Word[]

/** The query of a resource whose list is a shape. */
export type RuledQuery<T, L, W> = ShapeQuery<L, AddedFilters<T, W>, W>
/** What the rules of fields let clients filter by: the other words of a query are the shape's own. */
type AddedFilters<T, W> = Omit<QueryOf<T, FiltersBy<W>, never, never, never>, keyof QueryOf<T, {}, never, never, never>>
/** The types of a resource whose list is declared in place. */
export type TypesHere<
  T,
  F,
  H extends Extract<keyof RowOf<T>, string>,
  S extends string,
  D extends string,
  C extends CountMode,
  R,
  E extends boolean,
  W,
  A,
  P extends 'python' = never,
> = TypesOf<
  T,
  W,
  WholeRow<T, H>,
  Listed<T, D, Visible<T, H>, R>,
  AnswerOf<Listed<T, D, Visible<T, H>, R>, E, P>,
  QueryOf<T, F & FiltersBy<W>, S | SortsBy<W>, Visible<T, H>, C, R> &
    PythonQuery<P, T, F & FiltersBy<W>, S | SortsBy<W>>,
  A
>
