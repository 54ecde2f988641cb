import { type AnyElysia, Elysia } from 'elysia'
import type { TableLike } from '#core/ports/database'
import type { AnyShape } from '../shaping/index.ts'
import type { FileField, FileRoutes, FileService } from './files/types.ts'
import type { HistoryOptions } from './history/options.ts'
import type { HistoryRoutes, HistoryService } from './history/types.ts'
import type {
  Additional,
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
import { partsOf } from './parts.ts'
import { addRoutes } from './routes.ts'
import type {
  ByWord,
  Offered,
  Resource,
  ResourceRoutes,
  RuledQuery,
  ServiceOf,
  ShapeRow,
  TypesHere,
  TypesOf,
  WholeRow,
} from './routes.types.ts'
import type { FieldRules, Operation } from './types.ts'

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
  const Z extends FileField<T> = never,
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
  options: ResourceOfShape<T, L, W, O, A, WholeRow<T, never>, U, K> & WithActions<AB, AA, AO, Types> & Additional<Y, Z>,
): Resource<
  ResourceRoutes<Name, Offered<T, O, U, K>, Types, ByWord<U>, AB, AA, AO> &
    HistoryRoutes<Name, Types, Y> &
    FileRoutes<Name, Types, Z>,
  ServiceOf<T, Types, AB, AA, AO> & HistoryService<Types, Y> & FileService<Types, Z>
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
  const Z extends FileField<T> = never,
  const U extends UpsertBy<T> = never,
  const K extends BulkOptions = never,
  AB = {},
  AA = {},
  const AO = {},
>(
  name: Name,
  options: ResourceOptions<T, F, H, S, D, C, W, O, A, WholeRow<T, H>, U, K> &
    WithActions<AB, AA, AO, TypesHere<T, F, H, S, D, C, W, A>> &
    Additional<Y, Z>,
): Resource<
  ResourceRoutes<Name, Offered<T, O, U, K>, TypesHere<T, F, H, S, D, C, W, A>, ByWord<U>, AB, AA, AO> &
    HistoryRoutes<Name, TypesHere<T, F, H, S, D, C, W, A>, Y> &
    FileRoutes<Name, TypesHere<T, F, H, S, D, C, W, A>, Z>,
  ServiceOf<T, TypesHere<T, F, H, S, D, C, W, A>, AB, AA, AO> &
    HistoryService<TypesHere<T, F, H, S, D, C, W, A>, Y> &
    FileService<TypesHere<T, F, H, S, D, C, W, A>, Z>
>
export function resource(name: string, given: object): object {
  const parts = partsOf(name, given as AnyResourceOptions)
  const app: AnyElysia = new Elysia({ prefix: parts.names.path })
  addRoutes(app, parts)
  return Object.assign(app, { service: { ...parts.service, ...parts.additions.add(app, parts) } })
}
