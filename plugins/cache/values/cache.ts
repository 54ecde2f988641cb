import type { Database, Values } from '#core/ports/database'
import type { Logger } from '#core/ports/logger'
import { endTags } from '#core/tags'
import { type BuiltQuery, cachedQuery, type QueryRules, type TextQuery } from '../database/cached.ts'
import { ageOf, type Ended, type Engines, type Entry, readThrough } from '../engine/index.ts'
import { decode, encode } from './codec.ts'
import { type MethodDecorator, type MethodRules, wrapped } from './method.ts'
import { type CacheRules, resolveRules } from './rules.ts'

export interface CacheParts {
  readonly engines: Engines
  readonly logger?: Logger
}

/**
 * Values under keys. Each caller gets a copy of its own, the same whether it was loaded or stored: plain objects, arrays,
 * Map, Set, Date, bigint, bytes. From `kwik/cache`.
 *
 * @example
 * const product = await cache.getOrSet(`product:${id}`, () => findProduct(id), { ttl: '5m', tags: [`products:${id}`] })
 * await cache.invalidate(`products:${id}`)
 */
export class Cache {
  readonly #engines: Engines
  readonly #logger: Logger | undefined
  /** Which class a name of one stands for. */
  readonly #classes = new Map<string, object>()

  constructor({ engines, logger }: CacheParts) {
    this.#engines = engines
    this.#logger = logger
  }

  /** Inside its transactions nothing is read from the cache or stored, and what ends does so when they are committed. */
  get #database(): Database | undefined {
    return this.#engines.database
  }

  /**
   * What is stored under the key, or what `load` gives, which is stored then. Callers that ask at once share one load, and
   * its error; one that asks after something ended shares no load that began before. Inside a transaction it loads.
   *
   * The key must say everything that the value depends on: what it is of, and whose it is.
   *
   * @param load is given a signal that says when nobody waits any more
   * @throws {TypeError} for a value that cannot be stored, such as a function or an instance of a class
   */
  async getOrSet<T>(key: string, load: (signal: AbortSignal) => T | Promise<T>, rules: CacheRules): Promise<T> {
    const { life, ...resolved } = resolveRules(rules)
    if (this.#database?.inTransaction) {
      return copied(await load(rules.signal ?? new AbortController().signal))
    }
    const { value } = await readThrough<T, undefined>(this.#engines.current, {
      ...resolved,
      key: named(key),
      tags: rules.tags ?? [],
      read,
      load: async (signal) => {
        const loaded = await load(signal)
        const alive = life(loaded)
        return { value: undefined, payload: encode(loaded), ...(alive && { life: alive }) }
      },
      share: ({ payload }) => ofText(payload!),
      failed: (error) => this.#logger?.warning('A value of the cache could not be loaded anew.', { key, error }),
    })
    return value
  }

  /**
   * Rows of a query, kept under its text, its parameters and the tenant of the request. Writes of resources end them by
   * their tags; whoever writes otherwise says `invalidate`. Inside a transaction it always runs.
   *
   * @param query one of drizzle's builder, not awaited, or SQL as `database.values()` takes it
   * @throws {TypeError} for a query that may write, for a parameter that is no plain value, and without a database
   * @example
   * const { id } = params
   * const rows = await cache.query(db.drizzle.select().from(posts.for(db)).where(eq(posts.for(db).id, id)), {
   *   ttl: '5m',
   *   tags: [`posts:${id}`],
   * })
   */
  query<Rows>(query: BuiltQuery<Rows>, rules: QueryRules): Promise<Rows>
  query(query: TextQuery, rules: QueryRules): Promise<Values[]>
  async query(query: BuiltQuery<unknown> | TextQuery, rules: QueryRules): Promise<unknown> {
    if (!this.#database)
      throw new TypeError('cache.query: whose transactions count? Give kwik({ database }), or cache({ database })')
    return cachedQuery(this, this.#database, query, rules)
  }

  /**
   * What is stored and fresh, or `undefined`; always `undefined` inside a transaction.
   * @param tags those that it was stored with: under others it is not found
   */
  async get<T>(key: string, { tags = [] }: { readonly tags?: readonly string[] } = {}): Promise<T | undefined> {
    if (this.#database?.inTransaction) return undefined
    const { engine } = this.#engines.current
    const entry = engine.peek(named(key), tags) ?? (await engine.look(named(key), tags)).entry
    if (entry === undefined || ageOf(entry, engine.now()) !== 'fresh') return undefined
    try {
      return read<T>(entry)
    } catch {
      return undefined
    }
  }

  /** Stores a value in the place of what is there, whatever is being loaded; inside a transaction, when that is committed. */
  async set<T>(
    key: string,
    value: T,
    rules: Pick<CacheRules, 'ttl' | 'tags' | 'swr' | 'staleIfError' | 'negative'>,
  ): Promise<void> {
    const life = resolveRules(rules).life(value)
    const payload = encode(value)
    await this.#committed(async () => {
      const { engine } = this.#engines.current
      await engine.delete(named(key))
      if (life === undefined) return
      const { ticket } = await engine.look(named(key), rules.tags ?? [])
      await engine.put(ticket, payload, life)
    })
  }

  /** Ends one value; inside a transaction, when that is committed. It resolves when no process answers it any more. */
  async delete(key: string): Promise<void> {
    await this.#committed(() => this.#engines.current.engine.delete(named(key)))
  }

  /**
   * Ends everything that has one of the tags, values and answers of routes alike; inside a transaction, when that is
   * committed. It resolves when no process answers it any more.
   *
   * @returns `told`; `noted` while Redis is away: this process answers nothing of it, the others are told when Redis is
   * back; nothing inside a transaction, where it is not known yet
   */
  async invalidate(...tags: readonly string[]): Promise<Ended | undefined> {
    if (!this.#database?.inTransaction) return this.#engines.current.engine.end(tags)
    await endTags(this.#database, tags)
    return undefined
  }

  /** Ends everything, also the answers of routes. */
  async clear(): Promise<void> {
    await this.#committed(() => this.#engines.current.engine.clear())
  }

  /**
   * Keeps what a method gives, under its arguments. The key is the names of class and method with the arguments, unless
   * `key` says another. What the method takes from its object is not part of that.
   *
   * @throws {TypeError} when called, for arguments that are no plain values, and for two classes of one name
   * @example
   * class Prices {
   *   \@cache.cached({ ttl: '1m', tags: (id: string) => [`products:${id}`] })
   *   async of(id: string) { ... }
   * }
   */
  cached<Args extends readonly unknown[]>(rules: MethodRules<Args>): MethodDecorator<Args> {
    return (method, { name, static: isStatic }) =>
      wrapped(this, this.#classes, method, `${isStatic ? 'static ' : ''}${String(name)}`, rules)
  }

  /** At once, or when the caller's transaction is committed. */
  async #committed(run: () => Promise<unknown>): Promise<void> {
    if (!this.#database?.inTransaction) await run()
    else
      this.#database.afterCommit(async () => {
        await run()
      })
  }
}

/** Answers of routes are in the same engine. */
const named = (key: string): string => `v:${key}`

/** Whoever names a key says what type is under it. */
const ofText = <T>(payload: string): T => decode(payload) as T
const read = <T>({ payload }: Entry): T => ofText(payload)
const copied = <T>(value: T): T => ofText(encode(value))
