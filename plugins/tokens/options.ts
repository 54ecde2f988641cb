import { systemClock } from '#core/adapters/clock'
import { type Duration, milliseconds } from '#core/internal/duration'
import type { Announcements } from '#core/ports/announcements'
import type { Clock } from '#core/ports/clock'
import type { Principals } from '#core/ports/principals'
import type { SecurityEvents } from '#core/ports/security-events'
import { originsOf } from './cross-site.ts'
import { type KeyRing, keyRing, type SigningKey } from './keys/ring.ts'
import type { SessionService } from './sessions/service.ts'

/** How tokens are made and checked. */
export interface TokenServiceOptions {
  /** 32 random bytes at least. Who knows it can be anybody: it comes from the environment or a vault. */
  readonly secret?: string | Uint8Array
  /** In place of `secret`: to change keys without signing anybody out, or to sign with a key pair that others verify by. */
  readonly keys?: readonly SigningKey[]
  /** Who issues the tokens (`iss`). @default 'kwik' */
  readonly issuer?: string
  /** For whom they are (`aud`). Apps that share a secret must not share it. @default the issuer */
  readonly audience?: string
  /** How long a token is good. What it says is checked against the accounts on every request all the same. @default '10m' */
  readonly accessTtl?: Duration
  /** @default the system's clock */
  readonly clock?: Clock
}

/** How sessions go on. */
export interface RefreshOptions {
  /**
   * Where clients keep tokens: they are answered in the `body`, or in a `cookie` that no script can read. Both are taken in
   * the Authorization header all the same. Cookies bring a defence against other sites with them.
   * @default 'body'
   */
  readonly transport?: 'body' | 'cookie'
  /** How long the refresh token before the present one is answered with the present one: for answers that were lost. @default '10s' */
  readonly grace?: Duration
  /** A session that is not refreshed for so long is over. @default '14d' */
  readonly idle?: Duration
  /** A session is over after so long, however often it is refreshed. @default '60d' */
  readonly absolute?: Duration
  /** Other origins whose pages may send our cookies: `https://app.example.com`. Each can do whatever its visitors may. @default [] */
  readonly trustedOrigins?: readonly string[]
}

/** What sessions are made of, beside the tokens. */
export interface SessionOptions {
  readonly refresh?: RefreshOptions
  /**
   * What happens while Redis is configured and does not answer: `db` asks the database on every request, `deny` answers
   * 503 and turns readiness red. Nobody who was signed out gets in either way.
   * @default 'db'
   */
  readonly onSessionStoreDown?: 'db' | 'deny'
  /**
   * How long a session is believed without asking the database, where nobody says that it ended. Every process has the same.
   * @default '2s'
   */
  readonly believedFor?: Duration
}

/** Options of `sessionService()`. */
export interface SessionServiceOptions extends TokenServiceOptions, SessionOptions {
  /** Knows the people that sessions belong to: `accountsService(...).principals`, or an app's own. */
  readonly principals: Principals
  /** Tells other processes that a session is over. @default none: PostgreSQL is asked on every request */
  readonly announcements?: Announcements
  /** Is told of sign-outs and of refresh tokens that were used twice. @default none */
  readonly events?: SecurityEvents
}

/** Options of `tokens()`. */
export interface TokensOptions extends TokenServiceOptions {
  /** Knows the people that tokens name: `accountsService(...).principals`, or an app's own. */
  readonly principals: Principals
  /**
   * What `sessionService()` made: tokens then belong to sessions, and none without one is taken. Secret, keys, issuer and
   * audience are those of the service.
   */
  readonly sessions?: SessionService
  /** How many verified tokens are remembered, so that they are not verified again. @default 10000 */
  readonly remember?: number
}

export interface ResolvedTokenServiceOptions {
  readonly ring: KeyRing
  readonly issuer: string
  readonly audience: string
  /** Seconds. */
  readonly ttl: number
  readonly clock: Clock
}

/** @throws {TypeError} for a weak or missing secret, or a life that is no duration */
export function resolveTokenServiceOptions(options: TokenServiceOptions): ResolvedTokenServiceOptions {
  const { secret, keys, issuer = 'kwik', audience = issuer, accessTtl = '10m', clock = systemClock } = options
  if ((secret === undefined) === (keys === undefined))
    throw new TypeError('tokens need `secret` or `keys`, one of them: make a secret with `openssl rand -base64 32`')
  const ttl = Math.floor(milliseconds(accessTtl) / 1000)
  if (ttl < 1) throw new TypeError('accessTtl must be one second at least')
  return { ring: keyRing(keys ?? [{ secret: secret! }]), issuer, audience, ttl, clock }
}

export interface ResolvedSessionOptions {
  readonly cookies: boolean
  /** Milliseconds. */
  readonly grace: number
  readonly idle: number
  readonly absolute: number
  readonly believedFor: number
  readonly trusted: ReadonlySet<string>
  readonly denies: boolean
}

/** @throws {TypeError} for times that are none or contradict each other, and for what is no origin */
export function resolveSessionOptions(options: SessionOptions): ResolvedSessionOptions {
  const { refresh = {}, onSessionStoreDown = 'db', believedFor = '2s' } = options
  const { transport = 'body', grace = '10s', idle = '14d', absolute = '60d', trustedOrigins = [] } = refresh
  if (!['body', 'cookie'].includes(transport)) throw new TypeError("refresh.transport is 'body' or 'cookie'")
  if (!['db', 'deny'].includes(onSessionStoreDown)) throw new TypeError("onSessionStoreDown is 'db' or 'deny'")
  const resolved = {
    cookies: transport === 'cookie',
    grace: milliseconds(grace),
    idle: milliseconds(idle),
    absolute: milliseconds(absolute),
    believedFor: milliseconds(believedFor),
    trusted: originsOf(trustedOrigins),
    denies: onSessionStoreDown === 'deny',
  }
  if (resolved.idle > resolved.absolute) throw new TypeError('refresh.idle must not be longer than refresh.absolute')
  if (resolved.idle < 1000) throw new TypeError('refresh.idle must be one second at least')
  if (resolved.grace > 60_000)
    throw new TypeError('refresh.grace must not be over a minute: a stolen token is good as long')
  return resolved
}
