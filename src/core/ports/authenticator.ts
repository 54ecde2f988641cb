import type { ProblemError } from '../problem.ts'
import type { Principal, Scope, Way } from '../scope.ts'

type Answer = Principal | ProblemError | null

/**
 * Recognises callers by one way of proving who they are: tokens answers for `bearer` and `cookie`, accounts for `apiKey`.
 * It answers `null` when the request carries no such credential, and a problem when it carries a bad one.
 */
export interface Authenticator {
  readonly way: Way
  authenticate(scope: Scope): Answer | Promise<Answer>
}
