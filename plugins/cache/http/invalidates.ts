import type { Call, StepOf } from '#core/phases'
import type { Database } from '#core/ports/database'
import { type Scope, type Slot, slot } from '#core/scope'
import type { HandledCall } from '../options.ts'
import type { TagFinder } from './tags.ts'

/** What ends tags. */
export interface Ending {
  /** With the commit of the transaction that the caller is in. */
  committed(database: Database, tags: readonly string[]): void | Promise<void>
  now(tags: readonly string[]): Promise<unknown>
  /** Everything: where it is not known what has ended. */
  all(): Promise<unknown>
  failed(scope: Scope, what: string, error: unknown): void
}

const result: Slot<unknown> = slot('cache result')

interface Steps {
  readonly replay: StepOf['replay']
  readonly downgrade?: StepOf['downgrade']
}

/**
 * Ends tags when a handler has done its work: with its transaction, or when its answer says that all went well. The answer
 * waits until nobody gives the old ones any more.
 */
export function invalidate(tags: TagFinder<HandledCall>, inTransaction: boolean, ending: Ending): Steps {
  const find = (scope: Scope, call: Call, value: unknown): readonly string[] =>
    tags({ params: call.params, query: call.query, user: scope.principal?.user, result: value })
  if (inTransaction)
    return {
      replay: (scope, call) => {
        ;(scope.beforeCommit ??= []).push(async (database, answer) => {
          await ending.committed(database, find(scope, call, bare(answer)))
        })
      },
    }
  /** What was written is written: where it cannot be said what that ends, nothing that was kept counts any more. */
  const foundOr = (scope: Scope, look: () => readonly string[]): readonly string[] | undefined => {
    try {
      return look()
    } catch (error) {
      ending.failed(scope, 'The tags that a route ends could not be found: everything ends', error)
      return undefined
    }
  }
  const settle = async (scope: Scope, call: Call, { status }: Response): Promise<void> => {
    if (status >= 400) return
    try {
      const found = foundOr(scope, () => find(scope, call, scope.get(result)))
      await (found === undefined ? ending.all() : ending.now(found))
    } catch (error) {
      ending.failed(scope, 'Tags could not be ended', error)
    }
  }
  return {
    replay: (scope, call) => {
      ;(scope.onResponse ??= []).push((response) => {
        if (!scope.late)
          return settle(scope, call, response)
          // Its handler still works: what it does is known when it has done it.
        ;(scope.whenLate ??= []).push((last) => void settle(scope, call, last))
        return undefined
      })
    },
    downgrade: (scope, value) => {
      scope.set(result, bare(value))
      return value
    },
  }
}

/** Of `status(201, value)` the value. */
function bare(answer: unknown): unknown {
  if (answer instanceof Response) return undefined
  const isStatus = typeof answer === 'object' && answer !== null && 'code' in answer && 'response' in answer
  return isStatus && answer.constructor?.name === 'ElysiaCustomStatusResponse' ? answer.response : answer
}
