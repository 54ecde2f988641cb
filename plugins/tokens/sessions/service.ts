import { randomBytes } from 'node:crypto'
import { refuse } from '#core/errors'
import { orderedUuids } from '#core/internal/uuid'
import type { Announcements } from '#core/ports/announcements'
import type { Database } from '#core/ports/database'
import type { SecurityEvent } from '#core/ports/security-events'
import type { SessionInfo, SessionSubject, Sessions, TokenAnswer } from '#core/ports/sessions'
import type { ProblemError } from '#core/problem'
import type { Scope } from '#core/scope'
import { type AccessClaims, issueAt, readToken, type TokenReader } from '../access-token.ts'
import { crossSiteRefusal } from '../cross-site.ts'
import { refreshRefused } from '../errors.ts'
import type { KeyRing } from '../keys/ring.ts'
import {
  type ResolvedSessionOptions,
  type ResolvedTokenServiceOptions,
  resolveSessionOptions,
  resolveTokenServiceOptions,
  type SessionServiceOptions,
} from '../options.ts'
import { setAccessCookie, setRefreshCookie } from './cookies.ts'
import { LiveSessions, type Verdict } from './live.ts'
import { isOurs, readRefreshToken, refreshToken } from './refresh-token.ts'
import { rotate } from './rotation.ts'
import { type SessionRow, SessionStore } from './store.ts'

/** Sessions as an app uses them: `servicesOf(platform).sessions`. */
export interface SessionService extends Sessions {
  /**
   * Shows a refresh token, and gets the tokens that come next.
   * @throws {ProblemError} `KWIK_TOKEN_REFRESH` for any token that does not go on
   */
  refresh(token: string, scope: Scope): Promise<TokenAnswer>
  /** Single access tokens that are taken no more. */
  readonly blacklist: {
    /** @param seconds for which it is refused. @default as long as an access token can live */
    add(jti: string, seconds?: number): Promise<void>
  }
}

/** What somebody who signs in was seen with is cut to this, and has nothing that a terminal obeys or no database keeps. */
const longestAgent = 200
/** Seconds beyond the life of an access token for which its id is kept: clocks differ. */
const skew = 30
/** How long a first request waits for the first connection to Redis, in milliseconds. */
const firstConnection = 2000

/** Sessions over a database, and what the plugin asks of them. */
export class SessionKeeper implements SessionService, TokenReader {
  readonly blacklist: SessionService['blacklist']
  readonly options: ResolvedSessionOptions
  readonly #tokens: ResolvedTokenServiceOptions
  readonly #given: SessionServiceOptions
  readonly #store: SessionStore
  readonly #live: LiveSessions
  readonly #newId = orderedUuids()
  #firstHeard: Promise<boolean> | undefined

