import { requireCaller } from '#core/access'
import { mayWait, type Steps } from '#core/phases'
import type { SecurityEvents } from '#core/ports/security-events'
import type { ProblemError } from '#core/problem'
import type { Principal, Scope } from '#core/scope'
import type { RouteFacts } from '#core/works'
import { refuse } from './errors.ts'
import type { Actor } from './grants.ts'

/**
 * Who may call a route that is for the person themself: nobody who acts for them, and no API key; with `'or-api-key'`
 * a key of theirs, too.
 */
export type InPerson = true | 'or-api-key'

/** Why the caller is not the person themself; `undefined` when they are. */
export function refusalOf(principal: Principal, word: InPerson = true): ProblemError | undefined {
  if (principal.actor !== undefined)
    return refuse('KWIK_ACCOUNTS_IMPERSONATED', {
      detail: 'Stop impersonating first: POST /auth/stop-impersonating.',
      errors: [{ code: 'impersonated', detail: 'somebody acts for the caller' }],
    })
  if (word === true && principal.apiKeyId !== undefined)
    return refuse('KWIK_ACCOUNTS_API_KEY_REFUSED', {
      detail: 'Sign in to do this.',
      errors: [{ code: 'by-api-key', detail: 'is nothing that an API key may do' }],
    })
  return undefined
}

/** The same for callers of the service. @throws {ProblemError} `KWIK_ACCOUNTS_IMPERSONATED`, `KWIK_ACCOUNTS_API_KEY_REFUSED` */
export function mustBeInPerson(by: Actor, word: InPerson = true): void {
  const refusal = by === 'system' ? undefined : refusalOf(by, word)
  if (refusal) throw refusal
}

/**
 * The route option `inPerson`. It holds before the body is read; what somebody tried while they acted for another is told.
 * @throws {TypeError} at boot, for a word it does not know
 */
export function inPersonSteps(
  word: InPerson | false,
  { options }: Pick<RouteFacts, 'options'>,
  events: SecurityEvents,
): Steps {
  if (word === false) return {}
  if (word !== true && word !== 'or-api-key') throw new TypeError("inPerson takes `true` or 'or-api-key'")
  if (options['public'] === true) throw new TypeError('`inPerson` together with `public: true`: remove one')
  return {
    authorize: mayWait((scope: Scope) => {
      const missing = requireCaller(scope)
      if (missing) return missing
      const { id, actor } = scope.principal!
      const refusal = refusalOf(scope.principal!, word)
      if (refusal === undefined || actor === undefined) return refusal
      const details = { reason: scope.route ?? 'not in person' }
      return events.record({ type: 'impersonation.refused', userId: id, details }, scope).then(() => refusal)
    }),
  }
}
