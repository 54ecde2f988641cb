import type { AnyElysia } from 'elysia'
import { consoleLogger } from './adapters/console-logger.ts'
import { BootError } from './boot-error.ts'
import { definitionsOf } from './definitions.ts'
import { addRoutes, ancestorsOf, modelsOf, putAdmitFirst, putErrorHookLast, routesOf, storeOf } from './elysia/door.ts'
import { errorHook } from './elysia/errors.ts'
import { installPlan, isInstalled } from './install.ts'
import { planOf } from './plan.ts'
import type { Database } from './ports/database.ts'
import type { Logger } from './ports/logger.ts'
import type { Scope } from './scope.ts'
import type { CoreSettings, Definition, RouteFacts, Works } from './works.ts'

/** An app that was booted: what its requests walk through. */
export interface App {
  readonly root: AnyElysia
  /** How many routes were planned: when there are more, boot runs again. */
  readonly routes: number
  /** What each of them is. */
  readonly facts: readonly RouteFacts[]
  readonly works: ReadonlyMap<Definition, Works>
  readonly open: readonly NonNullable<Works['open']>[]
  readonly admit: readonly NonNullable<Works['admit']>[]
  readonly methods: readonly NonNullable<Works['methods']>[]
  readonly begin: Works['begin']
  readonly respond: readonly NonNullable<Works['respond']>[]
  readonly close: readonly NonNullable<Works['close']>[]
  readonly errors: readonly NonNullable<Works['problemOf']>[]
  readonly core: CoreSettings
  readonly logger: Logger
  readonly database: Database | undefined
  /** Event streams that are open: they are told when the app stops. */
  readonly events: Set<Scope>
}

export const defaultBodyLimit = 1_048_576
export const defaultTimeout = 30_000
const defaultCore: CoreSettings = { bodyLimit: defaultBodyLimit, timeout: defaultTimeout, closedBodies: true }

const apps = new WeakMap<object, App>()
const refused = new WeakMap<object, { readonly routes: number; readonly error: BootError }>()

/** The app of a request. Elysia hands every hook the root's store, and nothing else of the root: it is the key. */
export function appOf(store: object, from: AnyElysia): App {
  const app = apps.get(store)
  if (app !== undefined && app.routes === app.root.router.history.length) return app
  for (const root of ancestorsOf(from)) if (storeOf(root) === store) return boot(root)
  throw new BootError([
    'Kwik is used by a module of this app, not by the app itself: add .use(kwik(...)) to the app that serves',
  ])
}

/**
 * Puts every step in its place on every route, and refuses an app that cannot be right. Runs again for routes that came later.
 * @throws {BootError} with all faults at once; nothing is put in place while anything is wrong
 */
export function boot(root: AnyElysia): App {
  const store = storeOf(root)
  const known = apps.get(store)
  if (known?.routes === root.router.history.length) return known
  const last = refused.get(store)
  if (last?.routes === root.router.history.length) throw last.error

  const faults = configFaults(root)
  const definitions = definitionsOf(root, faults)
  const works = setUp(root, definitions, known?.works, faults)
  const all = [...works.values()]
  const core = all.find((one) => one.core)?.core ?? defaultCore
  const plans = routesOf(root)
    .filter((route) => !isInstalled(route))
    .map((route) => planOf(route, definitions, works, core, faults))
  if (faults.length > 0) {
    const error = new BootError(faults)
    refused.set(store, { routes: root.router.history.length, error })
    throw error
  }
  for (const plan of plans) installPlan(plan, modelsOf(root))
  putErrorHookLast(root, errorHook)
  putAdmitFirst(root)
  const app: App = {
    root,
    works,
    core,
    routes: root.router.history.length,
    facts: [...(known?.facts ?? []), ...plans.map((plan) => plan.facts)],
    open: all.flatMap((one) => one.open ?? []),
    admit: all.flatMap((one) => one.admit ?? []),
    methods: all.flatMap((one) => one.methods ?? []),
    begin: all.find((one) => one.begin)?.begin,
    respond: all.flatMap((one) => one.respond ?? []),
    close: all.flatMap((one) => one.close ?? []),
    errors: all.flatMap((one) => one.problemOf ?? []),
    logger: core.logger ?? all.find((one) => one.logger)?.logger ?? consoleLogger,
    database: core.database ?? all.find((one) => one.database)?.database,
    events: known?.events ?? new Set(),
  }
  apps.set(store, app)
  for (const one of all) one.booted?.(app)
  return app
}

/** Makes each plugin's works, once for a root, and lets it add its own routes. */
function setUp(
  root: AnyElysia,
  definitions: ReadonlyMap<string, Definition>,
  before: ReadonlyMap<Definition, Works> | undefined,
  faults: string[],
): Map<Definition, Works> {
  const works = new Map(before)
  const neighbours = {
    authenticators: () => [...works.values()].flatMap((one) => one.authenticator ?? []),
    knows: (option: string) => [...definitions.values()].some((definition) => definition.keys.includes(option)),
  }
  for (const definition of [...definitions.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (works.has(definition)) continue
    try {
      const made = definition.setup(neighbours)
      works.set(definition, made)
      addRoutes(root, (own) => made.routes?.(own, root))
    } catch (error) {
      faults.push(`${definition.name}: ${(error as Error).message}`)
    }
  }
  return works
}

function configFaults(root: AnyElysia): string[] {
  const faults: string[] = []
  if (root.config.precompile) faults.push('precompile: true compiles routes before their steps are in place: remove it')
  if (root.config.aot === false) faults.push('aot: false changes statuses: remove it')
  if (root.config.normalize === false)
    faults.push('normalize: false lets undeclared fields leave in answers: remove it')
  return faults
}

/** The booted app of a root, if it is booted. */
export const bootedApp = (root: AnyElysia): App | undefined => apps.get(storeOf(root))
