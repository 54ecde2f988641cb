import type { TextMapPropagator } from '@opentelemetry/api'
import type { Api } from './adapters/library.ts'
import { parentIn, parentText } from './traceparent.ts'

/** W3C Trace Context for whoever works with OpenTelemetry's API: `propagation.inject()` and `extract()`. */
export function w3cPropagator({ trace, createTraceState }: Api): TextMapPropagator {
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
  return {
    inject(context, carrier, setter) {
      const span = trace.getSpanContext(context)
      if (span === undefined || !trace.isSpanContextValid(span)) return
      setter.set(carrier, 'traceparent', parentText(span))
      if (span.traceState) setter.set(carrier, 'tracestate', span.traceState.serialize())
    },
    extract(context, carrier, getter) {
      const remote = parentIn(text([getter.get(carrier, 'traceparent')].flat()[0]))
      if (remote === undefined) return context
      const state = text([getter.get(carrier, 'tracestate')].flat()[0])
      return trace.setSpanContext(context, {
        ...remote,
        isRemote: true,
        ...(state !== null && state.length <= 512 && { traceState: createTraceState(state) }),
      })
    },
    fields: () => ['traceparent', 'tracestate'],
  }
}
