import type { Attributes, Span } from '@opentelemetry/api'
import { currentScope } from '#core/context'
import { type Api, loadedApi } from './adapters/library.ts'
import { contextOf } from './contexts.ts'
import { failed } from './failure.ts'
import { parentIn, parentText } from './traceparent.ts'

/** The caller's own context, also where another SDK keeps contexts and knows nothing of requests. */
function activeIn(api: Api) {
  const context = api.context.active()
  if (api.trace.getSpan(context) !== undefined) return context
  const scope = currentScope()
  return (scope && contextOf(api, scope)) ?? context
}

/**
 * Runs a function in a span of its own: what it asks the database, Redis or others is below it. Without tracing it runs
 * the function, and nothing else. From `kwik/tracing`.
 *
 * @param name few for one app: `resize`, never with an id in it
 * @param attributes what is said of it; never a secret
 * @example
 * const thumbnail = await record('resize', () => resize(photo), { 'photo.bytes': photo.size })
 */
export function record<T>(name: string, run: (span?: Span) => T, attributes?: Attributes): T {
  const api = loadedApi()
  if (api === undefined) return run()
  return inSpan(api, name, activeIn(api), run, attributes)
}

function inSpan<T>(
  api: Api,
  name: string,
  parent: ReturnType<Api['context']['active']>,
  run: (span?: Span) => T,
  attributes: Attributes | undefined,
  links: readonly { context: ReturnType<Span['spanContext']> }[] = [],
): T {
  const span = api.trace
    .getTracer('kwik')
    .startSpan(name, { ...(attributes && { attributes }), ...(links.length > 0 && { links: [...links] }) }, parent)
  const fail = (error: unknown): never => {
    const { type, message } = failed(error)
    span.setAttribute('error.type', type ?? '_OTHER')
    span.setStatus({ code: api.SpanStatusCode.ERROR, ...(message !== undefined && { message }) })
    span.end()
    throw error
  }
  try {
    const answer = api.context.with(api.trace.setSpan(parent, span), () => run(span))
    if (!(answer instanceof Promise)) {
      span.end()
      return answer
    }
    return answer.then((value) => {
      span.end()
      return value
    }, fail) as T
  } catch (error) {
    return fail(error)
  }
}

type Method<This, A extends unknown[], R> = (this: This, ...given: A) => R

/**
 * Gives every call of a method a span. From `kwik/tracing`.
 *
 * @param name of the span; that of the method when it is left out
 * @example
 * class Photos {
 *   @traced('resize')
 *   resize(photo: Blob): Promise<Blob> { ... }
 * }
 */
export function traced(
  name?: string,
): <This, A extends unknown[], R>(
  method: Method<This, A, R>,
  context: ClassMethodDecoratorContext,
) => Method<This, A, R> {
  return (method, context) => {
    const title = name ?? String(context.name)
    return function (...given) {
      return record(title, () => method.apply(this, given))
    }
  }
}

/**
 * The trace that the caller runs in, to be stored with work that is done later, or sent in a message; empty without one.
 * From `kwik/tracing`.
 */
export function traceHeaders(): { readonly traceparent?: string; readonly tracestate?: string } {
  const api = loadedApi()
  const span = api?.trace.getSpan(activeIn(api))?.spanContext()
  if (span === undefined) return {}
  return { traceparent: parentText(span), ...(span.traceState && { tracestate: span.traceState.serialize() }) }
}

/**
 * Runs a function as a part of a trace that was carried here by {@link traceHeaders}. From `kwik/tracing`.
 *
 * @param options.link begin a trace of its own, which leads to that one: for work that is done much later
 * @example
 * await continueTrace(job.trace, `run ${job.name}`, () => handle(job))
 */
export function continueTrace<T>(
  headers: { readonly traceparent?: string; readonly tracestate?: string },
  name: string,
  run: (span?: Span) => T,
  options: { readonly link?: boolean } = {},
): T {
  const api = loadedApi()
  if (api === undefined) return run()
  const remote = parentIn(headers.traceparent ?? null)
  if (remote === undefined) return inSpan(api, name, api.ROOT_CONTEXT, run, undefined)
  const context = { ...remote, isRemote: true }
  if (options.link) return inSpan(api, name, api.ROOT_CONTEXT, run, undefined, [{ context }])
  return inSpan(api, name, api.trace.setSpanContext(api.ROOT_CONTEXT, context), run, undefined)
}
