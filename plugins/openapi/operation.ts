import { toOpenAPISchema } from '@elysiajs/openapi/openapi'
import { closed, isSchema } from '#core/schema'
import type { Way } from '#core/scope'
import type { RouteFacts } from '#core/works'
import { isIdempotent, problemReference, refusalsOf } from './problems.ts'
import { type Components, type Direction, type JsonSchema, tidy } from './schema.ts'
import { accessOf, type Needed, type SecurityRequirement } from './security.ts'

/** One parameter of an operation. */
export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly required?: boolean
  readonly description?: string
  readonly deprecated?: boolean
  readonly schema?: JsonSchema
}

/** A method of a path. */
export interface Operation {
  operationId: string
  readonly tags: readonly string[]
  readonly summary?: string
  readonly description?: string
  readonly deprecated?: boolean
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required: boolean; readonly description?: string; readonly content: Content }
  readonly responses: Readonly<Record<string, JsonSchema>>
  /** Empty for a route that anybody may call. */
  readonly security: readonly SecurityRequirement[]
  /** What the caller must be allowed to do. */
  readonly 'x-kwik-permissions'?: Needed
}
type Content = Readonly<Record<string, { readonly schema?: JsonSchema }>>
type Draft = Readonly<Record<string, unknown>>

/** What Elysia's own generator makes of one route: a path for each form of its optional parameters. */
export function* operationsOf(
  route: RouteFacts,
  models: Readonly<Record<string, unknown>>,
): Iterable<readonly [path: string, method: string, operation: Draft]> {
  const { body } = route.schema
  // Kwik refuses unknown fields of every body: the document says so.
  const hooks = { ...route.schema, ...(isSchema(body) && { body: closed(body) }) }
  const one = {
    getGlobalRoutes: () => [{ method: route.method, path: route.path, hooks }],
    getGlobalDefinitions: () => ({ type: models }),
  }
  const { paths } = toOpenAPISchema(one as never, { methods: [], staticFile: false })
  for (const [path, item] of Object.entries(paths))
    for (const [method, operation] of Object.entries(item as Record<string, Draft>))
      yield [plainPath(path), method, operation]
}

/** `/products/` answers as `/products` does; `*` is a parameter like any other. */
const plainPath = (path: string): string => (path.replace(/\/+$/, '') || '/').replace(/\*$/, '{wildcard}')

interface Place {
  readonly route: RouteFacts
  readonly path: string
  readonly ways: readonly Way[]
  readonly components: Components
}

/** Adds what Kwik knows of the route, and cleans what the generator wrote. */
export function fillGaps(made: Draft, { route, path, ways, components }: Place): Operation {
  const access = accessOf(route, ways)
  const detail = (route.schema['detail'] ?? {}) as Draft
  const parameters = [
    ...parametersOf(made, detail, path, components),
    ...(isIdempotent(route.options) ? [keyParameter(route.options['idempotent'])] : []),
  ]
  const responses: Record<string, JsonSchema> = {}
  for (const status of refusalsOf(route, access)) responses[status] = problemReference(status)
  responses['default'] = problemReference('default')
  const told = {
    ...(detail['responses'] as Draft | undefined),
    ...(route.schema['response'] ? (made['responses'] as Draft) : {}),
  }
  for (const [status, response] of Object.entries(told))
    responses[status] = responseOf(status, response as Draft, components)
  if (!Object.keys(responses).some((status) => /^[23]/.test(status))) responses['200'] = { description: 'OK' }
  const requestBody = bodyOf(made, route, detail, components)
  return {
    ...textsOf(detail),
    operationId: typeof detail['operationId'] === 'string' ? detail['operationId'] : '',
    tags: tagsOf(route, path),
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody }),
    responses,
    security: access.security,
    ...(access.permissions && { 'x-kwik-permissions': access.permissions }),
  }
}

/** What a person wrote about the route. Other words of `detail` are between plugins, unless they begin with `x-`. */
function textsOf(detail: Draft): Draft {
  const kept = ['summary', 'description', 'deprecated', 'externalDocs']
  return Object.fromEntries(
    Object.entries(detail).filter(
      ([key]) => kept.includes(key) || (key.startsWith('x-') && !key.startsWith('x-kwik-')),
    ),
  )
}

