import { deprecatedUse } from '#core/ports/api-versions'
import type { CacheOutcome, End, Scope, Slot } from '#core/scope'
import { slot } from '#core/scope'
import type { Distribution, Point } from './instruments.ts'
import type { Meter } from './meter.ts'

export interface RequestMetrics {
  open(scope: Scope): void
  respond(scope: Scope, response: Response): void
  close(scope: Scope, end: End): void
}

const counted: Slot<Point> = slot('metrics.counted')
const eventStream: Slot<true> = slot('metrics.event-stream')
const patternOf = (route: string | undefined): string =>
  route === undefined ? '' : route.slice(route.indexOf(' ') + 1)
const at = (route: string | undefined): { readonly 'http.route'?: string } => {
  const pattern = patternOf(route)
  return pattern === '' ? {} : { 'http.route': pattern }
}
/** Routes, methods and statuses are few, and so are the series of them. A key that is put together is looked for slowly. */
function known<K, T>(all: Map<K, T>, key: K, make: () => T): T {
  let one = all.get(key)
  if (one === undefined) all.set(key, (one = make()))
  return one
}
const methodOf = (method: string): string => (knownMethods.has(method) ? method : '_OTHER')
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])

/**
 * What requests leave in numbers, by the pattern of their route and never by their path.
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
 */
export function requestMetrics(meter: Meter): RequestMetrics {
  const duration = meter.histogram('http.server.request.duration', {
    unit: 's',
    description: 'Time from the first byte of a request to the last of its answer.',
  })
  const active = meter.upDownCounter('http.server.active_requests', {
    unit: '{request}',
    description: 'Requests that are being answered.',
  })
  const refused = meter.counter('kwik.rate_limit.refusals', {
    unit: '{request}',
    description: 'Requests that were refused because too many came.',
  })
  const streams = meter.upDownCounter('kwik.sse.streams', {
    unit: '{stream}',
    description: 'Event streams that are open.',
  })
  const versions = meter.counter('kwik.api.requests', {
    unit: '{request}',
    description: 'Requests by the version of the API that they asked for, and whether it or their route is deprecated.',
  })
  const kept = meter.counter('kwik.cache.requests', {
    unit: '{request}',
    description: 'Requests of cached routes, by what the cache did.',
  })
  const actives = new Map<string, Point>()
  const activeOf = (method: string): Point => {
    const name = methodOf(method)
    return known(actives, name, () => active.seriesOf({ 'http.request.method': name }))
  }
  const durations = new Map<string, Map<string, Map<number | string, Distribution>>>()
  const durationOf = (method: string, route: string | undefined, { status, aborted, broken }: End): Distribution => {
    const trouble = status >= 500 ? String(status) : broken ? 'broken' : aborted ? 'aborted' : undefined
    const ofRoute = known(durations, route ?? '', () => new Map())
    const ofMethod = known(ofRoute, method, () => new Map())
    return known(ofMethod, trouble === undefined ? status : `${status} ${trouble}`, () =>
      duration.seriesOf({
        'http.request.method': method,
        'http.response.status_code': status,
        ...at(route),
        ...(trouble !== undefined && { 'error.type': trouble }),
      }),
    )
  }
  const spoken = new Map<string, Point>()
  const spokenOf = (version: string, route: string | undefined, deprecated: boolean): Point =>
    known(spoken, `${deprecated ? 'd' : ''} ${version} ${route ?? ''}`, () =>
      versions.seriesOf({ 'kwik.api.version': version, 'kwik.api.deprecated': deprecated, ...at(route) }),
    )
  const lookups = new Map<string, Point>()
  const lookupOf = (outcome: CacheOutcome, route: string | undefined): Point =>
    known(lookups, `${outcome} ${route ?? ''}`, () => kept.seriesOf({ 'kwik.cache.outcome': outcome, ...at(route) }))
  return {
    open(scope) {
      // HEAD walks through twice.
      if (scope.get(counted) !== undefined) return
      const one = activeOf(scope.request.method)
      one.value++
      scope.set(counted, one)
    },
    respond(scope, response) {
      if (!scope.streams || !response.headers.get('content-type')?.startsWith('text/event-stream')) return
      scope.set(eventStream, true)
      streams.add(1)
    },
    close(scope, end) {
      const { status, ms } = end
      const one = scope.get(counted)
      if (one !== undefined) one.value--
      const { route, version, refusal, cached } = scope
      duration.recordIn(durationOf(methodOf(scope.request.method), route, end), ms / 1000)
      if (status === 429 && refusal?.code === 'KWIK_RATE_LIMITED') refused.add(1, { 'http.route': patternOf(route) })
      if (version !== undefined) spokenOf(version, route, scope.get(deprecatedUse) === true).value++
      if (cached !== undefined) lookupOf(cached, route).value++
      if (scope.get(eventStream)) streams.add(-1)
    },
  }
}
