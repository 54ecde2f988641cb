import { statusOf } from './elysia/status.ts'
import { scopeOf } from './scope.ts'

/** Carries an answer that must not be committed out of the transaction. */
class Rollback {
  readonly answer: unknown
  constructor(answer: unknown) {
    this.answer = answer
  }
}

/** What a handler's transaction sees of its context. */
export interface Handled {
  readonly request: Request
  readonly set: { readonly status?: number | string }
}

/** Runs a handler in one transaction, committed before the response. A throw, or an answer of 400 and above, rolls back. */
export async function inTransaction({ request, set }: Handled, handler: () => unknown): Promise<unknown> {
  const scope = scopeOf(request)
  const database = scope.app?.core.database
  if (!database) throw new TypeError('transaction: true without a database')
  try {
    return await database.tx(async () => {
      const answer = await handler()
      if (answer instanceof Error) throw answer
      if (statusOf(answer, set) >= 400) throw new Rollback(answer)
      for (const run of scope.beforeCommit ?? []) await run(database, answer)
      // The client left, or was told that it took too long: nobody would learn that it was stored.
      scope.signal.throwIfAborted()
      return answer
    })
  } catch (error) {
    if (error instanceof Rollback) return error.answer
    throw error
  }
}
