import { databaseErrorIn } from '#core/database-error'
import { statementOf } from '#core/internal/statement'
import type { QueryObserver } from '#core/ports/query-observer'
import type { Telemetry } from './adapters/telemetry.ts'

/** Driver codes: SQLSTATE, or SQLite's own. */
const codeForm = /^[A-Z0-9_]{1,64}$/

/**
 * A client span for each statement, made when it has ended; none of its values is in it.
 * @see https://opentelemetry.io/docs/specs/semconv/database/sql/
 */
export function querySpans({ api, tracer, recording }: Telemetry, isOurs: () => boolean): QueryObserver {
  return ({ dialect, text, startedAt, ms, rows, error }) => {
    const parent = recording()
    if (parent === undefined || !isOurs()) return
    const { operation, table, summary, text: shown } = statementOf(text)
    const span = tracer.startSpan(
      summary,
      {
        kind: api.SpanKind.CLIENT,
        startTime: startedAt,
        attributes: {
          'db.system.name': dialect,
          'db.operation.name': operation,
          'db.query.summary': summary,
          'db.query.text': shown,
          ...(table !== undefined && { 'db.collection.name': table }),
          ...(error === undefined && { 'db.response.returned_rows': rows }),
        },
      },
      parent,
    )
    if (error !== undefined) {
      const known = databaseErrorIn(error)
      const code = codeOf(known?.cause)
      span.setAttribute('error.type', code ?? known?.failure ?? '_OTHER')
      if (code !== undefined) span.setAttribute('db.response.status_code', code)
      // The driver's own words hold the value that was refused.
      span.setStatus({ code: api.SpanStatusCode.ERROR, message: known?.failure ?? 'failed' })
    }
    span.end(startedAt + ms)
  }
}

/** SQLite's numbers that Deno's driver gives without a name; https://www.sqlite.org/rescode.html */
const sqliteNames: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY',
  275: 'SQLITE_CONSTRAINT_CHECK',
  787: 'SQLITE_CONSTRAINT_FOREIGNKEY',
  1299: 'SQLITE_CONSTRAINT_NOTNULL',
  1555: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  2067: 'SQLITE_CONSTRAINT_UNIQUE',
}

function codeOf(cause: unknown): string | undefined {
  const { code, errcode } = (cause ?? {}) as { code?: unknown; errcode?: unknown }
  if (typeof errcode === 'number') return sqliteNames[errcode] ?? `SQLITE_${errcode}`
  return typeof code === 'string' && codeForm.test(code) ? code : undefined
}
