import { currentScope } from '#core/context'
import { databaseErrorIn } from '#core/database-error'
import { statementOf } from '#core/internal/statement'
import type { QueryObserver } from '#core/ports/query-observer'
import type { Scope } from '#core/scope'
import type { LineLogger } from './logger.ts'

/** Counts the statements of each request, and tells of those that were slow: their text, never their values. */
export function watchQueries(logger: LineLogger, slowOf: (scope: Scope | undefined) => number): QueryObserver {
  return ({ text, ms, rows, error }) => {
    const scope = currentScope()
    if (scope !== undefined) {
      // Another app's, on the same database.
      if (scope.logger !== logger) return
      scope.queries++
      scope.queryMs += ms
    }
    if (ms < slowOf(scope)) return
    const { operation, table, text: shown } = statementOf(text)
    logger.write('warning', 'kwik.database', 'a statement was slow', {
      statement: shown,
      operation,
      ...(table !== undefined && { table }),
      duration: Math.round(ms * 1000) / 1000,
      rows,
      ...(error !== undefined && { failure: databaseErrorIn(error)?.failure ?? 'other' }),
    })
  }
}
