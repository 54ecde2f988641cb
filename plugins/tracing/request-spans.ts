import type { Context, Span } from '@opentelemetry/api'
import { pathOf } from '#core/elysia/errors'
import { redactText } from '#core/internal/redaction'
import type { End, Scope } from '#core/scope'
import type { Telemetry } from './adapters/telemetry.ts'
import { requestSlot } from './contexts.ts'
import { type Failed, failed } from './failure.ts'
import type { ResolvedTracingOptions } from './options.ts'
import { parentIn } from './traceparent.ts'

/** Whether somebody else makes spans of the requests: theirs is then the parent of ours. */
export type IsTraced = () => boolean

export interface RequestSpans {
  begin(scope: Scope): void
  end(scope: Scope, end: End): void
}

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY', 'TRACE', 'CONNECT'])

/**
 * One server span for each request.
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
export function requestSpans(telemetry: Telemetry, options: ResolvedTracingOptions, isTraced: IsTraced): RequestSpans {
  const { api, tracer } = telemetry
  const { followCallers, shown } = options
  const { SpanKind } = api

  const parentOf = ({ headers }: Request): Context => {
    const active = api.context.active()
    const remote = followCallers ? parentIn(headers.get('traceparent')) : undefined
    if (remote === undefined) return active
    const state = headers.get('tracestate')
    return api.trace.setSpanContext(api.ROOT_CONTEXT, {
      ...remote,
      isRemote: true,
      ...(state !== null && state.length <= 512 && { traceState: api.createTraceState(state) }),
    })
  }

  const note = (scope: Scope, span: Span, parent: Context, own: boolean): void => {
    const { traceId, spanId, traceFlags } = span.spanContext()
    scope.trace = { traceId, spanId, sampled: (traceFlags & 1) === 1 }
    scope.set(requestSlot, { span, parent, own, context: undefined })
  }

  return {
    begin(scope) {
      // HEAD walks through twice.
      if (scope.trace !== undefined) return
      if (isTraced()) {
        const context = api.context.active()
        const theirs = api.trace.getSpan(context)
        if (theirs !== undefined) return note(scope, theirs, context, false)
      }
      const { request } = scope
      const parent = parentOf(request)
      const method = knownMethods.has(request.method) ? request.method : '_OTHER'
      const span = tracer.startSpan(
        method,
        {
          kind: SpanKind.SERVER,
          startTime: scope.startedAt,
          attributes: {
            'http.request.method': method,
            'url.scheme': scope.secure ? 'https' : 'http',
          },
        },
        parent,
      )
      note(scope, span, parent, true)
    },
    end(scope, { status, aborted, broken, ms }) {
      const known = scope.get(requestSlot)
      if (!known?.own || !known.span.isRecording()) return
      const { span } = known
      const { request, route, failure, cached } = scope
      if (route !== undefined) {
        const pattern = patternOf(route)
        // A route has its method in its name; HEAD may be answered by that of GET.
        span.updateName(route.startsWith(request.method) ? route : `${request.method} ${pattern}`)
        span.setAttribute('http.route', pattern)
      }
      span.setAttribute('url.path', redactText(pathOf(request.url)))
      span.setAttribute('http.response.status_code', status)
      if (cached !== undefined) span.setAttribute('kwik.cache.outcome', cached)
      for (const name of shown.headers) {
        const value = request.headers.get(name)
        if (value !== null) span.setAttribute(`http.request.header.${name}`, [redactText(value)])
      }
      if (shown.query.length > 0) span.setAttributes(queryOf(request.url, shown.query))
      const endedAt = scope.startedAt + ms
      if (aborted) span.setAttribute('error.type', 'aborted')
      if (status >= 500 || broken) fail(span, failed(failure), broken ? 'broken' : String(status), endedAt)
      span.end(endedAt)
    },
  }

  /** @param otherwise what is said of a failure that has no type */
  function fail(span: Span, { type, message, stack }: Failed, otherwise: string, at: number): void {
    span.setStatus({ code: api.SpanStatusCode.ERROR })
    span.setAttribute('error.type', type ?? otherwise)
    if (message === undefined) return
    const exception = {
      'exception.type': type ?? 'Error',
      'exception.message': message,
      ...(stack !== undefined && { 'exception.stacktrace': stack }),
    }
    // Plugins that close a request before this one take time of their own, behind the end of the span.
    span.addEvent('exception', exception, at)
  }
}

const patternOf = (route: string): string => route.slice(route.indexOf(' ') + 1)

function queryOf(url: string, names: readonly string[]): Record<string, string[]> {
  const at = url.indexOf('?')
  if (at === -1) return {}
  const query = new URLSearchParams(url.slice(at))
  return Object.fromEntries(
    names
      .filter((name) => query.has(name))
      .map((name) => [`kwik.request.query.${name}`, query.getAll(name).map((value) => redactText(value))]),
  )
}
