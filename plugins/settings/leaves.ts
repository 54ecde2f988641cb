import { Kind, KindGuard, OptionalKind, type TObject, type TSchema, Type } from '@sinclair/typebox'
import { didYouMean } from '#core/internal/spelling'

/** One setting: the schema of its value and the names of its variables. */
export interface Leaf {
  readonly path: readonly string[]
  /** `server.port`. */
  readonly key: string
  readonly schema: TSchema
  readonly optional: boolean
  readonly secret: boolean
  /** Names of variables, the plain ones first: the name that follows from its place counts more. */
  readonly variables: readonly string[]
  readonly requiredIn: readonly string[]
  /** Whether a reload may change it while the app runs. */
  readonly hot: boolean
  /** Whether a list or record goes on where the weaker layers ended. */
  readonly appends: boolean
  /** Whether an empty text is a value, and not a variable that is unset. */
  readonly allowEmpty: boolean
  /** What to use instead. */
  readonly deprecated: string | undefined
}

/** A group of settings: `server`. */
export interface Group {
  readonly key: string
  readonly optional: boolean
  readonly variable: string
  readonly parts: Readonly<Record<string, Node>>
}
export type Node = Leaf | Group

export const isGroup = (node: Node): node is Group => 'parts' in node

/**
 * @param variable the prefix of all variables, below it the name of the group's
 * @throws {TypeError} for a schema of which no text can be a value, naming the setting
 */
export function nodeOf(schema: TSchema, variable: string, path: readonly string[] = []): Node {
  const key = path.join('.')
  const optional = schema[OptionalKind] !== undefined
  if (KindGuard.IsObject(schema)) return { key, optional, variable, parts: partsOf(schema, variable, path) }
  const form = normalForm(schema, key)
  const env = schema['env'] as string | readonly string[] | undefined
  expectWord(key, form, 'reload', 'hot', 'restart')
  expectWord(key, form, 'merge', 'append', 'replace')
  if (form['merge'] === 'append' && !KindGuard.IsArray(form) && !KindGuard.IsRecord(form))
    throw new TypeError(`settings: ${key} is no list and no record: it cannot be appended to`)
  return {
    path,
    key,
    schema: form,
    optional,
    secret: form['secret'] === true,
    variables: env === undefined ? [variable] : [...[env].flat().reverse(), variable],
    requiredIn: (form['requiredIn'] as readonly string[] | undefined) ?? nowhere,
    hot: form['reload'] === 'hot',
    appends: form['merge'] === 'append',
    allowEmpty: form['allowEmpty'] === true,
    deprecated: form['deprecated'] as string | undefined,
  }
}

const nowhere: readonly string[] = []

/** Words of ours in a schema are no types: a misspelt one would say nothing. */
function expectWord(key: string, schema: TSchema, name: string, ...words: readonly string[]): void {
  const said: unknown = schema[name]
  if (said !== undefined && !words.includes(String(said)))
    throw new TypeError(`settings: ${name} of ${key} is one of ${words.join(', ')}${didYouMean(String(said), words)}`)
}

function partsOf({ properties }: TObject, variable: string, path: readonly string[]): Record<string, Node> {
  const parts: Record<string, Node> = Object.create(null)
  const start = path.length === 0 ? variable : `${variable}__`
  for (const name of Object.keys(properties))
    parts[name] = nodeOf(properties[name]!, `${start}${constantCase(name)}`, [...path, name])
  return parts
}

/** `bodyLimit` is BODY_LIMIT. */
const constantCase = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase()

export function leavesOf(node: Node, into: Leaf[] = []): Leaf[] {
  if (!isGroup(node)) into.push(node)
  else for (const part of Object.values(node.parts)) leavesOf(part, into)
  return into
}

export function groupsOf(node: Node, into: Group[] = []): Group[] {
  if (!isGroup(node)) return into
  into.push(node)
  for (const part of Object.values(node.parts)) groupsOf(part, into)
  return into
}

const kinds: ReadonlySet<string> = new Set([
  'String',
  'Number',
  'Integer',
  'Boolean',
  'Literal',
  'Array',
  'Object',
  'Record',
  'Union',
  'Null',
  'UnionEnum',
  'TemplateLiteral',
])

/** Those with nothing of Elysia's, nor with other types inside. */
const plain: ReadonlySet<string> = new Set(['String', 'Number', 'Integer', 'Boolean', 'Literal', 'Null'])

/** Texts that Elysia's own types take beside the value: settings turn texts into values themselves, and more strictly. */
const lenient: ReadonlySet<unknown> = new Set(['integer', 'numeric', 'boolean'])

/** The schema without what Elysia adds to its numbers and booleans for query strings. */
function normalForm(schema: TSchema, key: string): TSchema {
  const kind = schema[Kind]
  if (!kinds.has(kind) || schema['anyOf']?.some((one: TSchema) => (one as { type?: string })['type'] === 'Date'))
    throw new TypeError(
      `settings: ${key} is a ${kind}, which cannot be written as a text: use text, number, boolean, literals, list, object or record`,
    )
  if (plain.has(kind)) return schema
  if (KindGuard.IsArray(schema)) return { ...schema, items: normalForm(schema.items, key) } as TSchema
  if (KindGuard.IsObject(schema)) {
    const properties = Object.entries(schema.properties).map(([name, part]) => [
      name,
      normalForm(part, `${key}.${name}`),
    ])
    return { ...schema, additionalProperties: false, properties: Object.fromEntries(properties) } as TSchema
  }
  if (KindGuard.IsRecord(schema)) {
    const patterns = Object.entries(schema.patternProperties).map(([name, part]) => [name, normalForm(part, key)])
    return { ...schema, patternProperties: Object.fromEntries(patterns) } as TSchema
  }
  if (kind === 'UnionEnum') {
    const { enum: words, type: _, ...annotations } = schema
    return Type.Union(
      (words as string[]).map((word) => Type.Literal(word)),
      annotations,
    )
  }
  if (!KindGuard.IsUnion(schema)) return schema
  const members = schema.anyOf.filter((one) => !lenient.has(one['format'])).map((one) => normalForm(one, key))
  const { anyOf: _, ...annotations } = schema
  if (members.length !== 1) return { ...annotations, anyOf: members } as unknown as TSchema
  return withAnnotations(members[0]!, annotations)
}

const withAnnotations = (schema: TSchema, annotations: object): TSchema => {
  const own = { ...annotations, ...schema } as TSchema
  return schema[OptionalKind] === undefined ? own : { ...own, [OptionalKind]: 'Optional' }
}
