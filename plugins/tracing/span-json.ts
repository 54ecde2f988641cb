import { type KeyValue, keyValues, nanoseconds } from '#core/otlp/json'
import type { RecordedSpan } from './span.ts'

/** One span as OTLP's JSON has it. */
function spanOf(span: RecordedSpan): object {
  const { name, kind, startedAt, endedAt, attributes, parentSpanContext, noted, links, status } = span
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  return {
    traceId,
    spanId,
    flags: traceFlags,
    name,
    kind: kind + 1,
    startTimeUnixNano: nanoseconds(startedAt),
    endTimeUnixNano: nanoseconds(endedAt),
    attributes: keyValues(attributes),
    parentSpanId: parentSpanContext?.spanId,
    traceState: traceState?.serialize(),
    events:
      noted.length === 0
        ? undefined
        : noted.map((event) => ({
            timeUnixNano: nanoseconds(event.at),
            name: event.name,
            attributes: keyValues(event.attributes),
          })),
    links:
      links.length === 0
        ? undefined
        : links.map(({ context }) => ({ traceId: context.traceId, spanId: context.spanId })),
    status: status.code === 0 ? undefined : { code: status.code, message: status.message || undefined },
  }
}

/** A delivery of spans, by the library that made them. */
export function spansJson(spans: readonly RecordedSpan[], resource: readonly KeyValue[]): string {
  const libraries = new Map<string, object[]>()
  for (const span of spans) {
    const { name } = span.instrumentationScope
    const known = libraries.get(name)
    if (known === undefined) libraries.set(name, [spanOf(span)])
    else known.push(spanOf(span))
  }
  const scopeSpans = [...libraries].map(([name, all]) => ({ scope: { name }, spans: all }))
  return JSON.stringify({ resourceSpans: [{ resource: { attributes: resource }, scopeSpans }] })
}
