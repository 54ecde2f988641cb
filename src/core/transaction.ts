import { scopeOf } from './scope.ts'

/** Carries an answer that must not be committed out of the transaction. */
class Rollback {
  readonly answer: unknown
  constructor(answer: unknown) {
    this.answer = answer
  }
}

/** Runs a handler in one transaction, committed before the response. A throw, or an answer of 400 and above, rolls back. */
export async function inTransaction(request: Request, handler: () => unknown): Promise<unknown> {
  const database = scopeOf(request).app?.core.database
  if (!database) throw new TypeError('transaction: true without a database')
  try {
    return await database.tx(async () => {
      const answer = await handler()
      if (statusOf(answer) >= 400) throw new Rollback(answer)
      // The client left: nobody would learn that it was stored.
      request.signal.throwIfAborted()
      return answer
    })
  } catch (error) {
    if (error instanceof Rollback) return error.answer
    throw error
  }
}

function statusOf(answer: unknown): number {
  if (answer instanceof Response) return answer.status
  const code = (answer as { code?: unknown } | null | undefined)?.code
  return answer?.constructor?.name === 'ElysiaCustomStatusResponse' && typeof code === 'number' ? code : 200
}