  constructor(database: Database, given: SessionServiceOptions) {
    this.#given = given
    this.#tokens = resolveTokenServiceOptions(given)
    this.options = resolveSessionOptions(given)
    if (this.#peppers.length === 0)
      throw new TypeError('refresh tokens need a secret of ours: a private key, or a `secret` among the keys')
    this.#store = new SessionStore(database, given.clock)
    const { principals, announcements, clock } = given
    const { believedFor } = this.options
    this.#live = new LiveSessions({ database, store: this.#store, principals, believedFor, announcements, clock })
    this.blacklist = { add: (jti, seconds) => this.#refuseToken(jti, seconds) }
  }

  get ring(): KeyRing {
    return this.#tokens.ring
  }

  refusal(scope: Scope): ProblemError | undefined {
    return this.options.cookies ? crossSiteRefusal(scope, this.options.trusted) : undefined
  }

  async begin(scope: Scope, subject: SessionSubject): Promise<TokenAnswer & { readonly sessionId: string }> {
    const { id: userId, tokenVersion, actor, ttl, tenant, reason } = subject
    if (actor && !(ttl !== undefined && ttl > 0)) throw new TypeError('a session with an actor needs its ttl')
    this.mustBeOurs(scope)
    const acting = actor?.sessionId === undefined ? undefined : await this.#store.find(actor.sessionId)
    const lives = actor ? { idle: ttl! * 1000, absolute: ttl! * 1000 } : this.options
    const session = {
      id: this.#newId(this.#tokens.clock.now()),
      userId,
      tokenVersion,
      salt: randomBytes(16).toString('base64url'),
      idle: lives.idle,
      absolute: lives.absolute,
      address: scope.address?.slice(0, 45) ?? null,
      userAgent: agentOf(scope.request),
      // Who is bound to one tenant acts for others there alone.
      tenant: tenant ?? acting?.tenant ?? null,
      actor: actor ? { ...actor, sessionId: actor.sessionId ?? null } : null,
      reason: reason?.slice(0, 500) ?? null,
    }
    const { now } = await this.#store.insert(session)
    await this.#store.removeExpired()
    const row = { ...session, generation: 1, idleExpiresAt: now + session.idle, readAt: now }
    return { ...(await this.#answer(scope, row)), sessionId: session.id }
  }

  async refresh(token: string, scope: Scope): Promise<TokenAnswer> {
    this.mustBeOurs(scope)
    const shown = readRefreshToken(token)
    if (shown === undefined) throw refreshRefused()
    const step = await rotate(
      {
        store: this.#store,
        peppers: this.#peppers,
        grace: this.options.grace,
        idle: this.options.idle,
        mayGoOn: async ({ userId, tokenVersion }) =>
          (await this.#given.principals.load(userId))?.tokenVersion === tokenVersion,
      },
      shown,
    )
    if (step.outcome === 'reused') await this.#reused(step.row, shown.generation, scope)
    if (step.outcome === 'reused' || step.outcome === 'refused') throw refreshRefused()
    return this.#answer(scope, step.row)
  }

  list(userId: string): Promise<readonly SessionInfo[]> {
    return this.#store.list(userId)
  }

  async revoke(sessionId: string): Promise<boolean> {
    const userId = await this.#store.revoke(sessionId)
    // Also where it was over before: who ended it may have died before anybody was told.
    await this.#live.over([sessionId])
    if (userId === undefined) return false
    await this.#tell({ type: 'session.revoked', userId, sessionId, details: { reason: 'revoked' } })
    return true
  }

  /** Ends the session of somebody who says goodbye. */
  async logout(sessionId: string, scope: Scope): Promise<void> {
    // Their cookies go, and who acted for another has none left to go back by.
    const acted = this.options.cookies ? (await this.#store.find(sessionId))?.actor?.sessionId : undefined
    for (const id of acted == null ? [sessionId] : [sessionId, acted]) {
      const userId = await this.#store.revoke(id)
      await this.#live.over([id])
      if (userId !== undefined)
        await this.#tell({ type: 'session.revoked', userId, sessionId: id, details: { reason: 'logout' } }, scope)
    }
  }

  async revokeAll(
    userId: string,
    except?: { readonly sessionId: string; readonly tokenVersion: number },
    reason: 'logout-all' | 'revoked' | 'password' | 'disabled' = 'revoked',
  ): Promise<number> {
    const ids = await this.#store.revokeAll(userId, except?.sessionId)
    if (except) await this.#store.keep(except.sessionId, userId, except.tokenVersion)
    await this.#live.over(except ? [...ids, except.sessionId] : ids)
    if (ids.length > 0) await this.#tell({ type: 'session.revoked', userId, details: { reason } })
    return ids.length
  }

  read(token: string): ReturnType<TokenReader['read']> {
    return readToken(this.#tokens, token)
  }

  peek(claims: AccessClaims): Verdict | undefined {
    return this.#live.peek(claims)
  }

  check(claims: AccessClaims): Promise<Verdict> {
    return this.#live.check(claims)
  }

  /** The session of a refresh token that was made here, whatever became of it. */
  async sessionOf(token: string): Promise<string | undefined> {
    const shown = readRefreshToken(token)
    const row = shown && (await this.#store.find(shown.family))
    return row && isOurs(this.#peppers, shown, row) ? row.id : undefined
  }

  /**
   * Another site could sign its visitor in as somebody else, by a form with a password or a token of its own, or sign them
   * out: where cookies are written, its pages write none.
   * @throws {ProblemError} `KWIK_CROSS_SITE`
   */
  mustBeOurs(scope: Scope): void {
    const refusal = this.refusal(scope)
    if (refusal) throw refusal
  }

  /** The refusal of everybody while nobody can be told who was signed out; by the policy `deny` alone. */
  whileDeaf(): ProblemError | undefined | Promise<ProblemError | undefined> {
    const { announcements } = this.#given
    if (!this.options.denies || announcements === undefined || announcements.hears()) return undefined
    this.#firstHeard ??= announcements.ready(firstConnection)
    return this.#firstHeard.then(() => (announcements.hears() ? undefined : unavailable()))
  }

  get announcements(): Announcements | undefined {
    return this.#given.announcements
  }

  get #peppers(): readonly Uint8Array[] {
    return this.#tokens.ring.derived('refresh')
  }

  async #answer(
    scope: Scope,
    row: Pick<
      SessionRow,
      'id' | 'userId' | 'tokenVersion' | 'generation' | 'salt' | 'idleExpiresAt' | 'readAt' | 'actor'
    >,
  ): Promise<TokenAnswer> {
    const { id, userId, tokenVersion, actor, readAt } = row
    const left = Math.max(1, Math.floor((row.idleExpiresAt - readAt) / 1000))
    const { token, expiresIn } = await issueAt(
      { ...this.#tokens, ttl: Math.min(this.#tokens.ttl, left) },
      { id: userId, tokenVersion, sessionId: id, ...(actor && { actorId: actor.id }) },
      readAt,
    )
    const next = actor ? undefined : refreshToken(this.#peppers[0]!, row, row.generation)
    if (this.options.cookies) {
      setAccessCookie(scope, token, left)
      // The cookie of whoever acts stays: it leads them back.
      if (next !== undefined) setRefreshCookie(scope, next, left)
    }
    return {
      accessToken: token,
      tokenType: 'Bearer',
      expiresIn,
      ...(next !== undefined && !this.options.cookies && { refreshToken: next }),
      ...(next !== undefined && { refreshExpiresIn: left }),
    }
  }

  async #reused({ id, userId, generation }: SessionRow, shown: number, scope: Scope): Promise<void> {
    await this.#store.revoke(id)
    await this.#live.over([id])
    const details = { generation: shown, current: generation }
    await this.#tell({ type: 'refresh.reused', userId, sessionId: id, details }, scope)
  }

  async #refuseToken(jti: string, seconds: number = this.#tokens.ttl + skew): Promise<void> {
    if (jti.length === 0 || jti.length > 200 || jti.includes('\0'))
      throw new TypeError('a jti has 1 to 200 characters: it is the one of a token')
    if (!(seconds > 0)) throw new TypeError('a token is refused for some seconds, more than none')
    await this.#store.blacklist(jti, seconds * 1000)
    await this.#live.blacklistChanged()
    await this.#tell({ type: 'token.blacklisted', details: { jti } })
  }

  async #tell(event: SecurityEvent, scope?: Scope): Promise<void> {
    await this.#given.events?.record(event, scope)
  }
}

/**
 * Keeps sessions in a database that has `tokenTables`. From `kwik/tokens`; `kwik({...})` makes one by itself.
 *
 * @throws {TypeError} for a weak or missing secret, and times that contradict each other
 * @throws {ProblemError} by its methods: `KWIK_TOKEN_REFRESH`
 * @example
 * const sessions = sessionService(database, { secret: process.env.KWIK_SECRET ?? '', principals: accounts.principals })
 * await sessions.revokeAll(user.id)
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.14
 */
export const sessionService = (database: Database, options: SessionServiceOptions): SessionService =>
  new SessionKeeper(database, options)

/** @throws {TypeError} for sessions that were made elsewhere */
export function keeperOf(sessions: SessionService): SessionKeeper {
  if (sessions instanceof SessionKeeper) return sessions
  throw new TypeError('tokens({ sessions }) takes what sessionService() made')
}

const unavailable = (): ProblemError =>
  refuse('KWIK_UNAVAILABLE', { detail: 'Try again in a moment.' }, { 'retry-after': '1' })

function agentOf({ headers }: Request): string | null {
  const agent = headers.get('user-agent')?.replace(/\p{Cc}/gu, '')
  return agent ? agent.slice(0, longestAgent) : null
}
