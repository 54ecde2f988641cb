import process from 'node:process'
import { headersIn } from './target.ts'

type Value = string | number | boolean | null | undefined | readonly (string | number | boolean | null | undefined)[]
export type Attributes = Readonly<Record<string, unknown>>

/** Most words have nothing that JSON would have to escape: to look costs less than to escape. */
const simple = /^[\w ./:*?(),;=+@%{}-]*$/
export const quoted = (text: string): string =>
  text.length < 200 && simple.test(text) ? `"${text}"` : JSON.stringify(text)

/** A value as OTLP's JSON has it. Written by hand: it is written for every span. */
export function valueJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `{"stringValue":${quoted(value)}}`
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
      return `{"stringValue":${quoted(String(value))}}`
  }
}

export function attributesJson(attributes: Attributes): string {
  let text = '['
  for (const key in attributes) {
    const value = attributes[key]
    if (value === undefined) continue
    text += `${text.length > 1 ? ',' : ''}{"key":${quoted(key)},"value":${valueJson(value)}}`
  }
  return `${text}]`
}

let second = Number.NaN
let secondText = ''

/**
 * Milliseconds since 1970 as OTLP's nanoseconds, exact to the microsecond. Numbers of sixteen digits are slow to write:
 * most times are of the second that the last one was of.
 */
export function nanoseconds(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds !== second) {
    second = seconds
    secondText = String(seconds)
  }
  const micros = Math.floor((ms - seconds * 1000) * 1000)
  return `${secondText}${micros < 100_000 ? String(micros).padStart(6, '0') : micros}000`
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
