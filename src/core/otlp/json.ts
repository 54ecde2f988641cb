import process from 'node:process'
import { headersIn } from './target.ts'

type Value = string | number | boolean | null | undefined | readonly (string | number | boolean | null | undefined)[]
export type Attributes = Readonly<Record<string, unknown>>

/** A value as OTLP's JSON has it. Written by hand: it is written for every span. */
export function valueJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `{"stringValue":${JSON.stringify(value)}}`
    case 'number':
      return Number.isSafeInteger(value)
        ? `{"intValue":"${value}"}`
        : `{"doubleValue":${Number.isFinite(value) ? value : `"${value}"`}}`
    case 'boolean':
      return `{"boolValue":${value}}`
    default:
      if (Array.isArray(value)) return `{"arrayValue":{"values":[${value.map(valueJson).join(',')}]}}`
      if (typeof value === 'object' && value !== null)
        return `{"kvlistValue":{"values":${attributesJson(value as Attributes)}}}`
      return `{"stringValue":${JSON.stringify(String(value))}}`
  }
}

export function attributesJson(attributes: Attributes): string {
  let text = '['
  for (const key in attributes) {
    const value = attributes[key]
    if (value === undefined) continue
    if (text.length > 1) text += ','
    text += `{"key":${JSON.stringify(key)},"value":${valueJson(value)}}`
  }
  return `${text}]`
}

/** Milliseconds since 1970 as OTLP's nanoseconds, exact to the microsecond. */
export function nanoseconds(ms: number): string {
  const whole = Math.floor(ms)
  return `${whole}${String(Math.floor((ms - whole) * 1000)).padStart(3, '0')}000`
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
