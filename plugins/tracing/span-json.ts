import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { attributesJson } from '#core/otlp/json'

type HrTime = readonly [seconds: number, nanos: number]
const time = ([seconds, nanos]: HrTime): string => `"${seconds}${String(nanos).padStart(9, '0')}"`

/** One span as OTLP's JSON has it. */
export function spanJson(span: ReadableSpan): string {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  let text = `{"traceId":"${traceId}","spanId":"${spanId}","flags":${traceFlags},"name":${JSON.stringify(span.name)},"kind":${span.kind + 1},"startTimeUnixNano":${time(span.startTime)},"endTimeUnixNano":${time(span.endTime)},"attributes":${attributesJson(span.attributes)}`
  if (span.parentSpanContext !== undefined) text += `,"parentSpanId":"${span.parentSpanContext.spanId}"`
  if (traceState !== undefined) text += `,"traceState":${JSON.stringify(traceState.serialize())}`
  if (span.events.length > 0)
    text += `,"events":[${span.events
      .map(
        (event) =>
          `{"timeUnixNano":${time(event.time)},"name":${JSON.stringify(event.name)},"attributes":${attributesJson(event.attributes ?? {})}}`,
      )
      .join(',')}]`
  if (span.links.length > 0)
    text += `,"links":[${span.links
      .map(({ context }) => `{"traceId":"${context.traceId}","spanId":"${context.spanId}"}`)
      .join(',')}]`
  const { code, message } = span.status
  if (code !== 0) text += `,"status":{"code":${code}${message ? `,"message":${JSON.stringify(message)}` : ''}}`
  return `${text}}`
}

/** A delivery of spans, by the library that made them. */
export function spansJson(spans: readonly ReadableSpan[], resource: string): string {
  const scopes = new Map<string, string[]>()
  for (const span of spans) {
    const { name } = span.instrumentationScope
    const known = scopes.get(name)
    if (known) known.push(spanJson(span))
    else scopes.set(name, [spanJson(span)])
  }
  const parts = [...scopes].map(
    ([name, all]) => `{"scope":{"name":${JSON.stringify(name)}},"spans":[${all.join(',')}]}`,
  )
  return `{"resourceSpans":[{"resource":{"attributes":${resource}},"scopeSpans":[${parts.join(',')}]}]}`
}
