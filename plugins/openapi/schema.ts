/** A JSON Schema as it stands in the document (dialect 2020-12, as OpenAPI 3.1 has it). */
export type JsonSchema = { readonly [keyword: string]: unknown }
type Draft = { [keyword: string]: unknown }

/** What may be said of a value. Anything else is a word between libraries and does not leave. */
const keywords: ReadonlySet<string> = new Set(
  `type properties required additionalProperties items prefixItems anyOf oneOf allOf not enum const format pattern
  minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems
  minProperties maxProperties patternProperties propertyNames unevaluatedProperties contains if then else default
  examples title description deprecated readOnly writeOnly $ref discriminator contentEncoding contentMediaType`.split(
    /\s+/,
  ),
)
const jsonTypes = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'])
/** Elysia takes these as text too, where everything is text: in a query. On the wire they are what they mean. */
const textForms = new Set(['numeric', 'integer', 'boolean', 'ObjectString', 'ArrayString'])

/** The named schemas of a document. */
export class Components {
  readonly schemas: Record<string, JsonSchema> = {}

  /** A reference to the schema under its name; under a second name when the first stands for something else. */
  refer(name: string, schema: JsonSchema, direction: Direction): JsonSchema {
    const text = JSON.stringify(schema)
    const names = [name, direction === 'in' ? `${name}Input` : `${name}Output`]
    for (let n = 2; ; n++) {
      const one = names.shift() ?? `${name}${n}`
      const known = this.schemas[one]
      if (known !== undefined && JSON.stringify(known) !== text) continue
      this.schemas[one] = schema
      return { $ref: `#/components/schemas/${one}` }
    }
  }
}

/** Whether a schema is of what is sent or of what is answered. */
export type Direction = 'in' | 'out'

/** Makes a schema of a route one of the document: only JSON Schema, numbers as numbers, objects with a name by reference. */
export function tidy(source: unknown, components: Components, direction: Direction): JsonSchema {
  const plain = JSON.parse(JSON.stringify(source, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
  return tidySchema(plain, components, direction)
}

function tidySchema(source: unknown, components: Components, direction: Direction): JsonSchema {
  if (typeof source !== 'object' || source === null) return {}
  const walk = (one: unknown): JsonSchema => tidySchema(one, components, direction)
  const from = plainUnion(plainTuple(source as Draft))
  const to: Draft = {}
  for (const [key, value] of Object.entries(from)) if (keywords.has(key)) to[key] = value
  if (typeof to['type'] === 'string' && !jsonTypes.has(to['type'])) delete to['type']
  if (typeof to['$ref'] === 'string') return { ...to, $ref: referenceOf(to['$ref']) }
  for (const key of ['properties', 'patternProperties'])
    if (isDraft(to[key])) to[key] = Object.fromEntries(Object.entries(to[key]).map(([name, one]) => [name, walk(one)]))
  for (const key of ['anyOf', 'oneOf', 'allOf', 'prefixItems']) if (Array.isArray(to[key])) to[key] = to[key].map(walk)
  for (const key of ['items', 'additionalProperties', 'unevaluatedProperties', 'propertyNames', 'contains', 'not'])
    if (isDraft(to[key])) to[key] = walk(to[key])
  if (
    Array.isArray(to['type']) &&
    to['type'].includes('null') &&
    Array.isArray(to['enum']) &&
    !to['enum'].includes(null)
  )
    to['enum'] = [...to['enum'], null]
  if (to['format'] === 'binary' || textForms.has(String(to['format']))) delete to['default']
  const name = nameOf(from)
  return name === undefined ? to : components.refer(name, to, direction)
}

const isDraft = (value: unknown): value is Draft => typeof value === 'object' && value !== null && !Array.isArray(value)

/** `User` of `$id: '#/components/schemas/User'`, or of an object's title. */
function nameOf(schema: Draft): string | undefined {
  const id = typeof schema['$id'] === 'string' ? schema['$id'] : undefined
  const name = id ?? (schema['type'] === 'object' ? schema['title'] : undefined)
  if (typeof name !== 'string') return undefined
  const last = name.slice(name.lastIndexOf('/') + 1)
  return /^[\w.-]+$/.test(last) ? last : undefined
}

const referenceOf = (ref: string): string => (ref.startsWith('#') ? ref : `#/components/schemas/${ref}`)

/** TypeBox writes tuples as JSON Schema did before 2020. */
function plainTuple(schema: Draft): Draft {
  if (!Array.isArray(schema['items'])) return schema
  const { items, additionalItems, ...rest } = schema
  return { ...rest, prefixItems: items, items: additionalItems ?? false }
}

/** A union without Elysia's text forms, of dates as text, of literals as an enum. */
function plainUnion(schema: Draft): Draft {
  const { anyOf, ...rest } = schema
  if (!Array.isArray(anyOf)) return schema
  const kinds = (anyOf as Draft[]).filter(({ type }) => type !== 'undefined')
  const has = (type: string, format?: string) => kinds.some((one) => one['type'] === type && one['format'] === format)
  if (has('string', 'date-time') && has('string', 'date') && has('number'))
    return { ...rest, type: 'string', format: 'date-time' }
  const meant = kinds.filter((one) => !(one['type'] === 'string' && textForms.has(String(one['format']))))
  const ofQuery = schema['elysiaMeta'] === 'ArrayQuery'
  const all = ofQuery ? meant.filter(({ type }) => type === 'array') : meant
  if (all.length === 1) return plainUnion({ ...all[0], ...rest })
  const literals = all.filter((one) => 'const' in one || one['type'] === 'null')
  if (literals.length === all.length && all.length > 0) {
    const values = literals.map((one) => ('const' in one ? one['const'] : null))
    const types = [...new Set(values.map((one) => (one === null ? 'null' : typeof one)))]
    return { ...rest, type: types.length === 1 ? types[0] : types, enum: values }
  }
  const [only, ...others] = all.filter(({ type }) => type !== 'null')
  if (all.length === 2 && only && others.length === 0 && typeof only['type'] === 'string')
    return {
      ...only,
      ...rest,
      type: [only['type'], 'null'],
      ...(Array.isArray(only['enum']) && { enum: [...only['enum'], null] }),
    }
  return { ...rest, anyOf: all }
}
