import type { OpenApiDocument, Operation } from '../../plugins/openapi/index.ts'

type Schema = Readonly<Record<string, unknown>>

/**
 * The types of a version for Eden's client, written from its document: a client that speaks the version compiles against
 * its shapes, whatever the app's own are by now.
 */
export function edenTypes(document: OpenApiDocument, version: string, mediaType: string): string {
  const name = `V${version.replace(/[^A-Za-z0-9]/g, '_')}`
  const schemas = Object.entries(document.components.schemas).sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    `// Written by "kwik versions freeze": version ${version} of the API as its clients know it. Do not edit.`,
    '//',
    `// const api = treaty<${name}>(url, { headers: { accept: '${mediaType}' } })`,
    "import type { Elysia } from 'elysia'",
    '',
    ...schemas.map(([title, schema]) => `export type ${typeName(title)} = ${typeOf(schema as Schema)}\n`),
    `export type ${name}Routes = ${treeOf(document)}\n`,
    'type Nothing = { derive: {}; resolve: {}; schema: {}; standaloneSchema: {}; response: {} }',
    `export type ${name} = Elysia<`,
    "  '',",
    '  { decorator: {}; store: {}; derive: {}; resolve: {} },',
    '  { typebox: {}; error: {} },',
    '  { schema: {}; standaloneSchema: {}; macro: {}; macroFn: {}; parser: {}; response: {} },',
    `  ${name}Routes,`,
    '  Nothing,',
    '  Nothing',
    '>',
    '',
  ].join('\n')
}

interface Tree {
  [part: string]: Tree | string
}

/** Routes as Eden nests them: by the parts of their paths, parameters as `:id`. */
function treeOf({ paths }: OpenApiDocument): string {
  const root: Tree = {}
  for (const [path, item] of Object.entries(paths)) {
    let at = root
    for (const part of path.split('/').filter((one) => one !== '')) {
      const key = part.replace(/^\{(.+)\}$/, ':$1')
      at = (at[key] ??= {}) as Tree
    }
    for (const [method, operation] of Object.entries(item)) at[method] = routeOf(operation, path)
  }
  return written(root, '')
}

function written(tree: Tree | string, indent: string): string {
  if (typeof tree === 'string') return tree
  const inner = `${indent}  `
  const lines = Object.entries(tree).map(([key, one]) => `${inner}${keyOf(key)}: ${written(one, inner)}`)
  return `{\n${lines.join('\n')}\n${indent}}`
}

function routeOf({ parameters = [], requestBody, responses }: Operation, path: string): string {
  const query = parameters.filter((one) => one.in === 'query')
  const params = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => `${keyOf(name!)}: string`)
  const fields = query.map(
    ({ name, required, schema }) => `${keyOf(name)}${required ? '' : '?'}: ${typeOf(schema ?? {})}`,
  )
  const answers = Object.entries(responses).flatMap(([status, response]) =>
    /^\d+$/.test(status) ? [`${status}: ${answerOf(status, response)}`] : [],
  )
  const body = requestBody ? contentType(requestBody.content) : 'unknown'
  return `{ body: ${body}; params: { ${params.join('; ')} }; query: { ${fields.join('; ')} }; headers: unknown; response: { ${answers.join('; ')} } }`
}

/** What is said by reference are problems. */
function answerOf(status: string, response: Schema): string {
  if (typeof response['$ref'] === 'string') return 'Problem'
  const { content } = response as { content?: Record<string, { schema?: Schema }> }
  if (!content) return ['204', '304'].includes(status) ? 'void' : 'unknown'
  return contentType(content)
}

function contentType(content: Readonly<Record<string, { readonly schema?: Schema }>>): string {
  const [type, one] =
    Object.entries(content).find(([name]) => name.endsWith('json')) ?? Object.entries(content)[0] ?? []
  if (type === undefined || one?.schema === undefined) return 'unknown'
  return typeOf(one.schema)
}

const keyOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))
const typeName = (title: string): string => title.replace(/[^\w$]/g, '_').replace(/^(?=\d)/, '_')

/** A JSON Schema as a type. What has no type of its own is `unknown`. */
function typeOf(schema: Schema): string {
  const {
    type,
    enum: words,
    anyOf,
    oneOf,
    allOf,
  } = schema as {
    readonly type?: string | readonly string[]
    readonly enum?: readonly unknown[]
    readonly anyOf?: readonly Schema[]
    readonly oneOf?: readonly Schema[]
    readonly allOf?: readonly Schema[]
  }
  if (typeof schema['$ref'] === 'string') return typeName(schema['$ref'].split('/').at(-1)!)
  if ('const' in schema) return JSON.stringify(schema['const'])
  if (words) return words.map((one) => JSON.stringify(one)).join(' | ') || 'never'
  if (anyOf ?? oneOf) return `(${(anyOf ?? oneOf)!.map(typeOf).join(' | ')})`
  if (allOf) return `(${allOf.map(typeOf).join(' & ')})`
  if (Array.isArray(type)) return `(${type.map((one) => typeOf({ ...schema, type: one })).join(' | ')})`
  return ofType(schema, type as string | undefined)
}

function ofType(schema: Schema, type: string | undefined): string {
  switch (type) {
    case 'string':
      return schema['format'] === 'binary' ? 'Blob' : 'string'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
    case 'null':
      return type
    case 'array':
      return arrayOf(schema)
    case 'object':
      return objectOf(schema)
    default:
      return schema['properties'] ? objectOf(schema) : 'unknown'
  }
}

function arrayOf({ items, prefixItems }: Schema): string {
  if (Array.isArray(prefixItems)) return `[${prefixItems.map((one) => typeOf(one as Schema)).join(', ')}]`
  return `${typeOf((items as Schema | undefined) ?? {})}[]`.replace(/^(.* \| .*)\[\]$/, '($1)[]')
}

function objectOf(schema: Schema): string {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>)
  const required = (schema['required'] ?? []) as readonly string[]
  const fields = properties.map(([name, one]) => `${keyOf(name)}${required.includes(name) ? '' : '?'}: ${typeOf(one)}`)
  const others = schema['additionalProperties'] ?? Object.values((schema['patternProperties'] ?? {}) as object)[0]
  const record =
    typeof others === 'object' && others !== null ? `Record<string, ${typeOf(others as Schema)}>` : undefined
  if (fields.length === 0) return record ?? '{}'
  return `{ ${fields.join('; ')} }${record ? ` & ${record}` : ''}`
}
