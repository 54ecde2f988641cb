import type { TSchema } from '@sinclair/typebox'
import { type AnyElysia, Elysia } from 'elysia'
import { admits, declares, type Marked } from '../marks.ts'
import type { Models } from '../schema.ts'
import { type Handled, inTransaction } from '../transaction.ts'
import type { Hook } from './hooks.ts'

/**
 * Every private member of Elysia that Kwik touches is in this file, each with a contract test
 * (test/contracts/elysia-*.test.ts): the seam for the next major version.
 */

/** A route as Elysia keeps it until it compiles it, on the first request to it. */
export interface Route {
  readonly method: string
  readonly path: string
  readonly handler: unknown
  /** What Elysia made of handler and hooks; compiles them when it is called first. */
  readonly composed?: ((context: never) => Response | Promise<Response>) | null
  readonly hooks: Record<string, unknown> & {
    parse?: Hook[]
    transform?: Hook[]
    beforeHandle?: Hook[]
    mapResponse?: Hook[]
    afterResponse?: Hook[]
    trace?: Hook[]
  }
}

interface Inside {
  getParent: () => AnyElysia | null
  event: { request?: Hook[]; transform?: Hook[]; error?: Hook[]; trace?: Hook[] }
  promisedModules: { size: number; then(done: () => void): void }
  add: (...route: unknown[]) => void
  config: { serve?: object }
  guard: (...given: unknown[]) => unknown
  group: (...given: unknown[]) => unknown
  listen: (...given: unknown[]) => unknown
  compile: () => AnyElysia
  '~adapter': { handler: { mapCompactResponse: (value: unknown) => Response } }
  server: { stop(now: boolean): void } | null
  definitions: { type: Record<string, TSchema> }
  router: { http: { find(method: string, path: string): unknown }; static: Record<string, Record<string, number>> }
}
const inside = (app: AnyElysia): Inside => app as unknown as Inside

/** The content types that Elysia gives plain answers on this runtime; `null` where the runtime adds it when it sends. */
export const plainTypes: { readonly text: string | null; readonly json: string | null } = (() => {
  const { mapCompactResponse } = inside(new Elysia())['~adapter'].handler
  const typeOf = (value: unknown): string | null => mapCompactResponse(value).headers.get('content-type')
  return { text: typeOf('text'), json: typeOf({}) }
})()

export const storeOf = (app: AnyElysia): object => app.store
export const routesOf = (app: AnyElysia): readonly Route[] => app.router.history as unknown as readonly Route[]
export const appHooksOf = (app: AnyElysia): readonly Hook[] => inside(app).event.transform ?? []
export const modelsOf = (app: AnyElysia): Models => inside(app).definitions.type
export const stopNow = (app: AnyElysia): void => inside(app).server?.stop(true)
/** What stands for Bun's server on a runtime that has another one. */
export interface ForeignServer {
  readonly port: number
  requestIP(request: Request): { readonly address: string } | null
  stop(now?: boolean): Promise<void>
}
const foreign = new WeakMap<AnyElysia, ForeignServer>()
export function setServer(app: AnyElysia, server: ForeignServer): void {
  foreign.set(app, server)
  Object.assign(app, { server })
}
export async function stopServer(app: AnyElysia, now: boolean): Promise<void> {
  const other = foreign.get(app)
  if (other) await other.stop(now)
  else if (app.server) await app.stop(now)
}
export function whenModulesLoad(app: AnyElysia, done: () => void): void {
  if (inside(app).promisedModules.size > 0) inside(app).promisedModules.then(done)
}
/** Whether modules that are loaded later may bring more routes. */
export const awaitsModules = (app: AnyElysia): boolean => inside(app).promisedModules.size > 0
export function routeExists(app: AnyElysia, method: string, path: string): boolean {
  const { router } = inside(app)
  return router.static[path]?.[method] !== undefined || Boolean(router.http.find(method, path))
}

