import type { ProblemError } from '#core/problem'
import type { Scope } from '#core/scope'
import { crossSite } from './errors.ts'

const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS']

/** Its pages could read and write on a web socket: nothing keeps them from that as CORS does from answers (RFC 6455, 10.2). */
const isHandshake = (headers: Headers): boolean => headers.get('upgrade')?.toLowerCase() === 'websocket'

/**
 * Refuses what another site makes a browser send with our cookies. The browser says where a request comes from, by
 * Sec-Fetch-Site or, before 2023, by Origin; a client that says neither is no browser, and has no cookies but its own.
 * It follows CrossOriginProtection of Go 1.25: https://pkg.go.dev/net/http#CrossOriginProtection
 *
 * @param trusted origins that may: `https://app.example.com`
 */
export function crossSiteRefusal(scope: Scope, trusted: ReadonlySet<string>): ProblemError | undefined {
  const { method, headers } = scope.request
  if (safeMethods.includes(method) && !isHandshake(headers)) return undefined
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site')
  if (site === 'same-origin' || site === 'none') return undefined
  if (site === null && (origin === null || isOurs(scope, origin))) return undefined
  return origin !== null && trusted.has(origin) ? undefined : crossSite()
}

/** Whether the origin is the host that was asked, as the client sees it. */
function isOurs(scope: Scope, origin: string): boolean {
  const asked = URL.canParse(origin) ? new URL(origin).host : ''
  if (asked === '') return false
  const { publicBase } = scope
  if (publicBase.includes('://')) return new URL(publicBase).host === asked
  return (scope.request.headers.get('host') ?? new URL(scope.request.url).host).toLowerCase() === asked
}

/** @throws {TypeError} for what is no origin: it would never be one that a browser sends */
export function originsOf(given: readonly string[]): ReadonlySet<string> {
  for (const one of given)
    if (!URL.canParse(one) || new URL(one).origin !== one)
      throw new TypeError(`${JSON.stringify(one)} is no origin: write https://app.example.com, without a path`)
  return new Set(given)
}
