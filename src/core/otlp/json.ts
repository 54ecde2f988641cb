import process from 'node:process'
import { headersIn } from './target.ts'

type Value = string | number | boolean | null | undefined | readonly (string | number | boolean | null | undefined)[]
export type Attributes = Readonly<Record<string, unknown>>

/** A value as OTLP has it (`AnyValue`). */
export type AnyValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly doubleValue: number | string }
  | { readonly boolValue: boolean }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } }
  | { readonly kvlistValue: { readonly values: readonly KeyValue[] } }
  /** Nothing. */
  | Readonly<Record<string, never>>
export interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

/** A value as OTLP's JSON has it. Objects that are written as a whole cost half of what texts put together cost. */
export function anyValue(value: unknown): AnyValue {
  switch (typeof value) {
    case 'string':
      return { stringValue: value }
    case 'number':
      if (Number.isSafeInteger(value)) return { intValue: String(value) }
      return { doubleValue: Number.isFinite(value) ? value : String(value) }
    case 'boolean':
      return { boolValue: value }
    default:
      if (value === null || value === undefined) return {}
      if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } }
      if (typeof value === 'object' && value !== null)
        return { kvlistValue: { values: keyValues(value as Attributes) } }
      return { stringValue: String(value) }
  }
}

export function keyValues(attributes: Attributes): KeyValue[] {
  const all: KeyValue[] = []
  for (const key in attributes) {
    const value = attributes[key]
    if (value !== undefined) all.push({ key, value: anyValue(value) })
  }
  return all
}

let last = Number.NaN
let lastText = ''
const micros: readonly string[] = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'))

/**
 * Milliseconds since 1970 as OTLP's nanoseconds, exact to the microsecond. Long numbers are slow to write: most times of a
 * busy server are of the millisecond that the last one was of.
 */
export function nanoseconds(ms: number): string {
  const whole = Math.floor(ms)
  if (whole !== last) {
    last = whole
    lastText = String(whole)
  }
  return `${lastText}${micros[Math.floor((ms - whole) * 1000)]}000`
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * What tells this process from others in everything it exports.
 * @see https://opentelemetry.io/docs/specs/semconv/resource/
 */
export function resourceOf(service: string | undefined, env: Env = process.env): Readonly<Record<string, Value>> {
  const said = headersIn(env['OTEL_RESOURCE_ATTRIBUTES'])
  const runtime = process.versions['bun'] ? 'bun' : process.versions['deno'] ? 'deno' : 'node'
  return {
    'telemetry.sdk.name': 'kwik',
    'telemetry.sdk.language': 'nodejs',
    'process.pid': process.pid,
    'process.runtime.name': runtime,
    ...said,
    'service.name': service ?? env['OTEL_SERVICE_NAME'] ?? said['service.name'] ?? `unknown_service:${runtime}`,
  }
}
