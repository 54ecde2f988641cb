import { Type } from '@sinclair/typebox'
import type { TableLike } from '#core/ports/database'
import type { AnyShape, Listed, QueryOf } from '../shaping/index.ts'
import { checkActions, runnerOf } from './actions.ts'
import { bulkOf } from './bulk.ts'
import { checksOf } from './checks.ts'
import { detailsOf } from './details.ts'
import { historyFor } from './history/history.ts'
import type { HistoryOptions } from './history/options.ts'
import { addHistoryRoute, historyService } from './history/routes.ts'
import type { HistoryRoutes, HistoryService } from './history/types.ts'
import { Inserts } from './inserts.ts'
import { keyOf } from './key.ts'
import { listOf } from './list.ts'
import { modelOf } from './model.ts'
import { namesOf } from './names.ts'
import { offeredBy } from './offers.ts'
import type {
  AnyResourceOptions,
  BulkOptions,
  CountMode,
  Filters,
  ResourceOfShape,
  ResourceOptions,
  RowOf,
  UpsertBy,
  Visible,
  WithActions,
} from './options.ts'
import { Reach } from './reach.ts'
import { wordsOf } from './route-words.ts'
import { routesOf } from './routes.ts'
import type {
  ByWord,
  Offered,
  Resource,
  ResourceRoutes,
  ServiceOf,
  ShapeQuery,
  ShapeRow,
  TypesOf,
  WholeRow,
} from './routes.types.ts'
import { schemasOf } from './schemas.ts'
import { type AnyService, serviceOf } from './service.ts'
import { Store } from './store.ts'
import { Turn } from './turn.ts'
import type { FieldRules, FiltersBy, Operation, SortsBy } from './types.ts'
import { upsertsOf } from './upserts.ts'
import { Watch } from './watch.ts'
import { workOf } from './writes.ts'

/**
 * Makes the whole resource of a table: list, get, create, update, replace and delete, as an Elysia plugin that Eden's
 * clients know, and as a service for jobs. From `kwik/resources`.
 *
 * @param name path and permissions: `products` is `/products` and `products:read`
 * @throws {TypeError} for options that cannot be right, naming the resource and what is allowed
 * @example
 * export const products = resource('products', {
 *   table,
 *   list: { filter: { price: ['gte', 'lte'], status: true }, sort: { keys: ['price'], default: '-price' } },
 *   fields: { sku: { write: 'create' } },
 * })
 * app.use(products)
 */
export function resource<
  const Name extends string,
  const T extends TableLike,
  L extends AnyShape,
  const W extends FieldRules<T> = {},
  const O extends Operation = Operation,
  const A extends boolean = true,
  const Y extends boolean | HistoryOptions = false,
  const U extends UpsertBy<T> = never,
  const K extends BulkOptions = never,
  AB = {},
  AA = {},
  const AO = {},
  Types extends TypesOf<T, W, WholeRow<T, never>, ShapeRow<L>, RuledQuery<T, L, W>, A> = TypesOf<
    T,
    W,
    WholeRow<T, never>,
    ShapeRow<L>,
    RuledQuery<T, L, W>,
    A
  >,
>(
  name: Name,
  options: ResourceOfShape<T, L, W, O, A, WholeRow<T, never>, U, K> &
    WithActions<AB, AA, AO, Types> & { readonly history?: Y },
): Resource<
  ResourceRoutes<Name, Offered<T, O, U, K>, Types, ByWord<U>, AB, AA, AO> & HistoryRoutes<Name, Types, Y>,
  ServiceOf<T, Types, AB, AA, AO> & HistoryService<Types, Y>
>
export function resource<
  const Name extends string,
  const T extends TableLike,
  const F extends Filters<T> = {},
  const H extends Extract<keyof RowOf<T>, string> = never,
  const S extends Visible<T, H> = never,
  const D extends Visible<T, H> = Visible<T, H>,
  const C extends CountMode = never,
  const W extends FieldRules<T> = {},
  const O extends Operation = Operation,
  const A extends boolean = true,
  const Y extends boolean | HistoryOptions = false,
  const U extends UpsertBy<T> = never,
  const K extends BulkOptions = never,
  AB = {},
  AA = {},
  const AO = {},
>(
  name: Name,
  options: ResourceOptions<T, F, H, S, D, C, W, O, A, WholeRow<T, H>, U, K> &
    WithActions<AB, AA, AO, TypesHere<T, F, H, S, D, C, W, A>> & { readonly history?: Y },
): Resource<
  ResourceRoutes<Name, Offered<T, O, U, K>, TypesHere<T, F, H, S, D, C, W, A>, ByWord<U>, AB, AA, AO> &
    HistoryRoutes<Name, TypesHere<T, F, H, S, D, C, W, A>, Y>,
  ServiceOf<T, TypesHere<T, F, H, S, D, C, W, A>, AB, AA, AO> & HistoryService<TypesHere<T, F, H, S, D, C, W, A>, Y>
>
export function resource(name: string, given: object): object {
  const options = given as AnyResourceOptions
  const { actions = {} } = options
  const names = namesOf(name, options.singular)
  checkActions(names, actions)
  const [shape, declared] = listOf(options)
  const model = modelOf(name, options, declared.fields ?? {})
  const schemas = schemasOf(model, options, names.singular, declared.fields?.default)
  const checks = checksOf(model)
  const reach = new Reach(model, options.scope, declared.scope)
  const [store, inserts, key] = [new Store(reach), new Inserts(reach), keyOf(model.key)]
  const history = historyFor(model, options)
  const watch = new Watch(model, history ? [history.watcher] : [])
  const turn = new Turn({ store, checks, hooks: options.hooks ?? {}, watch, word: names.word })
  const work = workOf(turn, inserts)
  const upserts = upsertsOf(turn, inserts)
  const bulk = bulkOf({ turn, work, inserts, key, items: schemas.items })
  const run = runnerOf(turn, () => service as never)
  const service: AnyService = serviceOf({
    path: names.path,
    shape,
    reach,
    work,
    upserts,
    bulk,
    run,
    actions,
    key,
    checks,
    schemas,
  })
  const words = wordsOf(model, options, detailsOf(names, schemas, model, options))
  const offered = offeredBy(model, options)
  const app = routesOf({ names, options, offered, model, shape, reach, work, upserts, bulk, run, key, schemas, words })
  if (!history) return Object.assign(app, { service })
  const params = Type.Object({ id: key.schema })
  const route = { ...history, model, names, key, params, page: history.pages({ store, checks, word: names.word }) }
  addHistoryRoute(app, route, options)
  return Object.assign(app, { service: { ...service, history: historyService(route) } })
}

type RuledQuery<T, L, W> = ShapeQuery<L, QueryOf<T, FiltersBy<W>, never, never, never>, W>
type TypesHere<
  T,
  F,
  H extends Extract<keyof RowOf<T>, string>,
  S extends string,
  D extends string,
  C extends CountMode,
  W,
  A,
> = TypesOf<
  T,
  W,
  WholeRow<T, H>,
  Listed<T, D, Visible<T, H>>,
  QueryOf<T, F & FiltersBy<W>, S | SortsBy<W>, Visible<T, H>, C>,
  A
>
