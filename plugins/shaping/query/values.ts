import type { Column } from 'drizzle-orm'
import { nearest } from '#core/internal/spelling'
import type { Field, FieldType } from '#core/ports/database'
import { itemOf } from '#core/table/fields'
import { isDate, readInstant } from './instants.ts'

/** Why a text is no value of a type. */
export class Mistake {
  readonly code: string
  readonly detail: string
  readonly allowed: readonly string[] | undefined
  readonly suggestion: string | undefined

  constructor(code: string, detail: string, allowed?: readonly string[], suggestion?: string) {
    this.code = code
    this.detail = detail
    this.allowed = allowed
    this.suggestion = suggestion
  }
}

/** Wire value of a text: a number, a boolean, or text for what JSON numbers cannot hold. */
export type Reader = (text: string) => string | number | boolean | Mistake

/** Reads texts as values of a field, strictly: nothing is trimmed, guessed or rounded. `column` narrows a plain drizzle table's ranges. */
export function readerOf(field: Field, column?: Column): Reader {
  return (readers[typeOf(field)] ?? readText)(field.type === 'list' ? itemOf(field) : field, column)
}

/** The schema of a value, for the API document. */
export function schemaOf(field: Field): Readonly<Record<string, unknown>> {
  const type = typeOf(field)
  if (type === 'enum' && field.values) return { type: 'string', enum: [...field.values] }
  return schemas[type] ?? { type: 'string' }
}

function typeOf(field: Field): FieldType {
  if (field.type === 'ref') return field.keyType ?? 'uuid'
  if (field.type === 'list') return field.items ?? 'string'
  return field.type
}

const schemas: Partial<Record<FieldType, Readonly<Record<string, unknown>>>> = {
  int: { type: 'integer' },
  float: { type: 'number' },
  bool: { type: 'boolean' },
  bigint: { type: 'string', pattern: '^-?\\d+$' },
  decimal: { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$' },
  uuid: { type: 'string', format: 'uuid' },
  date: { type: 'string', format: 'date' },
  datetime: { type: 'string', format: 'date-time' },
}

type Make = (field: Field, column?: Column) => Reader

const readText: Make = () => (text) =>
  text.includes('\0') ? new Mistake('not-text', 'must not hold a NUL character') : text

const readers: Partial<Record<FieldType, Make>> = {
  int: ({ range }) => {
    const [least, most] = range ?? [-2_147_483_648, 2_147_483_647]
    return (text) => {
      if (!/^-?\d{1,17}$/.test(text)) {
        return /^-?\d+$/.test(text) ? tooFar(least, most) : new Mistake('not-an-integer', 'must be a whole number')
      }
      const value = Number(text)
      return value < least || value > most ? tooFar(least, most) : value + 0
    }
  },
  bigint: () => (text) => {
    if (!/^-?\d+$/.test(text)) return new Mistake('not-an-integer', 'must be a whole number')
    if (text.length > 20 || BigInt.asIntN(64, BigInt(text)) !== BigInt(text))
      return tooFar('-9223372036854775808', '9223372036854775807')
    return String(BigInt(text))
  },
  decimal: (field) => (text) => readDecimal(text, field),
  float: (_, column) => {
    const single = column?.getSQLType() === 'real' && column.columnType.startsWith('Pg')
    return (text) => {
      if (!/^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?$/.test(text))
        return new Mistake('not-a-number', 'must be a number such as 12.5')
      const value = Number(text)
      const kept = single ? Math.fround(value) : value
      return Number.isFinite(kept) && (kept !== 0 || value === 0) ? value : tooFar(-3.4e38, 3.4e38)
    }
  },
  bool: () => (text) =>
    text === 'true' || (text !== 'false' && new Mistake('not-a-boolean', 'must be true or false', ['true', 'false'])),
  date: () => (text) =>
    isDate(text) ? text : new Mistake('not-a-date', 'must be a day of the calendar such as 2026-01-31'),
  datetime: () => (text) =>
    readInstant(text) ??
    new Mistake('not-a-datetime', 'must be a date-time (RFC 3339) such as 2026-01-31T10:00:00Z, or a day'),
  uuid: () => (text) =>
    /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i.test(text)
      ? text.toLowerCase()
      : new Mistake('not-a-uuid', 'must be a UUID'),
  enum: ({ values = [] }) => {
    const known = new Set(values)
    return (text) =>
      known.has(text)
        ? text
        : new Mistake('not-allowed', `must be one of ${values.join(', ')}`, values, nearest(text, values))
  },
}

const tooFar = (least: unknown, most: unknown): Mistake =>
  new Mistake('out-of-range', `must be between ${least} and ${most}`)

function readDecimal(text: string, { precision, scale }: Field): string | Mistake {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (parts === null || text.length > 1000) return new Mistake('not-a-number', 'must be a number such as 12.50')
  const whole = parts[2]!.replace(/^0+(?=\d)/, '')
  const fraction = (parts[3] ?? '').replace(/0+$/, '')
  if (scale !== undefined && fraction.length > scale)
    return new Mistake('too-precise', `has at most ${scale} digits after the point`)
  if (precision !== undefined && whole.replace(/^0$/, '').length > precision - (scale ?? 0))
    return new Mistake('out-of-range', `has at most ${precision - (scale ?? 0)} digits before the point`)
  return `${parts[1]}${whole}${fraction === '' ? '' : `.${fraction}`}`
}
