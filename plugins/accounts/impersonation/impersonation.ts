import { eq } from 'drizzle-orm'
import { unauthenticated } from '#core/access'
import { currentScope } from '#core/context'
import { covers } from '#core/grants'
import { milliseconds } from '#core/internal/duration'
import type { Database } from '#core/ports/database'
import type { Account, Principals } from '#core/ports/principals'
import type { Sessions, TokenAnswer } from '#core/ports/sessions'
import type { ProblemError } from '#core/problem'
import { type Principal, Scope } from '#core/scope'
import { invalid, missing, refuse } from '../errors.ts'
import { grantsOfUser } from '../grants.ts'
import { refusalOf } from '../in-person.ts'
import type { Parts } from '../parts.ts'
import { users } from '../tables.ts'
import { reasonOf } from '../text.ts'
import type { ImpersonationRequest } from './types.ts'

/** Seconds. */
export const longestImpersonation = 3600

export interface ResolvedImpersonationOptions {
  readonly on: boolean
  /** How long it lasts where nobody says. */
  readonly seconds: number
}

interface ImpersonationParts {
  readonly database: Database
  readonly principals: Principals
  readonly parts: Parts
}

const name = 'users:impersonate'
const nameForAny = 'users:impersonate:any'

/** Acting for another user: bounded in time and power, never in a chain, and always told. */
export class Impersonations {
  readonly on: boolean
  readonly #seconds: number
  readonly #with: ImpersonationParts

  constructor(works: ImpersonationParts, { on, seconds }: ResolvedImpersonationOptions) {
    this.on = on
    this.#seconds = seconds
    this.#with = works
  }

  async begin(
    actor: Principal,
    targetId: string,
    { ttl, reason: given }: ImpersonationRequest,
    scope: Scope = currentScope() ?? new Scope(new Request('http://localhost/')),
  ): Promise<TokenAnswer> {
    if (!this.on) throw new TypeError('impersonation is switched off: accountsService(database, { impersonation: {} })')
    const { database, principals, parts } = this.#with
    const sessions = this.#sessions()
    const seconds = ttl === undefined ? this.#seconds : secondsOf(ttl)
    const reason = reasonOf(given)
    const by = { userId: targetId, actorId: actor.actor?.id ?? actor.id }
    try {
      return await database.tx(async () => {
        const acting = await this.#mayAct(actor, targetId)
        // Inside a transaction it is read from the database: what was believed may be over.
        const target = (await principals.load(targetId))!
        const { sessionId, ...tokens } = await sessions.begin(scope, {
          id: targetId,
          tokenVersion: target.tokenVersion,
          actor: {
            id: actor.id,
            tokenVersion: acting.tokenVersion,
            ...(actor.sessionId !== undefined && { sessionId: actor.sessionId }),
          },
          ttl: seconds,
          reason,
        })
        const details = { reason, seconds }
        await parts.events?.record({ type: 'impersonation.started', ...by, sessionId, details }, scope)
        return tokens
      })
    } catch (error) {
      if (error instanceof Refused) {
        await parts.events?.record({ type: 'impersonation.refused', ...by, details: { reason: error.why } }, scope)
        throw error.problem
      }
      throw error
    }
  }

  /** Ends the session in which the caller acts for another. @throws {ProblemError} `KWIK_ACCOUNTS_NOT_IMPERSONATING` */
  async end({ id, actor, sessionId }: Principal, scope?: Scope): Promise<void> {
    if (actor === undefined || sessionId === undefined) throw notImpersonating()
    await this.#sessions().revoke(sessionId)
    const event = { userId: id, actorId: actor.id, sessionId, details: {} }
    await this.#with.parts.events?.record({ type: 'impersonation.stopped', ...event }, scope)
  }

  /** @throws {Refused} */
  async #mayAct(actor: Principal, targetId: string): Promise<Account> {
    const { database, principals } = this.#with
    const notInPerson = refusalOf(actor)
    if (notInPerson) throw new Refused(actor.actor ? 'chain' : 'api-key', notInPerson)
    if (actor.id === targetId) throw new Refused('self', refused('That is the caller already.', 'self'))
    const acting = await principals.load(actor.id)
    if (acting === undefined) throw unauthenticated()
    // Of a credential's own, smaller set what is still covered stays.
    const mayDo = (grant: string): boolean => covers(actor.permissions, grant) && covers(acting.permissions, grant)
    if (!mayDo(name)) throw new Refused('permission', forbidden([name]))
    const u = users.for(database)
    const [found] = await database.drizzle.select({ isActive: u.isActive }).from(u).where(eq(u.id, targetId))
    if (!found) throw missing('user', targetId)
    if (!mayDo(nameForAny)) {
      const lacking = [...new Set((await grantsOfUser(database, targetId)).filter((grant) => !mayDo(grant)))].sort()
      if (lacking.length > 0) throw new Refused('stronger', forbidden(lacking))
    }
    if (!found.isActive) throw new Refused('disabled', disabled())
    return acting
  }

  #sessions(): Sessions {
    const { sessions } = this.#with.parts
    if (sessions === undefined)
      throw new TypeError(
        'impersonation needs sessions: kwik({ tokens }) has them, or accountsService(database, { sessions })',
      )
    return sessions
  }
}

/** Carries a refusal, and why, out of the transaction in which it was found. */
class Refused extends Error {
  readonly why: string
  readonly problem: ProblemError

  constructor(why: string, problem: ProblemError) {
    super(why)
    this.why = why
    this.problem = problem
  }
}

function secondsOf(ttl: NonNullable<ImpersonationRequest['ttl']>): number {
  let seconds = 0
  try {
    seconds = Math.floor(milliseconds(ttl) / 1000)
  } catch {}
  if (seconds >= 1 && seconds <= longestImpersonation) return seconds
  throw invalid([{ code: 'wrong-format', detail: "must be a time such as '15m', an hour at most", pointer: '/ttl' }])
}

const refused = (detail: string, code: string): ProblemError =>
  refuse('KWIK_ACCOUNTS_IMPERSONATION_REFUSED', { detail, errors: [{ code, detail, parameter: 'id' }] })

const forbidden = (lacking: readonly string[]): ProblemError => {
  const detail = `needs ${lacking.join(' and ')}`
  return refuse('KWIK_ACCOUNTS_IMPERSONATION_REFUSED', {
    detail,
    errors: [{ code: 'permission-missing', detail, allowed: lacking }],
  })
}

const disabled = (): ProblemError =>
  refuse('KWIK_ACCOUNTS_DISABLED', {
    detail: 'Nobody can act for a disabled user.',
    errors: [{ code: 'disabled', detail: 'is disabled', parameter: 'id' }],
  })

const notImpersonating = (): ProblemError =>
  refuse('KWIK_ACCOUNTS_NOT_IMPERSONATING', {
    detail: 'There is nothing to stop.',
    errors: [{ code: 'not-impersonating', detail: 'acts for nobody' }],
  })
