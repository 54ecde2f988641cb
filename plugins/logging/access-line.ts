import type { LogLevel } from '#core/ports/logger'
import type { End, Scope, TraceIds } from '#core/scope'

/** What one request leaves in the log. */
export interface AccessLine {
  readonly level: LogLevel
  readonly requestId: string | undefined
  readonly method: string
  /** The pattern, never the path: `/products/:id`. `null` when no route matched. */
  readonly route: string | null
  readonly status: number
  /** Milliseconds to the last byte. */
  readonly duration: number
  readonly aborted: boolean
  readonly userId: string | undefined
  readonly impersonatorId: string | undefined
  readonly address: string | undefined
  /** Code of the problem that was the answer. */
  readonly code: string | undefined
  readonly trace: TraceIds | undefined
}

export function accessLineOf(scope: Scope, end: End): AccessLine {
  const { principal, route } = scope
  return {
    level: end.status >= 500 ? 'error' : 'info',
    requestId: scope.id,
    method: scope.request.method,
    route: route === undefined ? null : route.slice(route.indexOf(' ') + 1),
    status: end.status,
    duration: Math.round(end.ms * 1000) / 1000,
    aborted: end.aborted,
    userId: principal?.id,
    impersonatorId: principal?.actor?.id,
    address: scope.address,
    code: scope.refusal?.code,
    trace: scope.trace,
  }
}

/** Written by hand: a general formatter costs several times as much, and every request leaves such a line. */
export function formatAccessLine(time: string, line: AccessLine): string {
  let text = `{"time":"${time}","level":"${line.level}","logger":"kwik.access","requestId":"${line.requestId}","method":"${line.method}","route":${
    line.route === null ? 'null' : JSON.stringify(line.route)
  },"status":${line.status},"duration":${line.duration}`
  if (line.userId !== undefined) text += `,"userId":${JSON.stringify(line.userId)}`
  if (line.impersonatorId !== undefined) text += `,"impersonatorId":${JSON.stringify(line.impersonatorId)}`
  if (line.address !== undefined) text += `,"address":${JSON.stringify(line.address)}`
  if (line.code !== undefined) text += `,"code":"${line.code}"`
  if (line.trace !== undefined) text += `,"traceId":"${line.trace.traceId}","spanId":"${line.trace.spanId}"`
  if (line.aborted) text += ',"aborted":true'
  return `${text}}`
}
