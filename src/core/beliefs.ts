import { LRUCache } from 'lru-cache'
import { announceUntil } from './internal/announcing.ts'
import type { Announcements } from './ports/announcements.ts'
import type { Clock } from './ports/clock.ts'
import type { Database } from './ports/database.ts'

/** How facts of one kind are read, and how long a copy of one is good. */
export interface BeliefsOptions<T> {
  readonly database: Database
  /** Names the kind of fact, the same in every process: `account`. */
  readonly topic: string
  /** Reads one fact; `undefined` when there is none, which is not remembered. */
  readonly read: (key: string) => Promise<T | undefined>
  /** Milliseconds for which a copy is believed at most. Every process of an app has the same. */
  readonly believedFor: number
  /** Asked when it is needed: a service may get it later than it is made. */
  readonly announcements?: () => Announcements | undefined
  /** A clock that tests travel with; without one time cannot be set back. */
  readonly clock?: () => Clock | undefined
}

interface Copy<T> {
  readonly value: T
  readonly until: number
}

/** Copies of the facts of one kind in one engine, and the loads under way. */
interface Kept<T> {
  readonly topic: string
  readonly copies: LRUCache<string, Copy<T>>
  readonly loading: Map<string, Promise<T | undefined>>
}

/** An engine that copies were made of: all services of this process over it share what ends them. */
interface Ground {
  readonly kept: Set<Kept<unknown>>
  /** SQLite's number of the last state that was seen. */
  version: unknown
  /** Asked for in this turn of the event loop: until it ends nothing else of this process runs. */
  asked: boolean
}

const grounds = new WeakMap<object, Ground>()
const most = 10_000

/**
 * Copies of facts whose truth is in the database: what somebody may do, whether a session is live. A copy is answered
 * only while it is certain that nobody has changed the fact:
 *
 * - SQLite says by `PRAGMA data_version` whether any other connection has committed; it is asked before each answer.
 * - PostgreSQL with {@link Announcements}: while they are heard, and for `believedFor` since the load began.
 * - PostgreSQL alone: never; each load reads.
 *
 * Whoever changes a fact says `over`; its answer waits until no process believes the old one.
 */
export class Beliefs<T> {
  readonly #options: BeliefsOptions<T>
  readonly #home: object
  readonly #mine = new WeakMap<object, Kept<T>>()
  #listening: Announcements | undefined

  constructor(options: BeliefsOptions<T>) {
    this.#options = options
    this.#home = this.#engine
  }

  /** The fact as it is known without waiting; `undefined` says: load it. */
  peek(key: string): T | undefined {
    if (this.#options.database.inTransaction || !this.#isCertain()) return undefined
    const copy = this.#keep().copies.get(key)
    if (copy === undefined) return undefined
    const left = copy.until - this.#now()
    // More than was given is left when a clock was set back.
    return left > 0 && left <= this.#options.believedFor ? copy.value : undefined
  }

  /** The fact as the database has it. Those who ask at once share one load, where it is certain that none came too late for it. */
  load(key: string): Promise<T | undefined> {
    const { read, believedFor } = this.#options
    // What a transaction sees may never come true.
    if (this.#options.database.inTransaction || !this.#isCertain()) return read(key)
    const { copies, loading } = this.#keep()
    const known = loading.get(key)
    if (known) return known
    const until = this.#now() + believedFor
    const load: Promise<T | undefined> = read(key)
      .then((value) => {
        // A change while it was read has taken it off the list.
        if (value !== undefined && this.#isCertain() && loading.get(key) === load) copies.set(key, { value, until })
        return value
      })
      .finally(() => {
        if (loading.get(key) === load) loading.delete(key)
      })
    loading.set(key, load)
    return load
  }

  /**
   * Says that facts have ended, or all of this kind. Inside a transaction it holds when that is committed, and `tx()`
   * waits for it. It resolves when no process believes them any more.
   */
  async over(keys?: readonly string[]): Promise<void> {
    const { database, topic } = this.#options
    const names = keys?.map((key) => `${topic}:${key}`) ?? [`${topic}:*`]
    const end = (since: number): Promise<void> => {
      for (const name of names) forget(groundOf(this.#engine), name)
      return this.#announce(names, since)
    }
    if (database.inTransaction) database.afterCommit(end)
    else await end(performance.now())
  }

  async #announce(names: readonly string[], since: number): Promise<void> {
    const announcements = this.#listens()
    if (announcements) await announceUntil(announcements, names, since + this.#options.believedFor)
  }

  #isCertain(): boolean {
    const { database } = this.#options
    if (database.dialect === 'sqlite') return isUnchanged(database, groundOf(this.#engine))
    return this.#listens()?.hears() === true
  }

  /** The announcements that this process lives by: copies of a test's clone of the database are nobody else's. */
  #listens(): Announcements | undefined {
    const { database, announcements } = this.#options
    if (database.dialect === 'sqlite' || this.#engine !== this.#home) return undefined
    const given = announcements?.()
    if (given === undefined || given === this.#listening) return given
    this.#listening = given
    const ground = groundOf(this.#home)
    given.listen(
      (name) => forget(ground, name),
      () => forget(ground, `${this.#options.topic}:*`),
    )
    return given
  }

  get #engine(): object {
    const { database } = this.#options
    return database.engine ?? database
  }

  #keep(): Kept<T> {
    const engine = this.#engine
    let kept = this.#mine.get(engine)
    if (kept === undefined) {
      kept = { topic: this.#options.topic, copies: new LRUCache({ max: most }), loading: new Map() }
      this.#mine.set(engine, kept)
      groundOf(engine).kept.add(kept as Kept<unknown>)
    }
    return kept
  }

  #now(): number {
    return this.#options.clock?.()?.now() ?? performance.now()
  }
}

function groundOf(engine: object): Ground {
  let ground = grounds.get(engine)
  if (ground === undefined) {
    ground = { kept: new Set(), version: undefined, asked: false }
    grounds.set(engine, ground)
  }
  return ground
}

/** Forgets `topic:key`, or the whole topic by `topic:*`; loads under way are no longer remembered. */
function forget(ground: Ground, name: string): void {
  const colon = name.indexOf(':')
  const [topic, key] = [name.slice(0, colon), name.slice(colon + 1)]
  for (const kept of ground.kept) {
    if (kept.topic !== topic) continue
    if (key === '*') empty(kept)
    else {
      kept.copies.delete(key)
      kept.loading.delete(key)
    }
  }
}

function empty({ copies, loading }: Kept<unknown>): void {
  copies.clear()
  loading.clear()
}

/**
 * Whether no other connection has committed since the last look; what is believed is forgotten when one has. A commit of
 * the connection itself does not count: whoever makes one says `over`. https://www.sqlite.org/pragma.html#pragma_data_version
 */
function isUnchanged(database: Database, ground: Ground): boolean {
  if (ground.asked) return true
  const version = database.valuesNow?.('pragma data_version')?.[0]?.[0]
  if (version === undefined) return false
  if (version !== ground.version) {
    for (const kept of ground.kept) empty(kept)
    ground.version = version
  }
  ground.asked = true
  queueMicrotask(() => {
    ground.asked = false
  })
  return true
}
