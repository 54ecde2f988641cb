import { type TSchema, Type } from '@sinclair/typebox'
import type { AnyElysia } from 'elysia'
import { listFactsOf } from '#core/described'
import type { Documented, DocumentVersions } from '#core/ports/document-versions'
import { isSchema } from '#core/schema'
import type { RouteFacts } from '#core/works'
import type { Api, Version } from './api.ts'
import { apiOf } from './registry.ts'
import { Endpoints, type Placed } from './routes/endpoints.ts'
import { parametersOf } from './routes/paths.ts'
import { VersionedRoute } from './routes/route.ts'
import { contentOf } from './routes/schemas.ts'
import { namingOf } from './scope-naming.ts'

/** The versions of an API as the API document asks for them. `kwik({ versions, openapi })` hands them over by itself. From `kwik/versioning`. */
export function documentVersions(versions: AnyElysia): DocumentVersions {
  const api = (): Api => apiOf(versions)
  return {
    names: () =>
      api()
        .living(Date.now())
        .map(({ name }) => name),
    mediaType: (version) => api().vendor.of(version),
    at: (name, now) => inVersion(api(), api().version(name)!, now),
  }
}

function inVersion(api: Api, version: Version, { routes, models }: Documented): Documented {
  api.history.learn(models as Record<string, TSchema>)
  const endpoints = new Endpoints(api)
  return {
    models: Object.fromEntries(Object.entries(models).map(([name, one]) => [name, then(api, version, one)])),
    routes: routes.flatMap((facts) => {
      const route = new VersionedRoute(api, endpoints, facts)
      const placed = route.at(version)
      if (!route.exists(version, placed.moved !== undefined)) return []
      const { method } = placed
      const path = placed.moved === undefined ? facts.path : placed.path
      const isDeprecated = version.isDeprecated || route.deprecation !== undefined
      return [{ ...facts, method, path, schema: schemaThen(api, version, facts, placed, isDeprecated) }]
    }),
  }
}

const then = (api: Api, { step }: Version, schema: unknown): unknown =>
  isSchema(schema) ? api.history.before(schema, step) : schema

function schemaThen(
  api: Api,
  version: Version,
  { schema }: RouteFacts,
  placed: Placed,
  isDeprecated: boolean,
): RouteFacts['schema'] {
  const was = (one: unknown): unknown => then(api, version, one)
  const status = (now: string): string => String(placed.statuses.get(Number(now)) ?? now)
  const byStatus = (all: object, turn: (one: unknown) => unknown): object =>
    Object.fromEntries(Object.entries(all).map(([now, one]) => [status(now), turn(one)]))
  const { body, query, params, response, standaloneValidator, detail } = schema
  const naming = namingOf(api, version)
  const list = listFactsOf(query)
  const said = (detail ?? {}) as { readonly responses?: object }
  return {
    ...schema,
    ...(body !== undefined && { body: was(body) }),
    ...(isSchema(params) && placed.moved !== undefined && { params: paramsThen(params, placed) }),
    ...(query !== undefined && { query: list && naming ? list.query(naming) : was(query) }),
    ...(typeof response === 'object' && {
      response: isSchema(response) ? was(response) : byStatus(response as object, was),
    }),
    ...(Array.isArray(standaloneValidator) && {
      standaloneValidator: standaloneValidator.map((one: object) =>
        Object.fromEntries(Object.entries(one).map(([part, said]) => [part, was(said)])),
      ),
    }),
    detail: {
      ...said,
      ...(isDeprecated && { deprecated: true }),
      ...(said.responses && { responses: byStatus(said.responses, (one) => responseThen(one, was)) }),
    },
  }
}

/** A path that is another one has its own parameters; what only it had was text. */
function paramsThen(params: TSchema, { path, names }: Placed): TSchema {
  const now = (params as { readonly properties?: Readonly<Record<string, TSchema>> }).properties ?? {}
  return Type.Object(
    Object.fromEntries(parametersOf(path).map((name) => [name, now[names[name] ?? name] ?? Type.String()])),
  )
}

function responseThen(response: unknown, was: (schema: unknown) => unknown): unknown {
  const content = Object.entries(contentOf(response))
  if (content.length === 0) return response
  const turned = content.map(([type, one]) => [type, { ...one, schema: was(one.schema) }])
  return { ...(response as object), content: Object.fromEntries(turned) }
}
