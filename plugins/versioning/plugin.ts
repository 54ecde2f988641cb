import type { AnyElysia } from 'elysia'
import { awaitsModules, modelsOf, routesOf } from '#core/elysia/door'
import { pathOf } from '#core/elysia/errors'
import { refuse as refuseByCore } from '#core/errors'
import { didYouMean } from '#core/internal/spelling'
import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import { type Problem, ProblemError } from '#core/problem'
import { type Scope, type Slot, slot } from '#core/scope'
import type { RouteFacts, Works } from '#core/works'
import { Api, type RequestVersion, type Version } from './api.ts'
import type { Deprecation } from './deprecation.ts'
import { marked } from './marking.ts'
import { type Asked, Negotiation } from './negotiation/negotiate.ts'
import { retired, unknownVersion } from './negotiation/refusals.ts'
import { resolveVersionsOptions, type VersionsOptions } from './options.ts'
import type { VersionRange } from './range.ts'
import { rememberApi, rememberRoot } from './registry.ts'
import { Endpoints } from './routes/endpoints.ts'
import { VersionedRoute } from './routes/route.ts'
import { namingOf } from './scope-naming.ts'
import { countUsage } from './usage/counting.ts'

/** The route options `version` and `deprecated`, and `version` in handlers' context. */
export type VersionsPlugin<V extends string = string> = KwikPlugin<{
  derive: { version: RequestVersion<V> }
  macros: {
    version: Macro<VersionRange<V>, {}, { 404: Problem }>
    deprecated: Macro<Deprecation | false>
  }
}>

/**
 * The versions of an API. Handlers and schemas are written for the newest; requests and answers of older ones are brought
 * there and back by what `change()` declares. From `kwik/versioning`.
 *
 * @param options.vendor name in media types: `Accept: application/vnd.<vendor>.v2+json`
 * @param options.list the versions, the newest first, each with what is different from the one before
 * @throws {BootError} at boot, for versions that cannot be meant and changes of what is not there
 * @example
 * export const api = versions({ vendor: 'shop', list: [
 *   { v: '2', released: '2026-01-10', changes: [createdAt] },
 *   { v: '1', released: '2025-05-01', deprecated: '2026-09-01', sunset: '2027-03-01', docs: '/changelog#v2' },
 * ] })
 * export const platform = kwik({ versions: api })
 */
export function versions<const V extends string>(options: VersionsOptions<V>): VersionsPlugin<V> {
  let made: Api | undefined
  const api = (): Api => (made ??= new Api(resolveVersionsOptions(options)))
  const plugin = definePlugin<VersionsPlugin<V>, VersionsOptions>({
    name: 'versioning',
    options: options as VersionsOptions,
    keys: ['version', 'deprecated'],
    setup: (given) => worksOf(api(), given),
  })
  rememberApi(plugin, api)
  return plugin
}

const place: Slot<Asked> = slot('versioning')
/** The version of the body, where it is an older one. */
const bodyPlace: Slot<Version> = slot('versioning body')

