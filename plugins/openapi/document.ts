import type { Way } from '#core/scope'
import type { RouteFacts } from '#core/works'
import { fillGaps, type Operation, operationsOf } from './operation.ts'
import { identify } from './operation-id.ts'
import type { ResolvedOpenApiOptions } from './options.ts'
import { problemResponses, problemSchemas } from './problems.ts'
import { Components, type JsonSchema, tidy } from './schema.ts'
import { type SecurityScheme, schemesOf } from './security.ts'

export type { Operation } from './operation.ts'

/** An OpenAPI 3.1 document, as far as Kwik writes it. */
export interface OpenApiDocument {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  readonly servers: readonly { readonly url: string; readonly description?: string }[]
  readonly tags: readonly { readonly name: string; readonly description?: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly responses: Readonly<Record<string, JsonSchema>>
    readonly securitySchemes: Partial<Readonly<Record<Way, SecurityScheme>>>
  }
}

/** What of an app goes into its document. */
export interface Source {
  readonly routes: readonly RouteFacts[]
  /** Named models of the app. */
  readonly models: Readonly<Record<string, unknown>>
  /** The ways in which the app recognises callers. */
  readonly ways: readonly Way[]
}

const notOperations = new Set(['WS', 'OPTIONS', 'ALL'])

/** Writes the document of an app: the same routes give the same text. */
export function documentOf(source: Source, options: ResolvedOpenApiOptions): OpenApiDocument {
  const components = new Components()
  Object.assign(components.schemas, problemSchemas)
  for (const [name, model] of Object.entries(source.models)) tidy({ ...(model as object), $id: name }, components, 'in')
  const ways: readonly Way[] = source.ways.length > 0 ? source.ways : ['bearer']
  const paths: Record<string, Record<string, Operation>> = {}
  const used = new Set<Way>()
  for (const route of source.routes) {
    if (notOperations.has(route.method) || (route.schema['detail'] as { hide?: boolean } | undefined)?.hide) continue
    for (const [path, method, made] of operationsOf(route, source.models)) {
      const operation = fillGaps(made, { route, path, ways, components })
      for (const requirement of operation.security) for (const way of Object.keys(requirement)) used.add(way as Way)
      const item = (paths[path] ??= {})
      item[method] ??= operation
    }
  }
  identify(paths)
  return {
    openapi: '3.1.1',
    info: options.info,
    servers: options.servers.length > 0 ? options.servers : [{ url: '/' }],
    tags: tagsOf(paths, options.tags),
    paths,
    components: {
      schemas: components.schemas,
      responses: problemResponses,
      securitySchemes: schemesOf([...used].sort(), options.security),
    },
  }
}

function tagsOf(
  paths: OpenApiDocument['paths'],
  described: ResolvedOpenApiOptions['tags'],
): { name: string; description?: string }[] {
  const names = Object.values(paths).flatMap((item) => Object.values(item).flatMap((one) => one.tags))
  const known = new Set(described.map((tag) => tag.name))
  return [
    ...described,
    ...[...new Set(names)]
      .filter((name) => !known.has(name))
      .sort()
      .map((name) => ({ name })),
  ]
}
