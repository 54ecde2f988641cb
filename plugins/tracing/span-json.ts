import { attributesJson, nanoseconds, quoted } from '#core/otlp/json'
import type { RecordedSpan } from './span.ts'

/** One span as OTLP's JSON has it. */
export function spanJson(span: RecordedSpan): string {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  let text = `{"traceId":"${traceId}","spanId":"${spanId}","flags":${traceFlags},"name":${quoted(span.name)},"kind":${span.kind + 1},"startTimeUnixNano":"${nanoseconds(span.startedAt)}","endTimeUnixNano":"${nanoseconds(span.endedAt)}","attributes":${attributesJson(span.attributes)}`
  if (span.parentSpanContext !== undefined) text += `,"parentSpanId":"${span.parentSpanContext.spanId}"`
  if (traceState !== undefined) text += `,"traceState":${quoted(traceState.serialize())}`
  if (span.noted.length > 0)
    text += `,"events":[${span.noted
      .map(
        ({ at, name, attributes }) =>
          `{"timeUnixNano":"${nanoseconds(at)}","name":${quoted(name)},"attributes":${attributesJson(attributes)}}`,
      )
      .join(',')}]`
  if (span.links.length > 0)
    text += `,"links":[${span.links
      .map(({ context }) => `{"traceId":"${context.traceId}","spanId":"${context.spanId}"}`)
      .join(',')}]`
  const { code, message } = span.status
  if (code !== 0) text += `,"status":{"code":${code}${message ? `,"message":${quoted(message)}` : ''}}`
  return `${text}}`
}

/** A delivery of spans, by the library that made them. */
export function spansJson(spans: readonly RecordedSpan[], resource: string): string {
  const libraries = new Map<string, string>()
  for (const span of spans) {
    const { name } = span.instrumentationScope
    const known = libraries.get(name)
    libraries.set(name, known === undefined ? spanJson(span) : `${known},${spanJson(span)}`)
  }
  const parts = [...libraries].map(([name, all]) => `{"scope":{"name":${quoted(name)}},"spans":[${all}]}`)
  return `{"resourceSpans":[{"resource":{"attributes":${resource}},"scopeSpans":[${parts.join(',')}]}]}`
}
