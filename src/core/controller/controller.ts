import { type AnyElysia, Elysia } from 'elysia'
import { declaredOn, rowsOf } from './metadata.ts'
import type { ControllerApp, HookOf, Method, RouteSpec } from './types.ts'

type Maker<E extends AnyElysia, M extends Method> = <const Path extends string, const Input extends HookOf<E>>(
  path: Path,
  hook?: Input,
) => RouteSpec<E, M, Path, Input>

/** Makers of route specs, one for each method. */
export interface Routes<E extends AnyElysia> {
  readonly get: Maker<E, 'get'>
  readonly post: Maker<E, 'post'>
  readonly put: Maker<E, 'put'>
  readonly patch: Maker<E, 'patch'>
  readonly delete: Maker<E, 'delete'>
}

/**
 * Makers of route specs that know the platform's options and context. A spec is a const that decorates the method that
 * serves it, so types and Eden clients survive. From `kwik`.
 *
 * @param _platform answers what `kwik({...})` returned; only its type is used
 * @example
 * const api = routes(() => platform)
 * const show = api.get('/:id', { permission: 'posts:read' })
 * class Posts {
 *   \@show one({ params }: Ctx<typeof show>) { return { id: params.id } }
 * }
 * app.use(controller('/posts', platform, new Posts()))
 */
export function routes<E extends AnyElysia>(_platform: () => E): Routes<E> {
  const maker =
    (method: Method) =>
    (path: string, hook: object = {}) => {
      const spec = (_method: unknown, context: ClassMethodDecoratorContext): void => {
        declaredOn(context.metadata).rows.push({ method, path, hook, name: context.name })
      }
      return Object.assign(spec, { method, path, hook })
    }
  const all = {
    get: maker('get'),
    post: maker('post'),
    put: maker('put'),
    patch: maker('patch'),
    delete: maker('delete'),
  }
  return all as unknown as Routes<E>
}

type Methods = Record<PropertyKey, (context: unknown) => unknown>

/**
 * The routes of an object's class as an Elysia instance, with the same options, phases and Eden types as `.get()`. From `kwik`.
 *
 * @param prefix path before each route's own
 * @throws {TypeError} when the class has no routes
 */
export function controller<const Prefix extends string, E extends AnyElysia, T extends object>(
  prefix: Prefix,
  platform: E,
  instance: T,
): ControllerApp<Prefix, E, T> {
  const rows = rowsOf(instance.constructor)
  if (rows.length === 0)
    throw new TypeError(`${instance.constructor.name} has no routes: decorate a method with a route of routes()`)
  const app: AnyElysia = new Elysia({ prefix }).use(platform)
  const methods = instance as Methods
  // This literal form: Elysia reads the source, and `bind` or rest arguments would lose body and query.
  for (const { method, path, hook, name } of rows)
    app.route(method.toUpperCase(), path, (context: unknown) => methods[name]!(context), hook as never)
  return app as unknown as ControllerApp<Prefix, E, T>
}