function tagsOf(route: RouteFacts, path: string): readonly string[] {
  const { tags } = (route.schema['detail'] ?? {}) as { tags?: readonly string[] }
  const all = tags ?? (route.schema['tags'] as readonly string[] | undefined)
  return all && all.length > 0 ? all : [path.split('/').find((part) => part !== '' && !part.startsWith('{')) ?? 'root']
}

function parametersOf(made: Draft, detail: Draft, path: string, components: Components): Parameter[] {
  const all = [...((detail['parameters'] ?? []) as Parameter[]), ...((made['parameters'] ?? []) as Parameter[])]
  const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name!)
  const found = new Map<string, Parameter>()
  for (const one of all) {
    const key = `${one.in} ${one.name}`
    if (found.has(key) || (one.in === 'path' && !inPath.includes(one.name))) continue
    const schema = tidy(one.schema ?? { type: 'string' }, components, 'in')
    // Once is enough: of a parameter it is what people read.
    const { description, deprecated, ...rest } = schema as { description?: string; deprecated?: boolean }
    found.set(key, {
      ...(description !== undefined && { description }),
      ...(deprecated && { deprecated }),
      ...one,
      schema: rest,
    })
  }
  for (const name of inPath)
    if (!found.has(`path ${name}`))
      found.set(`path ${name}`, { name, in: 'path', required: true, schema: { type: 'string' } })
  return [...found.values()]
}

const keyParameter = (said: unknown): Parameter => ({
  name: 'Idempotency-Key',
  in: 'header',
  required: (said as { required?: boolean }).required === true,
  description: 'New for each thing to do: a repeat with the same key gets the first answer again.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
})

type Body = { description?: string; required?: boolean; content?: Content }

/**
 * A route may say in its `detail.requestBody` that its JSON has other names too: `application/merge-patch+json`. Of a route
 * without a schema it says the whole: what an upload takes.
 */
function bodyOf(made: Draft, { schema }: RouteFacts, detail: Draft, components: Components): Operation['requestBody'] {
  const said = detail['requestBody'] as Body | undefined
  const isSaid = said?.content !== undefined && schema['body'] === undefined
  const body = isSaid ? said : (made['requestBody'] as Body | undefined)
  if (!body?.content) return undefined
  const { content } = body
  const files = !isSaid && JSON.stringify(content).includes('"format":"binary"')
  const told = files || isSaid ? [] : Object.keys(said?.content ?? {})
  const alike = (one: Content[string], type: string): Content =>
    Object.fromEntries([type, ...told].map((name) => [name, one]))
  const wanted = isSaid ? '' : files ? 'multipart/form-data' : 'application/json'
  return {
    ...(body.description !== undefined && { description: body.description }),
    required: body.required !== false,
    content: tidyContent(content[wanted] === undefined ? content : alike(content[wanted], wanted), components, 'in'),
  }
}

function responseOf(status: string, response: Draft, components: Components): JsonSchema {
  if (typeof response['$ref'] === 'string') return { $ref: response['$ref'] }
  const content = (response['content'] ?? {}) as Content
  const real = Object.entries(content).filter(([type]) => type.includes('/'))
  const headers = response['headers'] as Readonly<Record<string, Draft>> | undefined
  return {
    description: descriptionOf(status, response['description']),
    ...(headers && { headers }),
    ...(real.length > 0 &&
      !['204', '304'].includes(status) && {
        content: tidyContent(Object.fromEntries(real), components, 'out'),
      }),
  }
}

const usual: Readonly<Record<string, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No content' }
const descriptionOf = (status: string, told: unknown): string =>
  typeof told === 'string' && told !== `Response for status ${status}` ? told : (usual[status] ?? `Status ${status}`)

function tidyContent(content: Content, components: Components, direction: Direction): Content {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema }]) => [
      type,
      schema === undefined ? {} : { schema: tidy(schema, components, direction) },
    ]),
  )
}