/** Adds the routes that a plugin writes, but for those that the app has itself. */
export function addRoutes(root: AnyElysia, write: (own: AnyElysia) => void): void {
  const own: AnyElysia = new Elysia()
  write(own)
  for (const { method, path, handler, hooks } of routesOf(own))
    if (!routesOf(root).some((route) => route.method === method && route.path === (root.config.prefix ?? '') + path))
      inside(root).add(method, path, handler, hooks)
}

/** The app's own error hooks go first, wherever they were written: ours answers whatever is left. */
export function putErrorHookLast(root: AnyElysia, ours: unknown): void {
  const sort = (hooks: Hook[] | undefined): void => {
    hooks?.sort((a, b) => Number((a.fn as unknown) === ours) - Number((b.fn as unknown) === ours))
  }
  sort(inside(root).event.error)
  for (const { hooks } of routesOf(root)) sort(hooks['error'] as Hook[] | undefined)
}

/** Who is let in is asked before the app's own hooks, wherever they were written: a request may be handed in again. */
export function putAdmitFirst(root: AnyElysia): void {
  const rank = ({ fn }: Marked): number => Number(fn[admits] !== true)
  ;(inside(root).event.request as Marked[] | undefined)?.sort((a, b) => rank(a) - rank(b))
}

/** What Elysia itself reads of a route's options. Anything else on a route was meant for a plugin. */
export const elysiaKeys: ReadonlySet<string> = new Set(
  `body headers query params cookie response type detail tags parse transform derive resolve beforeHandle afterHandle
  mapResponse afterResponse error trace config standaloneValidator standaloneSchema schema hide summary request start stop
  websocket upgrade open message drain close ping pong idleTimeout maxPayloadLength backpressureLimit
  closeOnBackpressureLimit sendPings publishToSelf perMessageDeflate compression as seed mount introspect`.split(/\s+/),
)

export interface Place {
  readonly file: string
}
const places = new WeakMap<object, Place>()
export const placeOf = (handler: unknown): Place | undefined =>
  typeof handler === 'function' ? places.get(handler) : undefined

const followed = new WeakMap<AnyElysia, Set<AnyElysia>>()
const used = new WeakMap<AnyElysia, Set<AnyElysia>>()

/** Elysia tells a used instance its parent, one only, the last: this keeps all of them, up to the roots. */
export function follow(app: AnyElysia, onListen: (root: AnyElysia) => void): AnyElysia {
  if (followed.has(app)) return app
  const parents = new Set<AnyElysia>()
  followed.set(app, parents)
  let latest = inside(app).getParent
  Object.defineProperty(app, 'getParent', {
    configurable: true,
    get: () => latest,
    set: (get: Inside['getParent']) => {
      latest = get
      const parent = get()
      if (!parent) return
      parents.add(follow(parent, onListen))
      used.set(parent, (used.get(parent) ?? new Set()).add(app))
    },
  })
  watchRoutes(app)
  const { listen } = inside(app)
  // Before the port is open, so that a refused app never answers and routes of plugins are in the native router.
  inside(app).listen = function (this: AnyElysia, ...given) {
    onListen(this)
    // Elysia lets programs share a port: two copies of an app would answer in turn, and nobody would know.
    inside(this).config.serve = { reusePort: false, ...this.config.serve }
    try {
      return listen.apply(this, isOneOfMany() ? sharing(given) : given)
    } catch (error) {
      throw isPortTaken(error) ? new PortTaken(error) : error
    }
  }
  beforeCompose(app, onListen)
  return app
}

/** Whether `kwik start` runs this process as one of several on one port. */
const isOneOfMany = (): boolean => process.env['SHARED_PORT_BY_KWIK'] === '1'

/** The port is shared with the other processes, whatever the program says for when it runs alone. */
function sharing([to, ...rest]: readonly unknown[]): unknown[] {
  return [typeof to === 'object' ? { ...to, reusePort: true } : { port: Number(to), reusePort: true }, ...rest]
}

const isPortTaken = (error: unknown): error is Error => (error as { code?: unknown } | null)?.code === 'EADDRINUSE'

