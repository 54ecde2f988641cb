// Elysia registers the formats that TypeBox itself does not know.
import 'elysia'
import { type TObject, type TSchema, Type } from '@sinclair/typebox'
import type { Field, TableLike } from '../ports/database.ts'
import { fieldsOf, itemOf } from './fields.ts'
import {
  anyDecimalPattern,
  bigintPattern,
  datePattern,
  datetimePattern,
  decimalPattern,
  emailPattern,
  textPattern,
  urlPattern,
  uuidPattern,
} from './patterns.ts'

const int4 = [-(2 ** 31), 2 ** 31 - 1] as const

/**
 * What a client may send for a field: checked to the last digit. NULL is not in it.
 * `description` completes the sentence "must be ..." of the answer.
 */
export function fieldSchema(field: Field): TSchema {
  const { maxLength, values = [] } = field
  const length = maxLength === undefined ? {} : { maxLength }
  switch (field.type === 'ref' ? (field.keyType ?? 'uuid') : field.type) {
    case 'int':
      return integer(field)
    case 'float':
      return Type.Number()
    case 'bool':
      return Type.Boolean()
    case 'bigint':
      return text(bigintPattern, 'a whole number of 64 bits, written as text such as "42"')
    case 'decimal':
      return decimalSchema(field)
    case 'date':
      return text(datePattern, 'a day such as 2026-01-31', { format: 'date' })
    case 'datetime':
      return text(datetimePattern, 'a moment with its zone, such as 2026-01-31T10:00:00Z', { format: 'date-time' })
    case 'uuid':
      return text(uuidPattern, 'a UUID', { format: 'uuid' })
    case 'email':
      return text(emailPattern, 'an e-mail address such as ada@example.com', length)
    case 'url':
      return text(urlPattern, 'an address of the web such as https://example.com/', length)
    case 'enum':
      return Type.Union(values.map((value) => Type.Literal(value)))
    case 'list':
      return Type.Array(fieldSchema(itemOf(field)))
    case 'json':
      return field.items === undefined ? Type.Unknown() : Type.Array(fieldSchema(itemOf(field)))
    case 'text':
    case 'string':
    case 'file':
      return text(textPattern, 'text without the character 0', length)
  }
}

/** What a client sees of a field. Looser than what it may send: a row that is there leaves. */
export function wireSchema(field: Field): TSchema {
  const { values = [] } = field
  switch (field.type === 'ref' ? (field.keyType ?? 'uuid') : field.type) {
    case 'int':
      return Type.Integer()
    case 'float':
      return Type.Number()
    case 'bool':
      return Type.Boolean()
    case 'date':
      return Type.String({ format: 'date' })
    case 'datetime':
      return Type.String({ format: 'date-time' })
    case 'uuid':
      return Type.String({ format: 'uuid' })
    case 'enum':
      return Type.Union(values.map((value) => Type.Literal(value)))
    case 'list':
      return Type.Array(wireSchema(itemOf(field)))
    case 'json':
      return Type.Unknown()
    default:
      return Type.String()
  }
}

type Only = (field: Field) => boolean

/** Whether clients write a field: neither those of the server alone nor those they only read. */
export const isWritable: Only = (field) => field.server === undefined && !field.readonly

/** What an insert takes from a client: closed; fields with a default or NULL may be left out. */
export function insertSchema(table: TableLike, only: Only = isWritable): TObject {
  return objectOf(table, only, (field) => {
    const schema = orNull(field, fieldSchema(field))
    return field.hasDefault || field.nullable ? Type.Optional(schema) : schema
  })
}

/** What an update takes from a client: closed, every field optional, NULL only where the field takes it. */
export function updateSchema(table: TableLike, only: Only = isWritable): TObject {
  return objectOf(
    table,
    (field) => only(field) && !field.primaryKey,
    (field) => Type.Optional(orNull(field, fieldSchema(field))),
  )
}

/** What a client sees of a row. */
export function selectSchema(table: TableLike, only: Only = () => true): TObject {
  return objectOf(
    table,
    (field) => only(field) && !field.hidden,
    (field) => orNull(field, wireSchema(field)),
  )
}

function objectOf(table: TableLike, only: Only, schema: (field: Field) => TSchema): TObject {
  const fields = Object.values(fieldsOf(table)).filter(only)
  return Type.Object(Object.fromEntries(fields.map((field) => [field.name, schema(field)])), {
    additionalProperties: false,
  })
}

/** JSON has its own null: `unknown` takes it already, and the database's NULL is not another one. */
const orNull = (field: Field, schema: TSchema): TSchema =>
  field.nullable && field.type !== 'json' ? Type.Union([schema, Type.Null()]) : schema

const text = (pattern: string, description: string, more: Readonly<Record<string, unknown>> = {}): TSchema =>
  Type.String({ pattern, description, ...more })

function integer({ range: [minimum, maximum] = int4 }: Field): TSchema {
  return Type.Integer({ minimum, maximum })
}

/** A plain PostgreSQL column may have any number of digits: `numeric`. */
function decimalSchema({ precision, scale = 0 }: Field): TSchema {
  return precision === undefined
    ? text(anyDecimalPattern, 'a number written as text such as "12.50"', { maxLength: 1000 })
    : text(decimalPattern(precision, scale), decimalWords(precision, scale))
}

function decimalWords(precision: number, scale: number): string {
  const whole = precision - scale
  const before = whole === 0 ? 'nothing but 0' : whole === 1 ? 'one digit' : `at most ${whole} digits`
  if (scale === 0) return `a whole number of ${before}, written as text such as "${exampleOf(whole, 0)}"`
  return `a decimal with ${before} before the point and at most ${scale} after it, written as text such as "${exampleOf(whole, scale)}"`
}

const exampleOf = (whole: number, scale: number): string =>
  `${whole >= 2 ? '12' : whole}${scale === 0 ? '' : `.${'5'.padEnd(Math.min(scale, 2), '0')}`}`
