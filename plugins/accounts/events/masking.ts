import { bounded } from './circumstances.ts'

const masked = '***'
const secretName = /password|secret|token$|authorization|cookie|hash/i
/** Tokens (RFC 7519) and API keys, which somebody may paste into a reason. */
const secrets = /\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|\bkwik_[\w-]{20,}/g
const most = 1000

/** The details of an event without anything that opens a door, each text bounded. */
export function maskedDetails(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(details).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, secretName.test(name) ? masked : maskedValue(value)]],
    ),
  )
}

function maskedValue(value: unknown): unknown {
  if (typeof value === 'string') return bounded(value.replace(secrets, masked))
  if (Array.isArray(value)) return value.slice(0, most).map(maskedValue)
  if (typeof value === 'object' && value !== null) return maskedDetails(value as Record<string, unknown>)
  return value
}
