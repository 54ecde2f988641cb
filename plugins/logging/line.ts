import { currentScope } from '#core/context'
import type { Redactor } from '#core/internal/redaction'
import type { LogLevel } from '#core/ports/logger'

/** One line that is not an access line, without secrets. */
export interface Line {
  readonly level: LogLevel
  /** Category: `app.orders`. */
  readonly logger: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

const own: ReadonlySet<string> = new Set(['time', 'level', 'logger', 'message'])

/** The fields that a line says beside its message: the request it belongs to, then what the caller gave, without secrets. */
export function fieldsOf(
  properties: Readonly<Record<string, unknown>> | undefined,
  redact: Redactor,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  const scope = currentScope()
  if (scope !== undefined) {
    if (scope.id !== undefined) fields['requestId'] = scope.id
    if (scope.principal) fields['userId'] = scope.principal.id
    if (scope.trace !== undefined) {
      fields['traceId'] = scope.trace.traceId
      fields['spanId'] = scope.trace.spanId
    }
  }
  for (const name in properties) {
    const value = redact.value(name, properties[name])
    if (value === undefined || fields[name] === value) continue
    // The words of the line itself, and the request it really belongs to, are not for the caller to write.
    fields[own.has(name) || name in fields ? `${name}_` : name] = value
  }
  return fields
}

export function formatFields(time: string, { level, logger, message, fields }: Line): string {
  return plain(JSON.stringify({ time, level, logger, message, ...fields }))
}

/** JSON lets control characters from 127 on stand as they are, and terminals obey them. */
const plain = (json: string): string =>
  json.replaceAll(/[\u007f-\u009f]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`)