function worksOf(api: Api, { pin, usage, onRequest, ...given }: VersionsOptions): Works {
  const endpoints = new Endpoints(api)
  const negotiation = new Negotiation(api)
  const routes = new Map<string, VersionedRoute>()
  const nowIn = (scope: Scope): number => (given.clock ?? scope.app?.core.clock)?.now() ?? Date.now()

  const speak = (scope: Scope, asked: Asked): void => {
    const before = scope.version
    const { name } = asked.version
    scope.set(place, asked)
    scope.version = name
    scope.variant =
      before === undefined ? `${scope.variant};v=${name}` : scope.variant.replace(`;v=${before}`, `;v=${name}`)
    scope.naming = namingOf(api, asked.version)
  }

  const admit = (scope: Scope): ProblemError | void => {
    const now = nowIn(scope)
    const asked = negotiation.ask(scope, now)
    if (asked instanceof ProblemError) return asked
    speak(scope, asked)
    const body = negotiation.ofBody(scope, now)
    if (body instanceof ProblemError) return body
    if (body) scope.set(bodyPlace, body)
    if (asked.prefix !== '' || !asked.version.isNewest) scope.elsewhere = elsewhere(scope, asked)
  }

  const elsewhere = ({ request }: Scope, { version, prefix }: Asked): string | undefined => {
    const { url, method } = request
    const path = pathOf(url)
    const asked = path.slice(prefix.length) || '/'
    const now = endpoints.elsewhere(version, method, asked)
    if (now === undefined && prefix === '') return undefined
    const from = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('://') + 3)
    return `${url.slice(0, from)}${now ?? asked}${url.slice(from + path.length)}`
  }

  /** A user who names no version has that of their account. */
  const pinned = (scope: Scope, asked: Asked): Asked | ProblemError => {
    if (pin === undefined || asked.named || scope.principal === null) return asked
    const name = pin({ user: scope.principal.user as never })
    const version = typeof name === 'string' ? api.version(name) : undefined
    if (version === undefined || version === asked.version) return asked
    const now = nowIn(scope)
    if (api.isRetired(version, now)) return retired(api, version, scope)
    const again = negotiation.ask(scope, now, version.name)
    if (!(again instanceof ProblemError)) speak(scope, again)
    return again
  }

  const enter = (scope: Scope, route: VersionedRoute): ProblemError | void => {
    const asked = pinned(scope, scope.get(place)!)
    if (asked instanceof ProblemError) return asked
    const { version, others } = asked
    if (others && route.isJson) return unknownVersion(api, nowIn(scope), 'accept')
    if (!route.exists(version, isMoved(scope, asked)))
      return refuseByCore('KWIK_NOT_FOUND', { detail: `Version ${version.name} has no such endpoint.` })
    scope.add('version', version.handle)
  }

  /** Whether the path that was asked is where an older version had the route. */
  const isMoved = ({ request }: Scope, { version, prefix }: Asked): boolean =>
    endpoints.elsewhere(version, request.method, pathOf(request.url).slice(prefix.length) || '/') !== undefined

  const bodyStep = (scope: Scope): number => (scope.get(bodyPlace) ?? scope.get(place)!.version).step
  const step = (scope: Scope): number => scope.get(place)!.version.step
  const newest = api.newest.step

  return {
    admit,
    routes: (_, root) => {
      api.history.learn(modelsOf(root))
      rememberRoot(root, { api, routes })
      checkEndpoints(endpoints, root)
    },
    always: (facts: RouteFacts) => {
      const route = new VersionedRoute(api, endpoints, facts)
      routes.set(`${facts.method} ${facts.path}`, route)
      return {
        identify: (scope) => enter(scope, route),
        ...(route.liftsBody && {
          upgrade: (scope: Scope, body: unknown) => {
            const from = bodyStep(scope)
            return from === newest ? body : route.lift(scope, body, from)
          },
        }),
        ...(route.liftsQuery && {
          upgradeQuery: (scope: Scope, query: unknown) => {
            const from = step(scope)
            return from === newest ? query : route.liftQuery(scope, query, from)
          },
        }),
        ...((route.lowersAnswer || route.schemas.answers.has(207)) && {
          downgrade: (scope: Scope, value: unknown, status: number) => {
            const to = step(scope)
            return to === newest ? value : route.lower(scope, value, status, to)
          },
        }),
      }
    },
    respond: (scope, response) => {
      const asked = scope.get(place)
      const route = scope.route === undefined ? undefined : routes.get(scope.route)
      const from = asked && bodyStep(scope)
      return marked(api, scope, response, asked, route, from === newest ? undefined : from)
    },
    ...countUsage({ usage, onRequest, nowIn, routes, asked: (scope) => scope.get(place) }),
  }
}

/** A change of a route that is not there says nothing. @throws {TypeError} naming the nearest */
function checkEndpoints(endpoints: Endpoints, root: AnyElysia): void {
  if (awaitsModules(root)) return
  const there = routesOf(root).map(({ method, path }) => `${method} ${path.replace(/(.)\/$/, '$1')}`)
  for (const route of endpoints.named)
    if (!there.includes(route))
      throw new TypeError(`a change is about "${route}", but there is no such route${didYouMean(route, there)}`)
}
