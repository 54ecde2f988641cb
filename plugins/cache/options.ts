import type { Duration } from '#core/internal/duration'
import type { Size } from '#core/internal/size'
import type { Announcements } from '#core/ports/announcements'
import type { Clock } from '#core/ports/clock'
import type { Database } from '#core/ports/database'
import type { Logger } from '#core/ports/logger'
import type { Redis } from '#core/ports/redis'
import type { User } from '#core/scope'

/** Where answers are kept: in this process alone, or where all processes have them. */
export type Backend = 'memory' | 'redis'

/** What is known of a request before its handler runs. */
export interface CachedCall {
  readonly params: Readonly<Record<string, string>>
  /** As the route's schema has read it. */
  readonly query: Readonly<Record<string, unknown>>
  readonly user: User | undefined
}

/** What is known when a handler has answered. */
export interface HandledCall<Result = unknown> extends CachedCall {
  /** What the handler answered, before it became JSON; `undefined` where it made a `Response` itself. */
  readonly result: Result
}

/**
 * Names of tags: `'posts'`, `['posts:{id}', 'posts']` with parameters of the path in them, or a function that finds them. Its
 * parameter may be written with narrower types than it has here, and should have its type where the route has schemas:
 * TypeScript does not infer what handlers get from options with a function in them whose parameter has none.
 */
export type Tags<Call> = string | readonly string[] | { of(call: Call): string | readonly string[] }['of']

/** What a route may say, and the plugin for those that do not. */
export interface CommonCache {
  /** How long an answer is fresh, give or take a tenth: what was stored together does not end together. */
  readonly ttl?: Duration
  /** Where it is kept. @default 'redis' where there is one, else 'memory' */
  readonly backend?: 'memory' | 'redis'
  /** Each user has answers of their own; so has whoever acts for them, and each set of permissions. @default false */
  readonly varyOnUser?: boolean
  /** Callers with the same permissions share answers. @default false */
  readonly varyOnPermissions?: boolean
  /** After `ttl` an answer is still given for so long, while it is made anew beside. @default 0 */
  readonly swr?: Duration
  /** After `ttl` an answer still stands in for so long where making it anew fails with 5xx. @default 0 */
  readonly staleIfError?: Duration
  /** How long a caller waits for a new answer where `staleIfError` allows the old one. @default until it is there */
  readonly timeout?: Duration
  /** How long a 404 is kept. @default not at all */
  readonly negative?: Duration
  /** One process makes an answer, and the others wait for it this long at most; `true` is `'10s'`. @default false */
  readonly lease?: boolean | Duration
  /** How long after `ttl` this process answers its own copy while Redis is away. Never where answers depend on the caller. @default 0 */
  readonly grace?: Duration
  /** Request headers that the answer depends on: `Vary` names them. @default none */
  readonly vary?: readonly string[]
  /** Languages that the handler answers in, the usual one first: `Accept-Language` is read as one of them. @default none */
  readonly languages?: readonly string[]
  /** Headers of the answer to keep beside Content-Type, Content-Language, ETag, Last-Modified and Link. @default none */
  readonly headers?: readonly string[]
  /**
   * How long clients and proxies may answer it themselves, without asking: they hear of nothing that ends meanwhile.
   * @default `ttl` where no tag can end it and it is for everybody, else they ask each time
   */
  readonly maxAge?: Duration
}

/** The rules of a route; what it leaves out is the plugin's word. */
export interface RouteCache extends CommonCache {
  /**
   * Everybody who is let in gets the same answer, also who sent credentials. Where the handler looks at who calls, this
   * tells one caller what was for another.
   * @default false
   */
  readonly shared?: boolean
  /** What ends answers early, see `invalidates`: `'posts:{id}'`. @default none */
  readonly tags?: Tags<CachedCall>
}

/** Kept answers and values. What routes may say too counts for those that do not. */
export interface CacheOptions extends CommonCache {
  /** Where processes keep answers together. */
  readonly redis?: Redis
  /** How processes tell each other what has ended. @default over `redis` */
  readonly announcements?: Announcements
  /** Whose transactions count: inside them values are neither read nor kept, and what ends does so with the commit. @default the app's */
  readonly database?: Database
  /** Of the app: answers that another one has kept are not used. Where `change()`s of versions alter answers, it must change too. @default '' */
  readonly version?: string
  /** Say `Cache-Status` (RFC 9211) on answers. @default false */
  readonly debug?: boolean
  /** What is kept in the memory of this process, all together. @default '64MB' */
  readonly maxBytes?: Size
  /** How many things are kept in the memory of this process. @default 100000 */
  readonly maxEntries?: number
  /** Larger ones are answered and not kept. @default '256KB' */
  readonly maxEntryBytes?: Size
  /** For how long nothing is kept under a tag after it ended: the lag of a replica that handlers read from. @default 0 */
  readonly holdStore?: Duration
  /** The longest that a local copy over Redis is believed without asking it again. The same in every process. @default '2s' */
  readonly localTtl?: Duration
  /** A write whose tags cannot be told to Redis: note them and tell it later, or refuse the write with 503 before it is done, which takes a transaction (`transaction: true`, resources). @default 'journal' */
  readonly onInvalidateFail?: 'journal' | 'fail-write'
  /** A clock that tests travel with. @default one that never goes back */
  readonly clock?: Clock
  /** @default that of the app */
  readonly logger?: Logger
}
