import type { Announcements } from '#core/ports/announcements'
import type { Clock } from '#core/ports/clock'
import type { Logger } from '#core/ports/logger'
import type { Redis } from '#core/ports/redis'

/** What both kinds of engine are given. Times are milliseconds, sizes bytes. */
export interface EngineOptions {
  /** All copies in the memory of this process together. @default 64 MB */
  readonly maxBytes?: number
  /** How many copies there are in memory at most. @default 100000 */
  readonly maxEntries?: number
  /** A payload that is larger is answered and not stored. @default 256 kB */
  readonly maxEntryBytes?: number
  /** For how long nothing is stored under a tag after it ended: the lag of a replica that loads read from. @default 0 */
  readonly holdStore?: number
  /** A clock that tests travel with. @default one that never goes back; over Redis, its own */
  readonly clock?: Clock
  /** For how long a hold is heeded whose holder has died. For tests. @default 30000 */
  readonly holdFor?: number
}

export interface RedisEngineOptions extends EngineOptions {
  readonly redis: Redis
  /** How processes tell each other what has ended; without them there are no local copies. */
  readonly announcements?: Announcements
  /** The longest that a local copy is believed without asking Redis again. The same in every process. @default 2000 */
  readonly localTtl?: number
  /**
   * What {@link Engine.hold} does while Redis is away: note what ends and tell it later, or refuse the write.
   * @default 'journal'
   */
  readonly onInvalidateFail?: 'journal' | 'fail-write'
  /** Keeps caches over one Redis apart. @default none */
  readonly namespace?: string
  readonly logger?: Logger
}

export interface ResolvedEngineOptions {
  readonly maxBytes: number
  readonly maxEntries: number
  readonly maxEntryBytes: number
  readonly holdStore: number
  readonly holdFor: number
}

/** @throws {RangeError} when a number is out of its range */
export function resolveEngineOptions(options: EngineOptions): ResolvedEngineOptions {
  const resolved = {
    maxBytes: options.maxBytes ?? 64 * 1024 ** 2,
    maxEntries: options.maxEntries ?? 100_000,
    maxEntryBytes: options.maxEntryBytes ?? 256 * 1024,
    holdStore: options.holdStore ?? 0,
    holdFor: options.holdFor ?? 30_000,
  }
  for (const [name, value] of Object.entries(resolved)) {
    const least = name === 'holdStore' ? 0 : 1
    if (!Number.isInteger(value) || value < least)
      throw new RangeError(`cache.${name}: ${value} is no whole number of at least ${least}`)
  }
  return resolved
}

export const monotonic: Clock = { now: () => performance.now() }
