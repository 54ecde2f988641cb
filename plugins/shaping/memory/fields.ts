import { OptionalKind, type TObject, type TSchema } from '@sinclair/typebox'
import type { Field, FieldType } from '#core/ports/database'

type Said = TSchema & {
  readonly type?: string
  readonly format?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly TSchema[]
  readonly items?: TSchema
}
type Kinds = Pick<Field, 'type'> & Partial<Pick<Field, 'values' | 'items' | 'range'>>

/** The fields of an object schema, as those of a table. @throws {TypeError} for a schema that no field can have */
export function fieldsIn(name: string, schema: TObject, key: readonly string[]): Record<string, Field> {
  return Object.fromEntries(
    Object.entries(schema.properties).map(([own, property]) => {
      const said = withoutNull(property)
      const found = kindsOf(said.schema)
      if (found === undefined)
        throw new TypeError(
          `shape.memory(${name}): "${own}" has a schema that no field can have: give a string, number, boolean, date, union of texts, array or object`,
        )
      const field: Field = {
        name: own,
        column: own,
        nullable: said.nullable || property[OptionalKind] !== undefined,
        hasDefault: false,
        primaryKey: key.includes(own),
        unique: false,
        ...found,
      }
      return [own, field]
    }),
  )
}

/** What is left of a union without `null`. */
function withoutNull(schema: TSchema): { readonly schema: Said; readonly nullable: boolean } {
  const { anyOf } = schema as Said
  const rest = anyOf?.filter((one) => (one as Said).type !== 'null')
  if (anyOf === undefined || rest?.length === anyOf.length) return { schema: schema as Said, nullable: false }
  return { schema: (rest?.length === 1 ? rest[0] : { ...schema, anyOf: rest }) as Said, nullable: true }
}

const formats: Readonly<Record<string, FieldType>> = {
  uuid: 'uuid',
  'date-time': 'datetime',
  date: 'date',
  email: 'email',
  uri: 'url',
  url: 'url',
}
const safe = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] as const

function kindsOf(schema: Said): Kinds | undefined {
  const values = wordsOf(schema)
  if (values !== undefined) return { type: 'enum', values }
  const value = valueAmong(schema.anyOf)
  if (value !== undefined) return kindsOf(value)
  switch (schema.type) {
    case 'bigint':
      return { type: 'bigint' }
    case 'Date':
      return { type: 'datetime' }
    case 'string':
      return { type: formats[schema.format ?? ''] ?? 'text' }
    case 'integer':
      return { type: 'int', range: safe }
    case 'number':
      return { type: 'float' }
    case 'boolean':
      return { type: 'bool' }
    case 'array':
      return listOf(schema.items)
    case 'object':
      return { type: 'json' }
    default:
      return undefined
  }
}

/** Elysia's `t.Integer()`, `t.Date()` and others also take a text, or a number, that stands for the value. */
function valueAmong(anyOf: readonly TSchema[] | undefined): Said | undefined {
  const all = (anyOf ?? []) as readonly Said[]
  const date = all.find(({ type }) => type === 'Date')
  const values = all.filter(({ type, format = '' }) => type !== 'string' || !standIns.has(format))
  return date ?? (values.length === 1 && values.length < all.length ? values[0] : undefined)
}
const standIns: ReadonlySet<string> = new Set(['integer', 'numeric', 'boolean'])

/** An array of what can be compared is a list; any other is JSON. */
function listOf(items: TSchema | undefined): Kinds {
  const kinds = items && kindsOf(items as Said)
  if (kinds === undefined || kinds.type === 'json' || kinds.type === 'list') return { type: 'json' }
  return {
    type: 'list',
    items: kinds.type as NonNullable<Field['items']>,
    ...(kinds.values && { values: kinds.values }),
  }
}

/** The words of an enum: a literal, or a union of them. */
function wordsOf({ const: one, enum: several, anyOf }: Said): readonly string[] | undefined {
  const words = one !== undefined ? [one] : (several ?? anyOf?.map((each) => (each as Said).const))
  return words !== undefined && words.length > 0 && words.every((word) => typeof word === 'string')
    ? (words as readonly string[])
    : undefined
}
