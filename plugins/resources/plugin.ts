import { Type } from '@sinclair/typebox'
import { type AnyElysia, Elysia } from 'elysia'
import { pathOf } from '#core/elysia/errors'
import type { TableLike } from '#core/ports/database'
import type { AnyShape, Listed, QueryOf } from '../shaping/index.ts'
import { actorOf } from './actor.ts'
import { checksOf } from './checks.ts'
import { detailsOf } from './details.ts'
import { historyFor } from './history/history.ts'
import type { HistoryOptions } from './history/options.ts'
import { addHistoryRoute, historyService } from './history/routes.ts'
import { keyOf } from './key.ts'
import { listOf } from './list.ts'
import { type Model, modelOf } from './model.ts'
import { namesOf } from './names.ts'
import type {
  AnyResourceOptions,
  CountMode,
  Filters,
  ResourceOfShape,
  ResourceOptions,
  RowOf,
  Values,
  Visible,
} from './options.ts'
import { wordsOf } from './route-words.ts'
import type { Resource, ShapeQuery, ShapeRow, TypesOf, WholeRow } from './routes.types.ts'
import { schemasOf } from './schemas.ts'
import { pageOf, serviceOf } from './service.ts'
import { Store } from './store.ts'
import type { FieldRules, Operation } from './types.ts'
import { Watch } from './watch.ts'
import { type Work, workOf } from './writes.ts'

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
  const K extends boolean | HistoryOptions = false,
>(
  name: Name,
  options: ResourceOfShape<T, L, W, O, A, WholeRow<T, never>> & { readonly history?: K },
): Resource<Name, O, TypesOf<T, W, WholeRow<T, never>, ShapeRow<L>, ShapeQuery<L>>, K>
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
  const K extends boolean | HistoryOptions = false,
>(
  name: Name,
  options: ResourceOptions<T, F, H, S, D, C, W, O, A, WholeRow<T, H>> & { readonly history?: K },
): Resource<Name, O, TypesOf<T, W, WholeRow<T, H>, Listed<T, D, Visible<T, H>>, QueryOf<T, F, S, Visible<T, H>, C>>, K>
export function resource(name: string, given: object): object {
  const options = given as AnyResourceOptions
  const names = namesOf(name, options.singular)
  const [list, declared] = listOf(options)
  const model = modelOf(name, options, declared.fields ?? {})
  const schemas = schemasOf(model, names.singular, declared.fields?.default)
  const checks = checksOf(model)
  const store = new Store(model, options.scope, declared.scope)
  const history = historyFor(model, options)
  const watch = new Watch(model, history ? [history.watcher] : [])
  const work = workOf({ store, checks, hooks: options.hooks ?? {}, watch, word: names.word })
  const key = keyOf(model.key)
  const params = Type.Object({ id: key.schema })
  const words = wordsOf(model, options, detailsOf(names, schemas))
  const service = serviceOf({ path: names.path, shape: list, store, work, key, checks, schemas })

  const app: AnyElysia = new Elysia({ prefix: names.path })
  const has = (operation: Operation): boolean => options.only?.includes(operation) ?? true
  const single = { params }
  if (has('list')) app.get('', async ({ request }) => pageOf(list, store, actorOf(request)), words('list', list.hook))
  if (has('create')) app.post('', created(work, model) as never, words('create', { body: schemas.create }))
  if (has('get'))
    app.get(
      '/:id',
      async ({ request, params }) => work.get(key.read(params.id), actorOf(request)),
      words('get', single),
    )
  if (has('update'))
    app.patch(
      '/:id',
      async ({ request, params, body }) => work.update(key.read(params.id), body as Values, actorOf(request)),
      words('update', { ...single, body: schemas.update }),
    )
  if (has('replace'))
    app.put(
      '/:id',
      async ({ request, params, body }) => work.replace(key.read(params.id), body as Values, actorOf(request)),
      words('replace', { ...single, body: schemas.replace }),
    )
  if (has('delete'))
    app.delete(
      '/:id',
      async ({ request, params }) => {
        await work.delete(key.read(params.id), actorOf(request))
        // Elysia would write an empty body, which Deno does not let a 204 have.
        return new Response(null, { status: 204 })
      },
      words('delete', single),
    )
  if (!history) return Object.assign(app, { service })
  const route = { ...history, model, names, key, params, page: history.pages({ store, checks, word: names.word }) }
  addHistoryRoute(app, route, options)
  return Object.assign(app, { service: { ...service, history: historyService(route) } })
}

interface Posted {
  request: Request
  body: unknown
  set: { status?: unknown; headers: Record<string, unknown> }
}

/** 201, and where the new row is: below the path that was asked, wherever the app put the resource. */
const created =
  (work: Work, { key }: Model) =>
  async ({ request, body, set }: Posted): Promise<unknown> => {
    const row = await work.create(body as Values, actorOf(request))
    set.status = 201
    set.headers['location'] = `${pathOf(request.url).replace(/\/+$/, '')}/${encodeURIComponent(String(row[key.name]))}`
    return row
  }
