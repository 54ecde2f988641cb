import { credentialHeaders } from '#core/internal/vary'
import { deprecatedUse } from '#core/ports/api-versions'
import type { Problem } from '#core/problem'
import type { Scope } from '#core/scope'
import type { Api, Version } from './api.ts'
import type { DeprecationHeaders } from './deprecation.ts'
import { ledOn, successorLink } from './leading.ts'
import type { Asked } from './negotiation/negotiate.ts'
import type { Endpoints } from './routes/endpoints.ts'
import type { VersionedRoute } from './routes/route.ts'

/** What is known of a request when its answer leaves. */
export interface Answered {
  readonly api: Api
  readonly endpoints: Endpoints
  /** The one that the answer is in; of a request that was refused its version, that of who names none. */
  readonly version: Version
  /** `undefined` for a request that was refused its version. */
  readonly asked: Asked | undefined
  readonly route: VersionedRoute | undefined
  /** Of an older version's body. */
  readonly bodyStep: number | undefined
}

/** What an answer tells of its version, and what of it older clients know by other words. */
export function marked(
  scope: Scope,
  response: Response,
  { api, endpoints, version, asked, route, bodyStep }: Answered,
): Response | void {
  scope.header('vary', varyWith(scope.headers?.['vary'] ?? response.headers.get('vary'), dependsOn(api, asked)))
  // A refusal may be about another version than the one that was asked for: that of a user's pin.
  scope.header('api-version', scope.refusal?.headers['api-version'] ?? version.name)
  if (asked === undefined) return
  if (asked.vendor && isJson(response)) scope.header('content-type', api.vendor.of(version.name))
  if (version.isDeprecated || route?.deprecation !== undefined) {
    scope.set(deprecatedUse, true)
    sayDeprecation(scope, response, [
      version.headers,
      ...(version.isDeprecated && route?.exists(api.newest, false)
        ? [{ links: [successorLink(api, endpoints, version, scope)] }]
        : []),
      ...(route?.deprecation
        ? [inWords(route.deprecation, (path) => ledOn(path, 'GET', asked, endpoints, scope))]
        : []),
    ])
  }
  if (asked.prefix !== '' || !version.isNewest) leadOn(scope, response, asked, endpoints)
  if (route === undefined) return
  if (bodyStep === undefined && version.isNewest) return
  const step = version.isNewest ? undefined : version.step
  const told = problemIn(scope, response)
  if (told) response = new Response(JSON.stringify(route.problem(told, bodyStep, step)), response)
  if (version.isNewest) return told ? response : undefined
  return relabelled(response, route.at(version)) ?? (told ? response : undefined)
}

/** Who names no version may have one of their own: what others get is not for them. */
const dependsOn = ({ options: { header, isPinned } }: Api, asked: Asked | undefined): readonly string[] => [
  'Accept',
  ...(header === undefined ? [] : [header]),
  ...(isPinned && asked?.named === false ? credentialHeaders : []),
]

/** Adds names to a Vary field (RFC 9110, 12.5.5). */
export function varyWith(field: string | null | undefined, names: readonly string[]): string {
  if (!field) return names.join(', ')
  const known = field
    .toLowerCase()
    .split(',')
    .map((one) => one.trim())
  return known.includes('*') ? '*' : [field, ...names.filter((name) => !known.includes(name.toLowerCase()))].join(', ')
}

const isJson = ({ headers }: Response): boolean => /^application\/json\b/i.test(headers.get('content-type') ?? '')

function sayDeprecation(scope: Scope, response: Response, all: readonly DeprecationHeaders[]): void {
  const links: string[] = []
  for (const one of all) {
    // The route's own word, where both have one: it goes first.
    if (one.deprecation) scope.header('deprecation', one.deprecation)
    if (one.sunset) scope.header('sunset', one.sunset)
    links.push(...one.links)
  }
  if (links.length === 0) return
  const said = scope.headers?.['link'] ?? response.headers.get('link')
  scope.header('link', [...(said ? [said] : []), ...links].join(', '))
}

/** The route to use instead is named as it is now. */
const inWords = (one: DeprecationHeaders, words: (path: string) => string): DeprecationHeaders => ({
  ...one,
  links: one.links.map((link) => link.replace(/^<([^>]*)>/, (_, path: string) => `<${words(path)}>`)),
})

/** Where an answer sends its client on to, its client has to find. */
function leadOn(scope: Scope, { status, headers }: Response, asked: Asked, endpoints: Endpoints): void {
  const location = scope.headers?.['location'] ?? headers.get('location')
  if (location === null) return
  // These two keep the method (RFC 9110, 15.4.8 and 15.4.9); what was made, or is seen instead, is fetched.
  const method = status === 307 || status === 308 ? scope.request.method : 'GET'
  const led = ledOn(location, method, asked, endpoints, scope)
  if (led !== location) scope.header('location', led)
}

function problemIn({ refusal }: Scope, { headers }: Response): Problem | undefined {
  if (refusal?.problem.errors === undefined) return undefined
  return headers.get('content-type') === 'application/problem+json' ? refusal.problem : undefined
}

/** The answer with the status and the header names of an older version. */
function relabelled(response: Response, { statuses, headers }: ReturnType<VersionedRoute['at']>): Response | undefined {
  const status = statuses.get(response.status)
  if (status === undefined && !headers.some(({ newer }) => response.headers.has(newer))) return undefined
  const other = new Response(response.body, {
    status: status ?? response.status,
    headers: response.headers,
  })
  for (const { older, newer } of headers) {
    const value = other.headers.get(newer)
    if (value === null) continue
    other.headers.delete(newer)
    other.headers.set(older, value)
  }
  return other
}
