import { type TSchema, Type } from '@sinclair/typebox'
import type { Field } from '#core/ports/database'

/** The schema of a field's value in the form of the wire; with NULL where the column takes it. */
export function fieldSchema(field: Field): TSchema {
  const { values = [] } = field
  if (field.type === 'enum') {
    const words: TSchema[] = values.map((word) => Type.Literal(word))
    return field.nullable ? Type.Union([...words, Type.Null()]) : Type.Union(words)
  }
  const schema = schemas[kindOf(field)]?.(field) ?? Type.Unknown()
  return field.nullable ? Type.Union([schema, Type.Null()]) : schema
}

/** A reference travels as the key it points at. */
const kindOf = (field: Field): string => (field.type === 'ref' ? (field.keyType ?? 'uuid') : field.type)

const lengths = ({ maxLength }: Field) => (maxLength === undefined ? {} : { maxLength })

const schemas: Readonly<Record<string, (field: Field) => TSchema>> = {
  string: (field) => Type.String(lengths(field)),
  text: (field) => Type.String(lengths(field)),
  file: (field) => Type.String(lengths(field)),
  email: (field) => Type.String({ ...lengths(field), format: 'email' }),
  url: (field) =>
    Type.String({ ...lengths(field), pattern: '^https?://[^\\s]+$', error: 'must be a http or https URL' }),
  uuid: () => Type.String({ format: 'uuid' }),
  date: () => Type.String({ format: 'date' }),
  datetime: () => Type.String({ format: 'date-time' }),
  int: () => Type.Integer({ minimum: -2_147_483_648, maximum: 2_147_483_647 }),
  bigint: () => Type.String({ pattern: '^-?\\d{1,19}$', error: 'must be a whole number of 64 bits, as text' }),
  decimal: (field) => Type.String(decimal(field)),
  float: () => Type.Number(),
  bool: () => Type.Boolean(),
  json: () => Type.Unknown(),
  list: (field) => Type.Array(fieldSchema({ ...field, type: field.items ?? 'string', nullable: false })),
}

function decimal({ precision, scale = 0 }: Field): object {
  const whole = precision === undefined ? '+' : `{1,${Math.max(1, precision - scale)}}`
  const fraction =
    scale === 0 && precision !== undefined ? '' : precision === undefined ? '(\\.\\d+)?' : `(\\.\\d{1,${scale}})?`
  const digits =
    precision === undefined ? '' : ` with at most ${precision - scale} digits before the point and ${scale} after it`
  return { pattern: `^-?\\d${whole}${fraction}$`, error: `must be a number as text${digits}` }
}

/** What a schema cannot say of a value that has the right form: `undefined` when nothing is wrong. */
export function outOfRange(field: Field, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const kind = kindOf(field)
  if (kind === 'bigint' && BigInt.asIntN(64, BigInt(value)) !== BigInt(value))
    return 'must be a whole number of 64 bits'
  if (kind === 'date' && !isDay(value)) return 'must be a day of the calendar'
  if (kind === 'datetime' && (!isDay(value.slice(0, 10)) || Number.isNaN(Date.parse(value))))
    return 'must be a time that exists'
  return undefined
}

/** Whether a value needs `outOfRange`. */
export const isRanged = (field: Field): boolean => ['bigint', 'date', 'datetime'].includes(kindOf(field))

/** JavaScript takes the 30th of February for the 2nd of March. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}
