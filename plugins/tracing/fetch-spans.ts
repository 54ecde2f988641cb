import { beneath } from '#core/internal/raw-fetch'
import { redactText } from '#core/internal/redaction'
import type { Telemetry } from './adapters/telemetry.ts'
import { failed } from './failure.ts'
import { parentText } from './traceparent.ts'

type Fetch = typeof globalThis.fetch
type Layer = Fetch & { [beneath]?: Fetch }

/**
 * A client span for each `fetch` inside a trace, whose request carries `traceparent`. The global function is replaced.
 *
 * @returns how to put back what was there
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span
 */
export function fetchSpans({ api, tracer, active }: Telemetry, isOurs: () => boolean): () => void {
  const original = globalThis.fetch
  let on = true

  const traced = async (input: Parameters<Fetch>[0], init?: RequestInit): Promise<Response> => {
    const parent = active()
    if (!on || api.trace.getSpan(parent) === undefined || !isOurs()) return original(input, init)
    const { method, url } = askedOf(input, init)
    const span = tracer.startSpan(
      method,
      {
        kind: api.SpanKind.CLIENT,
        attributes: { 'http.request.method': method, ...(url !== undefined && placeOf(url)) },
      },
      parent,
    )
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
    const context = span.spanContext()
    headers.set('traceparent', parentText(context))
    if (context.traceState !== undefined) headers.set('tracestate', context.traceState.serialize())
    try {
      const answer = await api.context.with(api.trace.setSpan(parent, span), () =>
        original(input, { ...init, headers }),
      )
      span.setAttribute('http.response.status_code', answer.status)
      if (answer.status >= 400) {
        span.setAttribute('error.type', String(answer.status))
        span.setStatus({ code: api.SpanStatusCode.ERROR })
      }
      return answer
    } catch (error) {
      const { type, message } = failed(error)
      span.setAttribute('error.type', type ?? '_OTHER')
      span.setStatus({ code: api.SpanStatusCode.ERROR, ...(message !== undefined && { message }) })
      throw error
    } finally {
      span.end()
    }
  }

  const layer: Layer = Object.assign(traced, original, { [beneath]: original }) as Layer
  globalThis.fetch = layer
  return () => {
    on = false
    // Somebody may have put a layer of their own around it: ours then only lets calls through.
    if (globalThis.fetch === layer) globalThis.fetch = original
  }
}

function askedOf(input: Parameters<Fetch>[0], init: RequestInit | undefined): { method: string; url: URL | undefined } {
  const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase()
  const text = input instanceof Request ? input.url : String(input)
  return { method, url: URL.canParse(text) ? new URL(text) : undefined }
}

/** Where a call goes: credentials and the query may be secret, so they are left out. */
const placeOf = ({ protocol, hostname, port, pathname, host }: URL): Record<string, string | number> => ({
  'server.address': hostname,
  'server.port': port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
  'url.full': redactText(`${protocol}//${host}${pathname}`),
})
