import { type TSchema, Type } from '@sinclair/typebox'
import { refuse } from '#core/errors'
import type { Field } from '#core/ports/database'

/** How the key of a row stands in a path. */
export interface Key {
  /** Of the path parameter, for the document and Elysia's check of its form. */
  readonly schema: TSchema
  /** The key's value; what has the form but is no value of the column is refused. */
  read(text: string): unknown
}

const forms: Readonly<Record<string, TSchema>> = {
  uuid: Type.String({ format: 'uuid' }),
  int: Type.String({ pattern: '^-?\\d{1,10}$', error: 'must be a whole number' }),
  bigint: Type.String({ pattern: '^-?\\d{1,19}$', error: 'must be a whole number' }),
}

export function keyOf(field: Field): Key {
  const kind = field.type === 'ref' ? (field.keyType ?? 'uuid') : field.type
  const schema = forms[kind] ?? Type.String({ minLength: 1, maxLength: field.maxLength ?? 255 })
  return {
    schema,
    read: (text) => {
      if (kind === 'uuid') {
        // A job may hand in anything; a route's path was checked.
        if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)) throw malformed('must be a UUID')
        return text.toLowerCase()
      }
      if (kind !== 'int' && kind !== 'bigint') return text
      if (!/^-?\d{1,19}$/.test(text)) throw malformed('must be a whole number')
      const bits = kind === 'int' ? 32 : 64
      if (BigInt.asIntN(bits, BigInt(text)) !== BigInt(text)) throw malformed(`must be a whole number of ${bits} bits`)
      return kind === 'int' ? Number(text) : text
    },
  }
}

const malformed = (detail: string) =>
  refuse('KWIK_INVALID', {
    detail: 'A path parameter does not fit its schema.',
    errors: [{ code: 'wrong-format', parameter: 'id', detail }],
  })
