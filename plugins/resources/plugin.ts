import { type AnyElysia, Elysia } from 'elysia'
import type { TableLike } from '#core/ports/database'
import type { AnyShape, FieldName, RelatedSort, Relations } from '../shaping/index.ts'
import type { Exporting } from './export.ts'
import type { ExportRoutes } from './export.types.ts'
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
  ServiceOf,
  TypesHere,
  TypesOfShape,
  WholeRow,
} from './routes.types.ts'
import type { FieldRules, Filled, Operation } from './types.ts'

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
  const X extends Exporting = never,
  const Q extends Extract<keyof RowOf<T>, string> = never,
  Types extends TypesOfShape<T, L, Filled<W, Q>, A> = TypesOfShape<T, L, Filled<W, Q>, A>,
>(
  name: Name,
  options: ResourceOfShape<T, L, W, O, A, WholeRow<T, never>, U, K, Q> &
    WithActions<AB, AA, AO, Types> &
    Additional<Y, Z, X>,
): Resource<
  ResourceRoutes<Name, Offered<T, O, U, K>, Types, ByWord<U>, AB, AA, AO> &
    HistoryRoutes<Name, Types, Y> &
    FileRoutes<Name, Types, Z> &
    ExportRoutes<Name, Types, X>,
  ServiceOf<T, Types, AB, AA, AO> & HistoryService<Types, Y> & FileService<Types, Z>
>
export function resource<
  const Name extends string,
  const T extends TableLike,
  const F extends Filters<T> = {},
  const H extends Extract<keyof RowOf<T>, string> = never,
  const R extends Relations<FieldName<T>> = {},
  const S extends Visible<T, never> | RelatedSort<R> = never,
  const D extends Visible<T, H> = Visible<T, H>,
  const C extends CountMode = never,
  const E extends boolean = true,
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
  const X extends Exporting = never,
  const P extends 'python' = never,
  const Q extends Extract<keyof RowOf<T>, string> = never,
>(
  name: Name,
  options: ResourceOptions<T, F, H, S, D, C, R, E, W, O, A, WholeRow<T, H>, U, K, P, Q> &
    WithActions<AB, AA, AO, TypesHere<T, F, H, S, D, C, R, E, Filled<W, Q>, A, P>> &
    Additional<Y, Z, X>,
): Resource<
  ResourceRoutes<
    Name,
    Offered<T, O, U, K>,
    TypesHere<T, F, H, S, D, C, R, E, Filled<W, Q>, A, P>,
    ByWord<U>,
    AB,
    AA,
    AO
  > &
    HistoryRoutes<Name, TypesHere<T, F, H, S, D, C, R, E, Filled<W, Q>, A, P>, Y> &
    FileRoutes<Name, TypesHere<T, F, H, S, D, C, R, E, Filled<W, Q>, A, P>, Z> &
    ExportRoutes<Name, TypesHere<T, F, H, S, D, C, R, E, Filled<W, Q>, A, P>, X>,
  ServiceOf<T, TypesHere<T, F, H, S, D, C, R, E, Filled<W, Q>, A, P>, AB, AA, AO> &
    HistoryService<TypesHere<T, F, H, S, D, C, R, E, Filled<W, Q>, A, P>, Y> &
    FileService<TypesHere<T, F, H, S, D, C, R, E, Filled<W, Q>, A, P>, Z>
>
export function resource(name: string, given: object): object {
  const parts = partsOf(name, given as AnyResourceOptions)
  const app: AnyElysia = new Elysia({ prefix: parts.names.path })
  addRoutes(app, parts)
  return Object.assign(app, { service: { ...parts.service, ...parts.additions.add(app, parts) } })
}
