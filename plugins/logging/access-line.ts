import { type Part, slowestOf } from '#core/phase-times'
import type { LogLevel } from '#core/ports/logger'
import type { CacheOutcome, End, Scope } from '#core/scope'

/** What one request leaves in the log, in the order in which it is written; what is `undefined` is left out. */
export interface AccessLine {
  readonly time: string
  readonly level: LogLevel
  readonly logger: 'kwik.access'
  readonly requestId: string | undefined
  readonly method: string
  /** The pattern, never the path: `/products/:id`. `null` when no route matched. */
  readonly route: string | null
  readonly status: number
  /** Milliseconds to the last byte. */
  readonly duration: number
  /** Bytes of the body as the client got them; unknown where nobody but the runtime knows them. */
  readonly bytes: number | undefined
  readonly userId: string | undefined
  readonly impersonatorId: string | undefined
  readonly tenant: string | undefined
  readonly address: string | undefined
  /** Of the API, where the request asked for one. */
  readonly version: string | undefined
  /** What a cache did for the request. */
  readonly cache: CacheOutcome | undefined
  /** Code of the problem that was the answer. */
  readonly code: string | undefined
  /** Statements of the database, and the milliseconds that they took. */
  readonly queries: number | undefined
  readonly queryMs: number | undefined
  /** The part of the way that took longest, and its milliseconds. */
  readonly slowest: Part | undefined
  readonly slowestMs: number | undefined
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  /** The client left before the end. */
  readonly aborted: true | undefined
  /** The app could not go on with the answer. */
  readonly broken: true | undefined
  readonly slow: true | undefined
  /** The part of such lines that is written, where that is not all. */
  readonly rate: number | undefined
}

/** What a request was, when it has ended. */
export interface Ended extends End {
  readonly slow: boolean
  readonly rate: number | undefined
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000

export const routeOf = ({ route }: Scope): string | null =>
  route === undefined ? null : route.slice(route.indexOf(' ') + 1)

/** @param slow milliseconds from which an answer is; a stream is as slow as its beginning */
export function isSlow({ times, startedAt }: Scope, end: End, slow: number): boolean {
  return (times !== undefined && times.left > 0 ? times.left - startedAt : end.ms) >= slow
}

/** A status says nothing of an answer that broke off after it had left. */
export const levelOf = ({ status, broken }: End, slow: boolean): LogLevel =>
  status >= 500 || broken ? 'error' : slow ? 'warning' : 'info'

export function accessLineOf(time: string, scope: Scope, ended: Ended): AccessLine {
  const { status, ms, bytes, aborted, broken, slow, rate } = ended
  const { principal, times, startedAt, trace, queries } = scope
  const slowest = times === undefined ? undefined : slowestOf(times, startedAt, startedAt + ms)
  return {
    time,
    level: levelOf(ended, slow),
    logger: 'kwik.access',
    requestId: scope.id,
    method: scope.request.method,
    route: routeOf(scope),
    status,
    duration: round(ms),
    bytes,
    userId: principal?.id,
    impersonatorId: principal?.actor?.id,
    tenant: scope.tenant,
    address: scope.address,
    version: scope.version,
    cache: scope.cached,
    code: scope.refusal?.code,
    queries: queries > 0 ? queries : undefined,
    queryMs: queries > 0 ? round(scope.queryMs) : undefined,
    slowest: slowest?.part,
    slowestMs: slowest && round(slowest.ms),
    traceId: trace?.traceId,
    spanId: trace?.spanId,
    aborted: aborted || undefined,
    broken: broken || undefined,
    slow: slow || undefined,
    rate,
  }
}

const ofTheLine: ReadonlySet<string> = new Set(['time', 'level', 'logger'])

/** The same in parts, for sinks that take them. */
export function accessFields(line: AccessLine): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const name in line) {
    const value = line[name as keyof AccessLine]
    if (value !== undefined && !ofTheLine.has(name)) fields[name] = value
  }
  return fields
}
