import { redisAnnouncements } from '#core/adapters/redis-announcements'
import { milliseconds } from '#core/internal/duration'
import { bytesIn } from '#core/internal/size'
import type { Announcements } from '#core/ports/announcements'
import type { Database } from '#core/ports/database'
import type { Logger } from '#core/ports/logger'
import type { EngineOptions } from './engine/index.ts'
import { Engines, Flights, memoryEngine, redisEngine, type Seat } from './engine/index.ts'
import type { Backend, CacheOptions } from './options.ts'
import { together } from './together.ts'
import { Cache } from './values/index.ts'

/** Where an app keeps things: one place, and beside Redis the memory of this process for routes that ask for it. */
export class Caches {
  readonly values: Cache
  readonly maxEntryBytes: number
  readonly #engines: Engines
  readonly #memory: EngineOptions
  readonly #announcements: Announcements | undefined
  readonly #ownsAnnouncements: boolean
  #beside: Seat | undefined
  #logger: Logger | undefined

  constructor(options: CacheOptions) {
    const { redis, database, clock, logger, maxBytes, maxEntries, holdStore, localTtl, onInvalidateFail } = options
    this.maxEntryBytes = bytesIn(options.maxEntryBytes ?? '256KB')
    this.#logger = logger
    this.#memory = {
      maxEntryBytes: this.maxEntryBytes,
      ...(maxBytes !== undefined && { maxBytes: bytesIn(maxBytes) }),
      ...(maxEntries !== undefined && { maxEntries }),
      ...(holdStore !== undefined && { holdStore: milliseconds(holdStore) }),
      ...(clock && { clock }),
    }
    this.#ownsAnnouncements = options.announcements === undefined
    this.#announcements = options.announcements ?? (redis?.subscribe ? redisAnnouncements(redis) : undefined)
    const main = redis
      ? together(
          redisEngine({
            ...this.#memory,
            redis,
            logger: this.#log,
            ...(this.#announcements && { announcements: this.#announcements }),
            ...(localTtl !== undefined && { localTtl: milliseconds(localTtl) }),
            ...(onInvalidateFail && { onInvalidateFail }),
          }),
          () => this.#beside?.engine,
        )
      : memoryEngine(this.#memory)
    this.#engines = new Engines(main, database, () => memoryEngine(this.#memory))
    this.values = new Cache({ engines: this.#engines, logger: this.#log })
  }

  /** Routes say at boot where they keep answers. */
  use(backend: Backend): void {
    if (backend === 'memory' && this.#engines.current.engine.backend === 'redis')
      this.#beside ??= { engine: memoryEngine(this.#memory), flights: new Flights() }
  }

  seat(backend: Backend): Seat {
    const seat = this.#engines.current
    // A test's clone of the database has a memory of its own.
    return backend === 'memory' && seat.engine.backend === 'redis' ? (this.#beside ?? seat) : seat
  }

  end(tags: readonly string[]): Promise<unknown> {
    return this.#engines.current.engine.end(tags)
  }

  clear(): Promise<unknown> {
    return this.#engines.current.engine.clear()
  }

  /** What an app has, where the plugin was not given it. */
  booted(logger: Logger, database: Database | undefined): void {
    this.#logger ??= logger
    if (database !== undefined) this.#engines.attach(database)
  }

  /** So that the first request finds the line. */
  open(): void {
    this.#announcements?.hears()
  }

  async close(): Promise<void> {
    await this.#engines.close()
    await this.#beside?.engine.close()
    if (this.#ownsAnnouncements) await this.#announcements?.close()
  }

  /** The app's logger is known when it is booted. */
  readonly #log: Logger = {
    debug: (...said) => this.#logger?.debug(...said),
    info: (...said) => this.#logger?.info(...said),
    warning: (...said) => this.#logger?.warning(...said),
    error: (...said) => this.#logger?.error(...said),
  }
}
