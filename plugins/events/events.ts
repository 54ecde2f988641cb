import { AsyncLocalStorage } from 'node:async_hooks'
import { consoleLogger } from '#core/adapters/console-logger'
import type { Database } from '#core/ports/database'
import type { Logger } from '#core/ports/logger'

/** What each event brings, by its name: `{ 'order.placed': { id: string } }`. */
export type EventMap = Readonly<Record<string, unknown>>

/** Hears of an event. What it throws is logged, and hinders nobody. */
export type Listener<Payload> = (payload: Payload) => unknown

/** What happened, as a test sees it. */
export interface Emitted<Events extends EventMap> {
  readonly name: keyof Events & string
  readonly payload: Events[keyof Events]
}

/** What an app is connected with, when it is booted. */
export interface Connection {
  readonly database: Database | undefined
  readonly logger: Logger
}

/** Listeners that are stopped may work on for so long, in milliseconds. */
const patience = 5000

/**
 * What happens in an app, told to who wants to know, in the same process. Made by `defineEvents()`.
 *
 * An event that is emitted inside a transaction is told when that is committed, and never when it is rolled back.
 */
export class Events<Map extends EventMap> {
  readonly #listeners = new globalThis.Map<string, Set<Listener<never>>>()
  readonly #running = new Set<Promise<void>>()
  readonly #fakes = new AsyncLocalStorage<Emitted<Map>[]>()
  #connection: Connection = { database: undefined, logger: consoleLogger }
  #closed = false

  /**
   * Tells a listener of an event from now on.
   * @returns how to stop it
   * @example events.on('order.placed', ({ id }) => sendReceipt(id))
   */
  on<Name extends keyof Map & string>(name: Name, listener: Listener<Map[Name]>): () => void {
    const all = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, all)
    // One function may listen twice, and each goes once.
    const one: Listener<never> = (payload) => listener(payload)
    all.add(one)
    return () => void all.delete(one)
  }

  /** Tells a listener of the next event alone. @returns how to stop it */
  once<Name extends keyof Map & string>(name: Name, listener: Listener<Map[Name]>): () => void {
    let heard = false
    const stop = this.on(name, (payload) => {
      // A second event may have come before the first was told.
      if (heard) return
      heard = true
      stop()
      return listener(payload)
    })
    return stop
  }

  /**
   * Says that something happened. It does not wait for who hears of it, and does not fail with them.
   *
   * Listeners run in the flow of the caller: their log lines and spans belong to its request.
   * @example events.emit('order.placed', { id: order.id })
   */
  emit<Name extends keyof Map & string>(name: Name, payload: Map[Name]): void {
    const { database, logger } = this.#connection
    if (this.#closed) {
      logger.warning(`the event ${name} came when the app had stopped: nobody hears of it`, { event: name })
      return
    }
    const fake = this.#fakes.getStore()
    const tell = (): void => {
      if (fake) fake.push({ name, payload })
      else this.#tell(name, payload)
    }
    if (database?.inTransaction) database.afterCommit(tell)
    else tell()
  }

  /** Settles when all listeners that run now have ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** Runs with a list in the place of all listeners: what is emitted meanwhile, by this flow, is put into it. For tests. */
  faked<T>(into: Emitted<Map>[], run: () => T): T {
    return this.#fakes.run(into, run)
  }

  /** Is called by the plugin when the app is booted. */
  connect(connection: Connection): void {
    this.#connection = connection
    this.#closed = false
  }

  /** Waits for listeners that run, a while, and tells nobody any more. */
  async close(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, patience)
    await Promise.race([this.settled(), late])
    clearTimeout(timer)
    if (this.#running.size > 0)
      this.#connection.logger.warning('listeners of events did not end in time', { listeners: this.#running.size })
    this.#closed = true
  }

  #tell(name: string, payload: unknown): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      const run = this.#run(name, listener, payload).finally(() => this.#running.delete(run))
      this.#running.add(run)
    }
  }

  async #run(name: string, listener: Listener<never>, payload: unknown): Promise<void> {
    // After who emits has gone on: a listener that computes must not hold it up in the middle.
    await Promise.resolve()
    try {
      await listener(payload as never)
    } catch (error) {
      this.#connection.logger.error(`a listener of ${name} failed`, { event: name, error })
    }
  }
}

/**
 * The events of an app, typed by what each brings. Keep the answer in one const, and give it to `kwik({ events })`. From `kwik/events`.
 *
 * @example
 * export const events = defineEvents<{ 'order.placed': { id: string } }>()
 * events.on('order.placed', ({ id }) => log.info('order {id} placed', { id }))
 * events.emit('order.placed', { id: 'o-1' })
 */
export function defineEvents<Map extends object>(): Events<{ readonly [K in keyof Map & string]: Map[K] }> {
  return new Events()
}
