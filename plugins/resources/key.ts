import { type TSchema, Type } from '@sinclair/typebox'
import { refuse } from '#core/errors'
import type { Field } from '#core/ports/database'
import { closedCheck } from '#core/schema'
import { bigintPattern, textPattern, uuidPattern } from '#core/table/patterns'

/** How the key of a row stands in a path. */
export interface Key {
  /** Of the path parameter, for the document and Elysia's check of its form. */
  readonly schema: TSchema
  /** The key's value; what has the form but is no value of the column is refused. */
  read(text: string, pointer?: string): unknown
}

/** What a path holds is text: a number is checked as one. */
const forms: Readonly<Record<string, TSchema>> = {
  uuid: Type.String({ format: 'uuid', pattern: uuidPattern, description: 'a UUID' }),
  int: Type.String({ pattern: '^-?\\d{1,16}$', description: 'a whole number' }),
  bigint: Type.String({ pattern: bigintPattern, description: 'a whole number of 64 bits' }),
}

export function keyOf(field: Field): Key {
  const kind = field.type === 'ref' ? (field.keyType ?? 'uuid') : field.type
  const schema = forms[kind] ?? Type.String({ minLength: 1, maxLength: field.maxLength ?? 255, pattern: textPattern })
  const check = closedCheck(schema)
  const [least, most] = field.range ?? [-(2 ** 31), 2 ** 31 - 1]
  return {
    schema,
    read: (text, pointer) => {
      // A job may hand in anything; a route's path was checked.
      if (!check.Check(text)) throw malformed(`must be ${schema.description ?? 'a key'}`, pointer)
      if (kind === 'uuid') return text.toLowerCase()
      if (kind !== 'int') return text
      const value = Number(text)
      if (value < least || value > most) throw malformed(`must be a whole number from ${least} to ${most}`, pointer)
      return value
    },
  }
}

const malformed = (detail: string, pointer: string | undefined) =>
  refuse('KWIK_INVALID', {
    detail: pointer === undefined ? 'A path parameter does not fit its schema.' : 'The body does not fit its schema.',
    errors: [{ code: 'wrong-format', ...(pointer === undefined ? { parameter: 'id' } : { pointer }), detail }],
  })
