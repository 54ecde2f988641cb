import { type TSchema, TypeGuard } from '@sinclair/typebox'
import type { Definition } from '../definition.ts'
import { type Group, isGroup, type Leaf } from '../leaves.ts'

type Schema = Readonly<Record<string, unknown>>

/** What may stand for any value of a file: another setting, or a secret. */
const standIn = { type: 'string', pattern: '^secret://|\\$\\{[^{}]+\\}' }

/** A JSON Schema (2020-12) of files of values: editors complete and check `config/*.yaml` and `config/*.json` by it. */
export function jsonSchemaOf({ root }: Pick<Definition, 'root'>): Schema {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Settings', ...group(root) }
}

/** Nothing is required: a file has a part of the settings, others have the rest. */
function group({ parts }: Group): Schema {
  const properties = Object.entries(parts).map(([name, part]) => [
    name,
    isGroup(part) ? nullable(group(part)) : leaf(part),
  ])
  return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false }
}

/** A name with nothing below it is a group of which everything is a comment. */
const nullable = (schema: Schema): Schema => ({ ...schema, type: ['object', 'null'] })

function leaf({ schema, hot, secret, deprecated, variables }: Leaf): Schema {
  const { description, default: initial, examples } = schema
  return {
    anyOf: [valueOfType(schema), standIn],
    ...(description !== undefined && { description }),
    ...(initial !== undefined && !secret && { default: initial }),
    ...(examples !== undefined && { examples }),
    ...(deprecated !== undefined && { deprecated: true }),
    ...(secret && { writeOnly: true }),
    'x-reload': hot ? 'hot' : 'restart',
    'x-env': variables.at(-1),
  }
}

/** TypeBox's schemas are JSON Schema, but for words of ours and symbols of its own. */
function valueOfType(schema: TSchema): Schema {
  if (TypeGuard.IsUnion(schema)) return { anyOf: schema.anyOf.map(valueOfType) }
  if (TypeGuard.IsArray(schema)) return { ...ownWords(schema), items: { anyOf: [valueOfType(schema.items), standIn] } }
  if (TypeGuard.IsRecord(schema)) {
    const patterns = Object.entries(schema.patternProperties)
    return {
      ...ownWords(schema),
      patternProperties: Object.fromEntries(patterns.map(([name, one]) => [name, valueOfType(one)])),
    }
  }
  if (TypeGuard.IsObject(schema)) {
    const properties = Object.entries(schema.properties).map(([name, one]) => [name, valueOfType(one)])
    return { ...ownWords(schema), properties: Object.fromEntries(properties) }
  }
  return ownWords(schema)
}

const words: ReadonlySet<string> = new Set([
  ...['type', 'const', 'enum', 'required', 'additionalProperties', 'pattern', 'format'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties'],
])

const ownWords = (schema: TSchema): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([name, value]) => words.has(name) && value !== undefined))
