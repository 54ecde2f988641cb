import { createHash } from 'node:crypto'
import type { Redis } from '#core/ports/redis'
import { everything } from './ends.ts'
import { endScript, fencedFor, holdScript, putScript, readScript, releaseScript } from './scripts.ts'

/** What was seen of a key in Redis. */
export interface Seen {
  /** Another one after each start of Redis, also with an old copy of the data. */
  readonly run: string
  /** Milliseconds of Redis' clock. */
  readonly now: number
  /** Of the entry: '' where there is none. */
  readonly id: string
  /** '' where there is none, or it is the one that was known. */
  readonly text: string
  /** Of everything, and of each tag. */
  readonly versions: readonly string[]
}

/** How many keys one script touches at most: Redis serves nobody else meanwhile. */
const batch = 500

/** The keys of a cache in Redis. Everything throws `RedisUnavailable` within the deadline of the connection. */
export class RedisStore {
  readonly space: string
  readonly #redis: Redis

  constructor(redis: Redis, namespace: string | undefined) {
    this.#redis = redis
    this.space = namespace === undefined ? 'cache:' : `cache.${namespace}:`
  }

  async read(key: string, tags: readonly string[], known: string): Promise<Seen> {
    const said = await readScript(this.#redis, this.#keys(key, tags), [newId(), known, fencedFor])
    if (!Array.isArray(said)) throw new TypeError('Redis answered something else than what a cache has')
    const [run, now, id, text, ...versions] = said.map(String) as [string, string, string, string, ...string[]]
    return { run, now: Number(now), id, text, versions }
  }

  /** @param at milliseconds of another clock than Redis' own. @returns when it was stored, or 0 */
  async put(
    key: string,
    tags: readonly string[],
    { run, id, versions }: Seen,
    entry: { readonly id: string; readonly at?: number; readonly rest: string; readonly ms: number },
  ): Promise<number> {
    const values = [run, id, entry.id, entry.ms, entry.at ?? '', entry.rest, ...versions]
    return Number(await putScript(this.#redis, this.#keys(key, tags), values))
  }

  async hold(tags: readonly string[], id: string, ms: number): Promise<void> {
    const keys = tags.map(this.#tag)
    for (let at = 0; at < keys.length; at += batch)
      await holdScript(this.#redis, keys.slice(at, at + batch), [id, Math.ceil(ms)])
  }

  /** @param names as {@link Ends} has them */
  async end(names: readonly string[], holder: string, lag: number): Promise<void> {
    const entries = names.filter((name) => name.startsWith('k:'))
    const versions = names.filter((name) => !name.startsWith('k:'))
    for (const [some, of] of [...batches(versions, true), ...batches(entries, false)]) {
      const keys = some.map((name) => (name === everything ? this.#all : this.#named(name)))
      await endScript(this.#redis, keys, [of ? keys.length : 0, holder, newId(), lag, fencedFor])
    }
  }

  async lease(key: string, id: string, ms: number): Promise<boolean> {
    const reply = await this.#redis.run(['SET', this.#lock(key), id, 'NX', 'PX', Math.ceil(ms)])
    return reply === 'OK'
  }

  async release(key: string, id: string): Promise<void> {
    await releaseScript(this.#redis, [this.#lock(key)], [id])
  }

  get #all(): string {
    return `${this.#redis.prefix}${this.space}all`
  }

  readonly #tag = (tag: string): string => `${this.#redis.prefix}${this.space}t:${tag}`
  readonly #lock = (key: string): string => `${this.#redis.prefix}${this.space}l:${hashOf(key)}`
  readonly #entry = (key: string): string => `${this.#redis.prefix}${this.space}e:${hashOf(key)}`
  readonly #named = (name: string): string =>
    name.startsWith('k:') ? this.#entry(name.slice(2)) : this.#tag(name.slice(2))

  #keys(key: string, tags: readonly string[]): string[] {
    return [this.#entry(key), this.#all, ...tags.map(this.#tag)]
  }
}

export const newId = (): string => crypto.randomUUID().replaceAll('-', '')

/** Keys may hold what Redis' tools must not show, and be of any length. */
const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64url')

function* batches(names: readonly string[], are: boolean): Generator<[names: readonly string[], are: boolean]> {
  for (let at = 0; at < names.length; at += batch) yield [names.slice(at, at + batch), are]
}
