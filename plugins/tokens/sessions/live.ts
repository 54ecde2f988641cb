import { Beliefs } from '#core/beliefs'
import { grantCheck } from '#core/grants'
import type { Announcements } from '#core/ports/announcements'
import type { Clock } from '#core/ports/clock'
import type { Database } from '#core/ports/database'
import type { Account, Principals } from '#core/ports/principals'
import { type AccessClaims, ageOf } from '../access-token.ts'
import { DatabaseTime } from './database-time.ts'
import type { SessionRow, SessionStore } from './store.ts'

export interface LiveParts {
  readonly database: Database
  readonly store: SessionStore
  readonly principals: Principals
  readonly believedFor: number
  readonly announcements: Announcements | undefined
  readonly clock: Clock | undefined
}

/** Everything that a token's word must be held against. */
interface Facts {
  readonly session: SessionRow | undefined
  readonly account: Account | undefined
  readonly blacklist: ReadonlySet<string> | undefined
  readonly actor: Account | undefined
  readonly actorSession: SessionRow | undefined
}

/** A token that is good now: whose it is, by which session. */
export interface Good {
  readonly session: SessionRow
  readonly account: Account
  /** Whoever acts in it for its owner. */
  readonly actor?: Account
}
export type Verdict = Good | 'expired' | 'invalid'

const all = 'all'
/** As ids are kept; PostgreSQL would fail at anything else. */
const idForm = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/
/** What an actor must go on holding: who loses it loses every session in which they act for somebody. */
const mayAct = grantCheck('users:impersonate')

/** Which sessions are live, and which single tokens are not. */
export class LiveSessions {
  readonly time: DatabaseTime
  readonly #parts: LiveParts
  readonly #sessions: Beliefs<SessionRow>
  readonly #blacklist: Beliefs<ReadonlySet<string>>

  constructor(parts: LiveParts) {
    const { database, store, believedFor, announcements, clock } = parts
    const shared = {
      database,
      believedFor,
      announcements: (): Announcements | undefined => announcements,
      clock: (): Clock | undefined => clock,
    }
    this.#parts = parts
    this.time = new DatabaseTime(database.dialect, clock)
    this.#sessions = new Beliefs({
      ...shared,
      topic: 'session',
      read: async (id) => {
        const row = await store.find(id)
        if (row) this.time.learn(row.readAt)
        return row?.revoked ? undefined : row
      },
    })
    this.#blacklist = new Beliefs({ ...shared, topic: 'blacklist', read: () => store.blacklisted() })
  }

  /** What is true of a token without waiting; `undefined` says: ask `check`. */
  peek(claims: AccessClaims): Verdict | undefined {
    const now = this.time.now()
    if (now === undefined || claims.sid === undefined) return undefined
    const { principals } = this.#parts
    const session = this.#sessions.peek(claims.sid)
    // One that seems to be over may have been refreshed elsewhere.
    if (session === undefined || session.idleExpiresAt <= now) return undefined
    const account = principals.peek?.(claims.sub)
    const blacklist = this.#blacklist.peek(all)
    if (account === undefined || blacklist === undefined) return undefined
    if (session.actor === null)
      return judge(claims, { session, account, blacklist, actor: undefined, actorSession: undefined }, now)
    const actor = principals.peek?.(session.actor.id)
    const actorSession = session.actor.sessionId === null ? undefined : this.#sessions.peek(session.actor.sessionId)
    if (actor === undefined || (session.actor.sessionId !== null && actorSession === undefined)) return undefined
    return judge(claims, { session, account, blacklist, actor, actorSession }, now)
  }

  async check(claims: AccessClaims): Promise<Verdict> {
    if (claims.sid === undefined || !idForm.test(claims.sid)) return 'invalid'
    const { principals } = this.#parts
    const [session, account, blacklist] = await Promise.all([
      this.#sessions.load(claims.sid),
      principals.peek?.(claims.sub) ?? principals.load(claims.sub),
      this.#blacklist.peek(all) ?? this.#blacklist.load(all),
    ])
    const { actor: acting } = session ?? {}
    const [actor, actorSession] = acting
      ? await Promise.all([
          principals.peek?.(acting.id) ?? principals.load(acting.id),
          acting.sessionId === null ? undefined : this.#sessions.load(acting.sessionId),
        ])
      : []
    // The time is known by now, where there is a session at all.
    return judge(claims, { session, account, blacklist, actor, actorSession }, this.time.now() ?? 0)
  }

  /** Sessions are over: it holds when the caller's transaction is committed, and resolves when everybody knows. */
  over(ids: readonly string[]): Promise<void> {
    return ids.length === 0 ? Promise.resolve() : this.#sessions.over(ids)
  }

  blacklistChanged(): Promise<void> {
    return this.#blacklist.over([all])
  }
}

function judge(claims: AccessClaims, facts: Facts, now: number): Verdict {
  const { session, account, blacklist, actor } = facts
  if (session === undefined || session.userId !== claims.sub || session.idleExpiresAt <= now) return 'invalid'
  // An app's own principals may say `null` for nobody.
  if (account?.tokenVersion !== session.tokenVersion || blacklist?.has(claims.jti)) return 'invalid'
  if (!actsRightly(claims, facts, now)) return 'invalid'
  return ageOf(claims, now) ?? (actor === undefined ? { session, account } : { session, account, actor })
}

/** A session in which somebody acts for another lives no longer than what made it right. */
function actsRightly({ act }: AccessClaims, { session, actor, actorSession }: Facts, now: number): boolean {
  const acting = session?.actor ?? null
  if (acting === null) return act === undefined
  if (act?.sub !== acting.id || actor?.tokenVersion !== acting.tokenVersion) return false
  if (!mayAct(actor.permissions)) return false
  if (acting.sessionId === null) return true
  return actorSession !== undefined && actorSession.userId === acting.id && actorSession.idleExpiresAt > now
}
