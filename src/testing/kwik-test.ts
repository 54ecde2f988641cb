import type { AnyElysia } from 'elysia'
import { collecting } from '#core/collecting'
import type { Database } from '#core/ports/database'
import { Scope } from '#core/scope'
import { isolate, type Template, templateOf } from '../../plugins/database/index.ts'
import type { Emitted, EventMap } from '../../plugins/events/index.ts'
import { type Services, servicesOf } from '../services.ts'
import { type Sign, type TestClient, testClient } from './client.ts'
import { type CollectedLog, type CollectedTraces, collector } from './collected.ts'
import { type Runner, testRunner } from './runner.ts'

/** What a test gets. */
export interface TestContext<S> {
  /** Asks the app in process. */
  readonly client: TestClient
  /** Begins a scenario: `await scenario().withUser('alice').build()`. */
  readonly scenario: () => S
  /** The database of this test alone. */
  readonly db: Database
  /** What the test and its requests have logged. */
  readonly log: CollectedLog
  /** The spans of its requests: `kwikTest(app, { platform, traces: true })`. */
  readonly traces: CollectedTraces
  /** What was emitted, in order; listeners hear nothing of it. After a transaction, when that was committed. */
  readonly events: readonly Emitted<EventMap>[]
}

type Body<S> = (context: TestContext<S>) => unknown
type Declare<S> = (name: string, body: Body<S>, timeout?: number) => void

/** `test`, with its siblings. */
export type KwikTest<S> = Declare<S> & {
  readonly only: Declare<S>
  readonly skip: Declare<S>
  readonly concurrent: Declare<S>
}

export interface KwikTestOptions<S> {
  /** What `kwik({...})` returned. */
  readonly platform: AnyElysia
  /** The app's scenarios: what `scenarios()` returned. */
  readonly Scenario?: () => S
  /** Brings an empty database to the state every test starts from: `(db) => migrate(db, { folder })`. Runs once. */
  readonly prepare?: (db: Database) => Promise<unknown>
  /** Make spans, for `traces`: OpenTelemetry is loaded for it. @default false */
  readonly traces?: boolean
  /** Let listeners hear of events, in the place of collecting them. @default false */
  readonly listeners?: boolean
}

/**
 * Makes `test` for an app: each test has the app, a client and a database of its own, and leaves nothing behind.
 * SQLite gives each test a copy in memory, so tests may run concurrently; PostgreSQL a transaction that is rolled back.
 * From `kwik/testing`; runs under `bun test`, and `deno test` by node:test.
 *
 * @example
 * export const test = kwikTest(app, { platform, Scenario, prepare: (db) => migrate(db, { folder: 'migrations' }) })
 * test('alice sees products', async ({ client, scenario }) => {
 *   const { users } = await scenario().withUser('alice', { admin: true }).withProducts(5).build()
 *   expect((await client.getAs(users.alice, '/products')).body.data).toHaveLength(5)
 * })
 */
export function kwikTest<S = never>(app: AnyElysia, options: KwikTestOptions<S>): KwikTest<S> {
  const services = servicesOf(options.platform)
  const { database } = services
  const client = testClient(app, signer(services))
  const scenario = (): S => {
    if (!options.Scenario) throw new TypeError('kwikTest needs { Scenario } for scenario()')
    return options.Scenario()
  }
  let template: Promise<Template> | undefined
  if (options.traces) switchOn(services)
  const collected = (body: Body<S>, db: Database): Promise<void> => {
    const { into, log, traces } = collector()
    const emitted: Emitted<EventMap>[] = []
    const context: TestContext<S> = {
      client,
      scenario,
      db,
      log,
      traces: options.traces ? traces : noTraces(),
      events: emitted,
    }
    const run = async (): Promise<void> => void (await body(context))
    const fakes = options.listeners ? undefined : services.events
    return collecting(into, () => (fakes ? fakes.faked(emitted, run) : run()))
  }
  const inItsOwn = (body: Body<S>) => async (): Promise<void> => {
    if (!database) return collected(body, noDatabase())
    template ??= templateOf(database, async () => void (await options.prepare?.(database)))
    await isolate(database, () => collected(body, database), await template)
  }
  const runner = testRunner()
  const declare =
    (how: Runner): Declare<S> =>
    (name, body, timeout) =>
      how(name, inItsOwn(body), timeout)
  // `only` is asked for when it is used: under CI bun:test refuses to hand it out.
  const only: Declare<S> = (...given) => declare(runner.only)(...given)
  return Object.assign(declare(runner), {
    only,
    skip: declare(runner.skip),
    concurrent: declare(runner.concurrent ?? runner),
  })
}

/**
 * Signs requests by tokens that are made in process: nobody's password is asked. Where the app has sessions each user has
 * one in each test, so that a test of signing out is one.
 */
function signer({ accounts, tokens, sessions, database }: Services): Sign {
  const begun = new WeakMap<object, Map<string, Promise<string>>>()
  const sessionOf = (id: string, tokenVersion: number): Promise<string> | undefined => {
    if (!sessions || !database) return undefined
    const engine = database.engine ?? database
    const mine = begun.get(engine) ?? new Map<string, Promise<string>>()
    begun.set(engine, mine)
    const session =
      mine.get(id) ??
      sessions
        .begin(new Scope(new Request('http://localhost/')), { id, tokenVersion })
        .then(({ sessionId }) => sessionId)
    mine.set(id, session)
    return session
  }
  return async ({ id }) => {
    const account = await accounts?.principals.load(id)
    if (!account || !tokens)
      throw new TypeError(`no active user ${id}: the platform needs accounts and tokens, the user a scenario`)
    const { tokenVersion } = account
    const sessionId = await sessionOf(id, tokenVersion)
    const { token } = await tokens.issue({ id, tokenVersion, ...(sessionId !== undefined && { sessionId }) })
    return { authorization: `Bearer ${token}` }
  }
}

function switchOn({ traces }: Services): void {
  if (!traces) throw new TypeError('this platform traces nothing: kwik({ tracing: false })')
  if (traces.read && !traces.on)
    throw new TypeError('the app was asked before kwikTest(app, { traces: true }): call that first')
  traces.on = true
}

const noTraces = (): CollectedTraces => missing('spans are made with kwikTest(app, { platform, traces: true })')
const noDatabase = (): Database => missing('this platform has no database: kwik({ database })')

/** Says what is missing, to who asks for it. */
function missing<T extends object>(why: string): T {
  return new Proxy({} as T, {
    get: () => {
      throw new TypeError(why)
    },
  })
}
