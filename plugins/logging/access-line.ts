import { type Part, slowestOf } from '#core/phase-times'
import type { LogLevel } from '#core/ports/logger'
import type { CacheOutcome, End, Scope } from '#core/scope'

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
  /** Bytes of the body as the client got them; unknown where nobody but the runtime knows them. */
  readonly bytes: number | undefined
  readonly aborted: boolean
  readonly slow: boolean
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
  readonly queries: number
  readonly queryMs: number
  /** The part of the way that took longest, and its milliseconds. */
  readonly slowest: Part | undefined
  readonly slowestMs: number
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  /** The part of such lines that is written, where that is not all. */
  readonly rate: number | undefined
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000

export const routeOf = ({ route }: Scope): string | null =>
  route === undefined ? null : route.slice(route.indexOf(' ') + 1)

/** @param slow milliseconds from which an answer is; a stream is as slow as its beginning */
export function isSlow({ times, startedAt }: Scope, end: End, slow: number): boolean {
  return (times !== undefined && times.left > 0 ? times.left - startedAt : end.ms) >= slow
}

export function accessLineOf(scope: Scope, end: End, slow: boolean, rate: number | undefined): AccessLine {
  const { principal, times, startedAt, trace } = scope
  const slowest = times === undefined ? undefined : slowestOf(times, startedAt, startedAt + end.ms)
  return {
    level: end.status >= 500 ? 'error' : slow ? 'warning' : 'info',
    requestId: scope.id,
    method: scope.request.method,
    route: routeOf(scope),
    status: end.status,
    duration: round(end.ms),
    bytes: end.bytes,
    aborted: end.aborted,
    slow,
    userId: principal?.id,
    impersonatorId: principal?.actor?.id,
    tenant: scope.tenant,
    address: scope.address,
    version: scope.version,
    cache: scope.cached,
    code: scope.refusal?.code,
    queries: scope.queries,
    queryMs: round(scope.queryMs),
    slowest: slowest?.part,
    slowestMs: slowest === undefined ? 0 : round(slowest.ms),
    traceId: trace?.traceId,
    spanId: trace?.spanId,
    rate,
  }
}

/** One object, written as a whole: what is `undefined` is left out, and nothing is put together from pieces. */
export function formatAccessLine(time: string, line: AccessLine): string {
  const asked = line.queries > 0
  return JSON.stringify({
    time,
    level: line.level,
    logger: 'kwik.access',
    requestId: line.requestId,
    method: line.method,
    route: line.route,
    status: line.status,
    duration: line.duration,
    bytes: line.bytes,
    userId: line.userId,
    impersonatorId: line.impersonatorId,
    tenant: line.tenant,
    address: line.address,
    version: line.version,
    cache: line.cache,
    code: line.code,
    queries: asked ? line.queries : undefined,
    queryMs: asked ? line.queryMs : undefined,
    slowest: line.slowest,
    slowestMs: line.slowest === undefined ? undefined : line.slowestMs,
    traceId: line.traceId,
    spanId: line.spanId,
    aborted: line.aborted || undefined,
    slow: line.slow || undefined,
    rate: line.rate,
  })
}

/** The same in parts, for sinks that take them. */
export function accessFields(line: AccessLine): Record<string, unknown> {
  const fields: Record<string, unknown> = {
    requestId: line.requestId,
    method: line.method,
    route: line.route,
    status: line.status,
    duration: line.duration,
  }
  if (line.bytes !== undefined) fields['bytes'] = line.bytes
  if (line.userId !== undefined) fields['userId'] = line.userId
  if (line.impersonatorId !== undefined) fields['impersonatorId'] = line.impersonatorId
  if (line.tenant !== undefined) fields['tenant'] = line.tenant
  if (line.address !== undefined) fields['address'] = line.address
  if (line.version !== undefined) fields['version'] = line.version
  if (line.cache !== undefined) fields['cache'] = line.cache
  if (line.code !== undefined) fields['code'] = line.code
  if (line.queries > 0) {
    fields['queries'] = line.queries
    fields['queryMs'] = line.queryMs
  }
  if (line.slowest !== undefined) {
    fields['slowest'] = line.slowest
    fields['slowestMs'] = line.slowestMs
  }
  if (line.traceId !== undefined) {
    fields['traceId'] = line.traceId
    fields['spanId'] = line.spanId
  }
  if (line.aborted) fields['aborted'] = true
  if (line.slow) fields['slow'] = true
  if (line.rate !== undefined) fields['rate'] = line.rate
  return fields
}
