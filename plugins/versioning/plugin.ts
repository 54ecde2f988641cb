import type { AnyElysia } from 'elysia'
import { awaitsModules, modelsOf, routesOf } from '#core/elysia/door'
import { didYouMean } from '#core/internal/spelling'
import type { Steps } from '#core/phases'
import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import type { Problem } from '#core/problem'
import type { Scope } from '#core/scope'
import type { RouteFacts, Works } from '#core/works'
import { Api, type RequestVersion } from './api.ts'
import type { Deprecation } from './deprecation.ts'
import { marked } from './marking.ts'
import { resolveVersionsOptions, type VersionsOptions } from './options.ts'
import type { VersionRange } from './range.ts'
import { rememberApi, rememberRoot } from './registry.ts'
import { Endpoints } from './routes/endpoints.ts'
import { bare } from './routes/paths.ts'
import { VersionedRoute } from './routes/route.ts'
import { Speaking } from './speaking.ts'
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

function worksOf(api: Api, options: VersionsOptions): Works {
  const { usage, onRequest } = options
  const endpoints = new Endpoints(api)
  const speaking = new Speaking(api, endpoints, options)
  const routes = new Map<string, VersionedRoute>()
  const newest = api.newest.step
  const { header } = api.options
  return {
    ...(header !== undefined && { reads: [header.toLowerCase()] }),
    admit: (scope) => speaking.admit(scope),
    methods: (path, root) => speaking.methods(path, root),
    routes: (_, root) => {
      api.history.learn(modelsOf(root))
      rememberRoot(root, { api, routes, usage })
      checkEndpoints(endpoints, root)
    },
    always: (facts: RouteFacts) => {
      const route = new VersionedRoute(api, endpoints, facts)
      routes.set(`${facts.method} ${facts.path}`, route)
      endpoints.add(route)
      return { identify: (scope) => speaking.enter(scope, route), ...turning(route, speaking, newest) }
    },
    respond: (scope, response) => {
      const asked = speaking.asked(scope)
      const route = scope.route === undefined ? undefined : routes.get(scope.route)
      const from = asked && speaking.bodyStep(scope)
      const version = asked?.version ?? api.usualAt(speaking.nowIn(scope))
      const bodyStep = from === newest ? undefined : from
      return marked(scope, response, { api, endpoints, version, asked, route, bodyStep })
    },
    ...countUsage({ usage, onRequest, routes, speaking }),
  }
}

/** The steps that turn requests and answers: none where no change is about the route. */
function turning(route: VersionedRoute, speaking: Speaking, newest: number): Steps {
  return {
    ...(route.liftsBody && {
      upgrade: (scope: Scope, body: unknown) => {
        const from = speaking.bodyStep(scope)
        return from === newest ? body : route.lift(scope, body, from)
      },
    }),
    ...(route.liftsQuery && {
      upgradeQuery: (scope: Scope, query: unknown) => {
        const from = speaking.step(scope)
        return from === newest ? query : route.liftQuery(scope, query, from)
      },
    }),
    ...(route.lowersAnswer && {
      downgrade: (scope: Scope, value: unknown, status: number) => {
        const to = speaking.step(scope)
        return to === newest ? value : route.lower(scope, value, status, to)
      },
    }),
  }
}

/** A change of a route that is not there says nothing. @throws {TypeError} naming the nearest */
function checkEndpoints(endpoints: Endpoints, root: AnyElysia): void {
  if (awaitsModules(root)) return
  const there = routesOf(root).map(({ method, path }) => `${method} ${bare(path)}`)
  for (const route of endpoints.named)
    if (!there.includes(route))
      throw new TypeError(`a change is about "${route}", but there is no such route${didYouMean(route, there)}`)
}
