import type { Elysia } from 'elysia'
import type { Problem } from '#core/problem'
import type { Listed, Page, Visible } from '../shaping/index.ts'
import type { HistoryRoutes, HistoryService } from './history/types.ts'
import type { Caller, CreateOf, Operation, ReplaceOf, ResourceService, ResourceTypes, UpdateOf } from './types.ts'

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

interface Whole<R extends ResourceTypes> {
  list: Route<{ 200: Page<R['listed']> }, Refused | 400, { query: R['query'] }>
  create: Route<{ 201: R['row'] }, Refused | 400 | 409 | 422, { body: R['create'] }>
}
interface Single<R extends ResourceTypes> {
  get: Route<{ 200: R['row'] }, Refused | 404 | 422, Keyed>
  update: Route<{ 200: R['row'] }, Refused | 400 | 404 | 409 | 422, Keyed & { body: R['update'] }>
  replace: Route<{ 200: R['row'] }, Refused | 400 | 404 | 409 | 422, Keyed & { body: R['replace'] }>
  delete: Route<{ 204: void }, Refused | 404 | 409 | 422, Keyed>
}
interface Methods {
  list: 'get'
  create: 'post'
  get: 'get'
  update: 'patch'
  replace: 'put'
  delete: 'delete'
}
type Served<Routes, O extends Operation> = { [K in keyof Routes & O as Methods[K & Operation]]: Routes[K] }

/** The routes of a resource, by path and method. */
export type ResourceRoutes<Name extends string, O extends Operation, R extends ResourceTypes> = {
  [K in Name]: Served<Whole<R>, O> & { ':id': Served<Single<R>, O> }
}

/** A resource as an Elysia plugin, typed for Eden; with its service. */
export type Resource<Name extends string, O extends Operation, R extends ResourceTypes, H = false> = Elysia<
  '',
  { decorator: {}; store: {}; derive: {}; resolve: {} },
  { typebox: {}; error: {} },
  { schema: {}; standaloneSchema: {}; macro: {}; macroFn: {}; parser: {}; response: {} },
  ResourceRoutes<Name, O, R> & HistoryRoutes<Name, R, H>
> & { readonly service: ResourceService<R> & HistoryService<R, H> }

/** The types of a resource, put together from its table, its list and its rules. */
export type TypesOf<T, W, Row, ListedRow, Query> = {
  row: Row
  listed: ListedRow
  query: Query
  create: CreateOf<T, W>
  update: UpdateOf<T, W>
  replace: ReplaceOf<T, W>
  caller: Caller<T>
}
/** A row with every field that is not hidden. */
export type WholeRow<T, H> = Listed<T, Visible<T, H>, Visible<T, H>>
export type ShapeRow<L> = L extends { from(context: never): { page(...a: never[]): Promise<{ data: (infer Row)[] }> } }
  ? Row
  : never
export type ShapeQuery<L> = L extends { toUrl(path: string, query?: infer Query): string } ? NonNullable<Query> : never
