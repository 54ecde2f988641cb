import { inScope } from './context.ts'
import { answerTo } from './elysia/errors.ts'
import { refuse } from './errors.ts'
import type { Scope } from './scope.ts'

/** How long an answer may take where its route has no limit, in milliseconds. */
const patience = 30_000

/**
 * Answers what {@link Scope.again} made: its route runs as for a client, without what comes before and after it, so nobody
 * is counted, limited or logged for it. It is given up, with 503, after the time that the route has.
 */
export function answerAgain(scope: Scope): Promise<Response> {
  return new Promise((settle) => {
    const timer = setTimeout(() => {
      const problem = refuse('KWIK_TIMEOUT')
      scope.late = true
      scope.abort(problem)
      settle(problem.toResponse())
    }, scope.deadlines?.ms ?? patience)
    const done = (response: Response): void => {
      clearTimeout(timer)
      settle(response)
    }
    inScope(scope, async () => scope.app!.root.fetch(scope.request)).then(done, (error) => done(answerTo(scope, error)))
  })
}
