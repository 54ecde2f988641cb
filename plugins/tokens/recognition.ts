import { LRUCache } from 'lru-cache'
import { grantCheck, meet } from '#core/grants'
import type { Clock } from '#core/ports/clock'
import type { Account, Principals } from '#core/ports/principals'
import type { ProblemError } from '#core/problem'
import type { Principal, Way } from '#core/scope'
import { type AccessClaims, ageOf, type TokenReader } from './access-token.ts'
import { expired, invalid } from './errors.ts'
import type { Verdict } from './sessions/live.ts'
import type { SessionKeeper } from './sessions/service.ts'

/** Whether a token is good now: what its claims are held against. */
export interface Court {
  /** Without waiting, where everything is certain; `undefined` says: ask `check`. */
  peek(claims: AccessClaims): Ruling | undefined
  check(claims: AccessClaims): Promise<Ruling>
}
type Ruling = Verdict | { readonly session: undefined; readonly account: Account; readonly actor?: undefined }

/** A verified token, and whom it made of which facts: the same facts make the same principal. */
interface Verified {
  readonly claims: AccessClaims
  account: Account | undefined
  session: unknown
  actor: Account | undefined
  principal: Principal | undefined
}
export type Answer = Principal | ProblemError

/**
 * Recognises callers by their access token. A signature is checked once and remembered in a bounded memory; everything
 * that can end is looked at on each request, so a remembered token dies with its session.
 */
export class Recognition {
  readonly #reader: TokenReader
  readonly #court: Court
  readonly #way: Way
  readonly #verified: LRUCache<string, Verified>

  constructor(way: Way, reader: TokenReader, court: Court, remember: number) {
    this.#way = way
    this.#reader = reader
    this.#court = court
    this.#verified = new LRUCache({ max: remember })
  }

  /** Whether the token was seen and found to be signed by us. */
  knows(token: string): boolean {
    return this.#verified.has(token)
  }

  /** Whose token it is. Nothing waits where everything is certain. */
  of(token: string): Answer | Promise<Answer> {
    const known = this.#verified.get(token)
    if (known !== undefined) return this.#judged(known)
    const claims = this.#reader.read(token)
    return claims instanceof Promise ? claims.then((read) => this.#first(token, read)) : this.#first(token, claims)
  }

  #first(token: string, claims: AccessClaims | undefined): Answer | Promise<Answer> {
    if (claims === undefined) return invalid()
    const entry: Verified = { claims, account: undefined, session: undefined, actor: undefined, principal: undefined }
    this.#verified.set(token, entry)
    return this.#judged(entry)
  }

  #judged(entry: Verified): Answer | Promise<Answer> {
    const ruling = this.#court.peek(entry.claims)
    if (ruling !== undefined) return this.#answer(entry, ruling)
    return this.#court.check(entry.claims).then((late) => this.#answer(entry, late))
  }

  #answer(entry: Verified, ruling: Ruling): Answer {
    if (ruling === 'invalid') return invalid()
    if (ruling === 'expired') return expired()
    const { account, session, actor } = ruling
    const isSame = entry.account === account && entry.session === session && entry.actor === actor
    if (entry.principal === undefined || !isSame) {
      entry.account = account
      entry.session = session
      entry.actor = actor
      const { user } = account
      const permissions = actor === undefined ? account.permissions : permissionsOf(account, actor)
      entry.principal = {
        id: user.id,
        via: this.#way,
        user,
        permissions,
        ...(session && { sessionId: session.id }),
        ...(session?.tenant && { tenant: session.tenant }),
        ...(session?.actor && { actor: { id: session.actor.id } }),
      }
    }
    return entry.principal
  }
}

const mayActForAny = grantCheck('users:impersonate:any')

/** Who acts for somebody may do what both may, unless they may act for anybody: also when the other one gets more meanwhile. */
const permissionsOf = (account: Account, actor: Account): ReadonlySet<string> =>
  mayActForAny(actor.permissions) ? account.permissions : meet(account.permissions, actor.permissions)

/** Tokens of an app without sessions live until they expire, or their account changes. */
export function courtOfAccounts(principals: Principals, clock: Clock): Court {
  const judge = (claims: AccessClaims, account: Account | undefined): Ruling => {
    // An app's own principals may say `null` for nobody. A token of a session says nothing here.
    if (account?.tokenVersion !== claims.sv || claims.sid !== undefined) return 'invalid'
    return ageOf(claims, clock.now()) ?? { session: undefined, account }
  }
  return {
    peek(claims) {
      const age = ageOf(claims, clock.now())
      if (age !== undefined) return age
      const account = principals.peek?.(claims.sub)
      return account === undefined ? undefined : judge(claims, account)
    },
    check: async (claims) => judge(claims, await principals.load(claims.sub)),
  }
}

export const courtOfSessions = (sessions: SessionKeeper): Court => ({
  peek: (claims) => sessions.peek(claims),
  check: (claims) => sessions.check(claims),
})