/** Another program listens where this one wants to. */
class PortTaken extends Error {
  override readonly name = 'PortTaken'
  readonly code = 'EADDRINUSE'
  constructor(cause: Error) {
    const port = /port (\d+)/i.exec(cause.message)?.[1]
    super(`port ${port ?? 'of the app'} is taken: stop what listens there, or choose another with PORT`, { cause })
  }
}

/**
 * Elysia writes the paths it knows into one function, when `handle` or `fetch` is first used: routes that plugins add
 * must be there before. What is wrong with the app is said by its first request.
 */
function beforeCompose(app: AnyElysia, prepare: (root: AnyElysia) => void): void {
  const { compile } = inside(app)
  const attempt = (): void => {
    try {
      prepare(app)
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code !== 'KWIK_BOOT') throw error
    }
  }
  inside(app).compile = () => {
    attempt()
    return compile.call(app)
  }
  const composed = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(app), 'fetch')!
  Object.defineProperty(app, 'fetch', {
    configurable: true,
    get: () => {
      attempt()
      return composed.get!.call(app)
    },
  })
}

export function ancestorsOf(app: AnyElysia, seen: Set<AnyElysia> = new Set()): Set<AnyElysia> {
  if (seen.has(app)) return seen
  seen.add(app)
  for (const parent of followed.get(app) ?? []) ancestorsOf(parent, seen)
  return seen
}

/** Every instance used below an app, also those Elysia dropped because one of the same name was there. */
export function usedBy(app: AnyElysia, seen: Set<AnyElysia> = new Set()): Set<AnyElysia> {
  if (seen.has(app)) return seen
  seen.add(app)
  for (const child of used.get(app) ?? []) usedBy(child, seen)
  return seen
}

/** Guards and groups with a callback have an instance of their own, which is never `use`d: its routes are watched too. */
function watchCallbacks(app: AnyElysia): void {
  const self = inside(app)
  for (const name of ['guard', 'group'] as const) {
    const original = self[name]
    self[name] = function (...given: unknown[]) {
      const run = given.at(-1)
      if (typeof run !== 'function') return original.apply(this, given)
      const watched = (inner: AnyElysia): unknown => {
        watchRoutes(inner)
        return run(inner)
      }
      return original.apply(this, [...given.slice(0, -1), watched])
    }
  }
}

/** Sees each route as it is written: remembers where, and lets its handler run in a transaction when the route asks for one. */
function watchRoutes(app: AnyElysia): void {
  watchCallbacks(app)
  const self = inside(app)
  const { add } = self
  self.add = function (...route: unknown[]) {
    const handler = route[2]
    if (typeof handler === 'function') {
      if (!places.has(handler)) rememberPlace(handler)
      if (asksForTransaction(route[3], self.event.transform) && !isGenerator(handler))
        route[2] = transactional(handler as Handler)
    }
    const inner = declaredBefore(route[3])
    const query = takeDocumented(route)
    const before = routesOf(app).length
    add.apply(this, route)
    if (query !== undefined) {
      const added = routesOf(app).length > before ? routesOf(app).at(-1) : routesOf(app).findLast(isOf(route[2]))
      if (added) added.hooks['query'] ??= query
    }
    if (inner.size > 0) putGuardsOutside(app, inner)
  }
}

const isOf =
  (handler: unknown) =>
  (route: Route): boolean =>
    route.handler === handler

const documents: unique symbol = Symbol('kwik.documents')

/**
 * Says of a query schema that it describes what something else reads and checks: Elysia is not shown it, and so parses
 * no query for it. Clients' types and the API document have it.
 */
export const documented = <T extends object>(schema: T): T => Object.assign(schema, { [documents]: true })

/** Takes such a schema out of the options of a route that is about to be added. */
function takeDocumented(route: unknown[]): object | undefined {
  const options = route[3] as { readonly query?: { readonly [documents]?: true } } | undefined
  if (options?.query?.[documents] !== true) return undefined
  const { query, ...rest } = options
  route[3] = rest
  return query
}

