import { offeredBy, pathOf } from '#core/elysia/errors'
import { milliseconds } from '#core/internal/duration'
import { mergedVary } from '#core/internal/vary'
import type { Scope } from '#core/scope'
import type { CorsOptions } from './options.ts'
import { originCheck, originIn } from './origin.ts'
import { checkedName } from './profile.ts'

/** Tells browsers whose scripts may read answers (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export interface Cors {
  /** The answer to a preflight; nothing for any other request. */
  preflight(scope: Scope): Response | undefined | Promise<Response | undefined>
  /** Headers on an answer. */
  put(scope: Scope, response: Response): void | Promise<void>
}

const readByKwik =
  'authorization, content-type, idempotency-key, if-match, if-none-match, x-api-key, x-request-id'.split(', ')
const writtenByKwik =
  'api-version, deprecation, etag, link, location, ratelimit, ratelimit-policy, retry-after, sunset, x-request-id'

/** What an app reads: the header of a tenant or of a version has whatever name the app gave it. */
const readIn = ({ app }: Scope): readonly string[] => {
  const own = [...app!.works.values()].flatMap(({ reads = [] }) => reads)
  return [...new Set([...readByKwik, ...own])].sort()
}

/** @throws {TypeError} when credentials would be open to everybody, or an origin or a name is none */
export function makeCors(options: CorsOptions): Cors {
  const { origins, credentials = false, allowedHeaders, exposedHeaders, maxAge = '10m' } = options
  const everybody = origins === '*'
  if (everybody && credentials)
    throw new TypeError("cors: origins '*' with credentials would let any page act as its visitor: name the origins")
  if (Array.isArray(origins) && origins.includes('*')) throw new TypeError("cors: write origins: '*', alone")
  const check = everybody ? () => true : originCheck(origins)
  const allowHeaders = allowedHeaders?.map(checkedName)
  const expose = exposedHeaders?.map(checkedName).join(', ') ?? writtenByKwik
  const age = String(Math.round(milliseconds(maxAge) / 1000))

  /** What the request's origin is allowed as: itself, `*`, or not. */
  const allowedAs = (request: Request): string | undefined | Promise<string | undefined> => {
    if (everybody) return '*'
    const sent = request.headers.get('origin')
    const origin = sent === null ? undefined : originIn(sent)
    if (origin === undefined) return undefined
    const answer = check(origin, request)
    if (answer instanceof Promise) return answer.then((yes) => (yes === true ? origin : undefined))
    return answer === true ? origin : undefined
  }

  const preflightAnswer = (scope: Scope, origin: string | undefined): Response => {
    const vary = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'
    if (origin === undefined) return new Response(null, { status: 204, headers: { vary } })
    const methods = offeredBy(scope.app!, pathOf(scope.request.url)).filter((method) => method !== 'OPTIONS')
    return new Response(null, {
      status: 204,
      headers: {
        vary,
        'access-control-allow-methods': methods.join(', '),
        'access-control-allow-headers': (allowHeaders ?? readIn(scope)).join(', '),
        'access-control-max-age': age,
      },
    })
  }

  const say = (scope: Scope, response: Response, origin: string | undefined): void => {
    if (!everybody) {
      const said = response.headers.get('vary')
      const added = scope.headers?.['vary']
      scope.header('vary', said === null && added === undefined ? 'Origin' : mergedVary(said, added, 'Origin'))
    }
    if (origin === undefined) return
    scope.header('access-control-allow-origin', origin)
    if (credentials) scope.header('access-control-allow-credentials', 'true')
    if (scope.request.method !== 'OPTIONS') scope.header('access-control-expose-headers', expose)
    // Else the browser would keep from the page what CORS has just allowed it.
    scope.header('cross-origin-resource-policy', 'cross-origin')
  }

  return {
    preflight(scope) {
      const { request } = scope
      const { headers, method } = request
      if (method !== 'OPTIONS' || !headers.has('origin') || !headers.has('access-control-request-method')) return
      const origin = allowedAs(request)
      if (origin instanceof Promise) return origin.then((settled) => preflightAnswer(scope, settled))
      return preflightAnswer(scope, origin)
    },
    put(scope, response) {
      const origin = allowedAs(scope.request)
      if (origin instanceof Promise) return origin.then((settled) => say(scope, response, settled))
      say(scope, response, origin)
    },
  }
}
