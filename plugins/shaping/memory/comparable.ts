import type { Field } from '#core/ports/database'
import { scaled } from '#core/table/codec'
import { readInstant } from '../query/instants.ts'

/** What values are compared by: of one field all are of one of these types. */
export type Comparable = string | number | bigint

/** Digits after the point of a decimal that says nothing of them. */
const mostDigits = 60

/** Makes of a field's value, as it is in a row or on the wire, what it is compared by; `null` where there is none. */
export function comparableOf(field: Field): (value: unknown) => Comparable | null {
  const known = kept.get(field)
  if (known) return known
  const make = makers[typeOf(field)] ?? String
  const made = (value: unknown): Comparable | null =>
    value === null || value === undefined ? null : make(value as never, field)
  kept.set(field, made)
  return made
}
const kept = new WeakMap<Field, (value: unknown) => Comparable | null>()

/** What a cursor carries of a comparable is its text; this reads it back. @throws {SyntaxError} for what is none */
export function fromText(field: Field, text: string): Comparable {
  const type = typeOf(field)
  if (type === 'bigint' || type === 'decimal') return BigInt(text)
  return numeric.has(type) ? Number(text) : text
}

/** Less than 0 where `a` comes first. Texts by code point: the order of SQLite, and of PostgreSQL under `C`. */
export function compare(a: Comparable, b: Comparable): number {
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b)
  return a < b ? -1 : a > b ? 1 : 0
}

/** UTF-16 puts what is beyond the first 65,536 code points before the last 8,192 of them. */
function compareTexts(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

/** The place of a code unit among code points: halves of a pair behind all others. */
const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800)

const numeric: ReadonlySet<string> = new Set(['int', 'float', 'bool'])

const typeOf = ({ type, keyType = 'uuid' }: Field): Field['type'] => (type === 'ref' ? keyType : type)

/** JSON knows no NaN: as in JSON, it is no value. */
const numberOf = (value: number): number | null => (Number.isNaN(value) ? null : value)

const makers: Partial<Record<Field['type'], (value: never, field: Field) => Comparable | null>> = {
  int: numberOf,
  float: numberOf,
  bool: (value: boolean) => Number(value),
  bigint: (value: string | bigint) => BigInt(value),
  decimal: (value: string, { scale = mostDigits }) => scaled(value, scale),
  datetime: (value: string | Date) => {
    const text = value instanceof Date ? value.toISOString() : value
    return readInstant(text) ?? text
  },
  uuid: (value: string) => value.toLowerCase(),
}