/** The words that a route has when it comes out of a guard's callback: Elysia adds the guard's own after them. */
const declaredBefore = (local: unknown): Set<Hook> => {
  const hooks = [(local as { transform?: Hook | Hook[] } | undefined)?.transform ?? []].flat() as Marked[]
  return new Set(hooks.filter((hook) => hook.fn?.[declares]))
}

/** Puts the words of a guard before those of its routes, so that the innermost is the last wherever it was written. */
function putGuardsOutside(app: AnyElysia, inner: ReadonlySet<Hook>): void {
  const shared = new Set(inside(app).event.transform)
  const route = routesOf(app).findLast(({ hooks }) => hooks.transform?.some((hook) => inner.has(hook)))
  const transform = route?.hooks.transform as Marked[] | undefined
  if (!route || !transform) return
  const fresh = transform.filter((hook) => hook.fn[declares] && !inner.has(hook) && !shared.has(hook))
  if (fresh.length === 0) return
  const rest = transform.filter((hook) => !fresh.includes(hook))
  const at = rest.findIndex((hook) => inner.has(hook))
  route.hooks.transform = [...rest.slice(0, at), ...fresh, ...rest.slice(at)]
}

function rememberPlace(handler: object): void {
  const line = new Error().stack
    ?.split('\n')
    .find((row, at) => at > 1 && !/native|node_modules|src\/core\/|\/kwik\/dist\//.test(row))
  // A path may have spaces and brackets: it begins where a root does.
  const file = line && /[\s(](file:\/\/.+:\d+|(?:\/|[A-Za-z]:\\).+:\d+):\d+\)?$/.exec(line)?.[1]
  if (file) places.set(handler, { file: file.startsWith('file:') ? decodeURI(file.slice(7)) : file })
}

/**
 * Whether a route may be left from its first hook and entered again with the same context: nobody would see that but
 * hooks that are told of every answer.
 */
export const mayEnterAgain = ({ hooks }: Route): boolean => !hooks.afterResponse?.length && !hooks.trace?.length

/** Whether another maker's plugin watches all that happens on the routes, as those that trace do. */
export const isTracedBySomebody = (app: AnyElysia): boolean =>
  (inside(app).event.trace?.length ?? 0) > 0 || routesOf(app).some(({ hooks }) => (hooks.trace?.length ?? 0) > 0)

/** Runs a route from its first hook on, with a copy of a context that was there before: Elysia adds to one only once. */
export const enterAgain = ({ composed }: Route, context: object): Response | Promise<Response> =>
  composed!(context as never)

/** Elysia reads a function's source to see what it needs of its context: it is shown another one's. */
export function showing<F extends (...given: never[]) => unknown>(shown: (...given: never[]) => unknown, run: F): F {
  return Object.defineProperty(run, 'toString', { value: () => shown.toString() })
}

type Handler = (context: Handled) => unknown
const transactionals = new WeakSet<object>()
export const isTransactional = (handler: unknown): boolean =>
  typeof handler === 'function' && transactionals.has(handler)

/** Its body runs while the answer is read, after any transaction. */
export const isGenerator = (handler: unknown): boolean =>
  typeof handler === 'function' && /Generator/.test(handler.constructor.name)

function transactional(handler: Handler): Handler {
  if (transactionals.has(handler)) return handler
  const wrapped: Handler = showing(handler, async (context) => inTransaction(context, () => handler(context)))
  transactionals.add(wrapped)
  const place = places.get(handler)
  if (place) places.set(wrapped, place)
  return wrapped
}

function asksForTransaction(local: unknown, global: readonly Hook[] | undefined): boolean {
  const hook = local as { transaction?: unknown; transform?: Hook | Hook[] | ((...a: never[]) => unknown) } | undefined
  if (hook?.transaction === true) return true
  const own = hook?.transform === undefined ? [] : [hook.transform].flat()
  const told = ([...own, ...(global ?? [])] as (Marked | Marked['fn'])[]).map(
    (one) => (typeof one === 'function' ? one : one.fn)[declares],
  )
  return told.some((one) => one?.key === 'transaction' && one.value === true)
}
