import type { Authenticator } from '#core/ports/authenticator'
import type { ProblemError } from '#core/problem'
import type { Scope } from '#core/scope'
import { bearerToken, isToken } from './bearer.ts'
import { crossSiteRefusal } from './cross-site.ts'
import { invalid } from './errors.ts'
import type { Answer, Recognition } from './recognition.ts'
import { accessCookie, cookieOf } from './sessions/cookies.ts'

/** What keeps everybody out for now, if anything. */
export type Closed = () => ProblemError | undefined | Promise<ProblemError | undefined>

/** Recognises callers by the Authorization header. A token seen before, of which all is certain, is answered without waiting. */
export function bearerAuthenticator(recognition: Recognition, closed: Closed = () => undefined): Authenticator {
  return {
    way: 'bearer',
    authenticate({ request }) {
      const header = request.headers.get('authorization')
      if (header === null) return null
      // A token that was verified needs no look at its form.
      let token: ReturnType<typeof bearerToken> = header.slice(7)
      if (!header.startsWith('Bearer ') || !recognition.knows(token)) token = bearerToken(header)
      return typeof token === 'string' ? unless(closed, recognition, token) : token
    },
  }
}

/**
 * Recognises callers by our cookie. Browsers send it with everything, so a credential that was sent on purpose wins; and
 * with what other sites make them send, so those are refused.
 */
export function cookieAuthenticator(
  recognition: Recognition,
  trusted: ReadonlySet<string>,
  closed: Closed = () => undefined,
): Authenticator {
  return {
    way: 'cookie',
    authenticate(scope: Scope) {
      if (scope.principal !== null || scope.rejection !== undefined) return null
      const token = cookieOf(scope.request, accessCookie)
      if (token === undefined || token === '') return null
      const refusal = crossSiteRefusal(scope, trusted)
      if (refusal) return refusal
      return isToken(token) ? unless(closed, recognition, token) : invalid()
    },
  }
}

function unless(closed: Closed, recognition: Recognition, token: string): Answer | Promise<Answer> {
  const refusal = closed()
  if (refusal === undefined) return recognition.of(token)
  return refusal instanceof Promise ? refusal.then((late) => late ?? recognition.of(token)) : refusal
}
