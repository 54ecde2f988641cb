import { Buffer } from 'node:buffer'
import { timingSafeEqual } from 'node:crypto'
import { hmacOf } from '#core/internal/hmac'
import { partsOf } from '#core/phase-times'
import type { Clock } from '#core/ports/clock'
import type { Scope } from '#core/scope'

/** The header that asks for times, signed by who has the key. */
export const timingHeader = 'x-server-timing'

const macOf = (key: string, until: string): string =>
  hmacOf(Buffer.from(key))(`server-timing ${until}`).toString('base64url')

/**
 * Makes the value of the header `X-Server-Timing`, which asks for the parts of a request's time until then. From `kwik/logging`.
 *
 * @param key the app's `timing.key`
 * @param until milliseconds since 1970
 * @example
 * fetch(url, { headers: { 'x-server-timing': signTiming(key, Date.now() + 60_000) } })
 */
export function signTiming(key: string, until: number): string {
  return `${until}.${macOf(key, String(until))}`
}

/** Whether a request may see how its time was spent: times tell what the server does. */
export function mayAsk({ headers }: Request, key: string, clock: Clock): boolean {
  const said = headers.get(timingHeader)
  if (said === null || said.length > 128) return false
  const [until = '', mac = ''] = said.split('.')
  if (!/^\d{1,15}$/.test(until) || Number(until) < clock.now()) return false
  const [one, other] = [Buffer.from(mac), Buffer.from(macOf(key, until))]
  return one.length === other.length && timingSafeEqual(one, other)
}

/** @see https://www.w3.org/TR/server-timing/ */
export function serverTiming(scope: Scope): string {
  const now = performance.now()
  const parts = scope.times === undefined ? [] : partsOf(scope.times, scope.startedAt, 0)
  const said = parts.map(([part, ms]) => `${part};dur=${ms.toFixed(2)}`)
  if (scope.queries > 0) said.push(`db;dur=${scope.queryMs.toFixed(2)};desc="${scope.queries} statements"`)
  return [...said, `total;dur=${(now - scope.startedAt).toFixed(2)}`].join(', ')
}
