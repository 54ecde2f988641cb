import { pathOf } from '#core/elysia/errors'
import { deprecatedUse } from '#core/ports/api-versions'
import type { Problem } from '#core/problem'
import type { Scope } from '#core/scope'
import type { Api } from './api.ts'
import type { DeprecationHeaders } from './deprecation.ts'
import type { Asked } from './negotiation/negotiate.ts'
import type { VersionedRoute } from './routes/route.ts'

/** What an answer tells of its version, and what of it older clients know by other words. */
export function marked(
  api: Api,
  scope: Scope,
  response: Response,
  asked: Asked | undefined,
  route: VersionedRoute | undefined,
  bodyStep: number | undefined,
): Response | void {
  scope.header('vary', varyWith(scope.headers?.['vary'] ?? response.headers.get('vary'), dependsOn(api)))
  if (asked === undefined) return
  const { version, vendor } = asked
  scope.header('api-version', version.name)
  if (vendor && isJson(response)) scope.header('content-type', api.vendor.of(version.name))
  if (version.isDeprecated || route?.deprecation !== undefined) {
    scope.set(deprecatedUse, true)
    sayDeprecation(scope, response, [
      version.headers,
      ...(version.isDeprecated && route ? [{ links: [successorOf(api, scope)] }] : []),
      ...(route?.deprecation ? [route.deprecation] : []),
    ])
  }
  if (asked.prefix !== '') keepPrefix(scope, response, asked.prefix)
  if (route === undefined) return
  if (bodyStep === undefined && version.isNewest) return
  const step = version.isNewest ? undefined : version.step
  const told = problemIn(scope, response)
  if (told) response = new Response(JSON.stringify(route.problem(told, bodyStep, step)), response)
  if (version.isNewest) return told ? response : undefined
  return relabelled(response, route.at(version)) ?? (told ? response : undefined)
}

/** Where the newest version has what was asked (RFC 5829). */
const successorOf = (api: Api, scope: Scope): string =>
  `<${scope.publicBase}${api.options.path ? `/v${api.newest.name}` : ''}${pathOf(scope.elsewhere ?? scope.request.url)}>; rel="successor-version"; type="${api.vendor.of(api.newest.name)}"`

const dependsOn = ({ options: { header } }: Api): readonly string[] =>
  header === undefined ? ['Accept'] : ['Accept', header]

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

/** Who asked below `/v1` is led on below `/v1`. */
function keepPrefix(scope: Scope, { headers }: Response, prefix: string): void {
  const location = scope.headers?.['location'] ?? headers.get('location')
  if (location?.startsWith('/') && !location.startsWith('//') && !location.startsWith(`${prefix}/`))
    scope.header('location', prefix + location)
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
