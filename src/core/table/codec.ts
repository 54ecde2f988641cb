import { refuse } from '../errors.ts'
import type { Dialect, Field } from '../ports/database.ts'
import { itemOf } from './fields.ts'
import { rfc3339 } from './moment.ts'

/**
 * How one field travels between the database and the wire. Row objects of drizzle (Date, bigint) are not involved:
 * compiled queries go from driver value to JSON value directly.
 *
 * | type | SQLite keeps | PostgreSQL keeps | wire |
 * |---|---|---|---|
 * | int, float | INTEGER, REAL | integer, double precision | number |
 * | bigint | INTEGER | bigint | decimal text |
 * | decimal | INTEGER, scaled by 10^scale | numeric(p, s) | decimal text, `scale` digits |
 * | bool | INTEGER 0, 1 | boolean | boolean |
 * | date | TEXT `2026-01-31` | date | the same text |
 * | datetime | INTEGER, milliseconds since 1970 | timestamptz | RFC 3339 in UTC, `Z` |
 * | json, list | TEXT, JSON | jsonb | JSON value; the items of a list in their wire form |
 * | others | TEXT | text, varchar, uuid | text |
 */
export interface Codec {
  /** SQL that reads a column as the value `fromDriver` takes. */
  read(expression: string): string
  /** Driver value to wire value. */
  fromDriver(value: unknown): unknown
  /** Valid wire value to bound parameter. */
  toDriver(value: unknown): unknown
}

const same = (value: unknown): unknown => value
const bare = (expression: string): string => expression
const asText = (expression: string): string => `cast(${expression} as text)`
const orNull =
  (map: (value: never) => unknown) =>
  (value: unknown): unknown =>
    value === null || value === undefined ? null : map(value as never)

const plain: Codec = { read: bare, fromDriver: same, toDriver: same }

const json = (field: Field): Codec => ({
  read: bare,
  fromDriver: orNull((value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value)),
  toDriver: orNull((value: unknown) => textOf(value, field)),
})

/** The character 0 and halves of a character, as `JSON.stringify` writes them: PostgreSQL keeps neither. */
const unfit = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f]..)/

/** @throws {ProblemError} KWIK_INVALID for texts that not every database keeps: no schema looks into JSON */
function textOf(value: unknown, { name }: Field): string {
  const text = JSON.stringify(value)
  if (!unfit.test(text)) return text
  throw refuse('KWIK_INVALID', {
    detail: 'The body does not fit its schema.',
    errors: [
      { code: 'wrong-format', detail: 'must have no character 0 and no half of a character', pointer: `/${name}` },
    ],
  })
}

/** What can be spelled in several ways is kept in one: databases compare the items of a list by their letters. */
const itemForms: Partial<Record<Field['type'], (item: string, field: Field) => string>> = {
  decimal: (item, { scale = 2 }) => unscale(String(scaled(item, scale)), scale),
  datetime: (item) => new Date(item).toISOString(),
  uuid: (item) => item.toLowerCase(),
}

function list(field: Field): Codec {
  const item = itemOf(field)
  const form = itemForms[item.type]
  const own = json(field)
  return form === undefined
    ? own
    : { ...own, toDriver: orNull((items: string[]) => own.toDriver(items.map((one) => form(one, item)))) }
}

const sqlite: Partial<Record<Field['type'], (field: Field) => Codec>> = {
  // bun:sqlite gives numbers: above 2^53 only text is exact.
  bigint: () => ({ read: asText, fromDriver: orNull(String), toDriver: orNull((value: string) => BigInt(value)) }),
  decimal: ({ precision, scale = 2 }) => ({
    // Digits that a number holds exactly need no cast, which costs a tenth of reading the row.
    read: precision !== undefined && precision <= 15 ? bare : asText,
    // Exact for those digits, and one flat text, which JSON writes faster than a joined one.
    fromDriver: orNull((value: string | number) =>
      typeof value === 'number' ? (value / 10 ** scale).toFixed(scale) : unscale(String(value), scale),
    ),
    toDriver: orNull((value: string) => scaled(String(value), scale)),
  }),
  bool: () => ({
    read: bare,
    fromDriver: orNull((value: unknown) => value === 1 || value === true),
    toDriver: orNull(Number),
  }),
  datetime: () => ({
    read: bare,
    fromDriver: orNull(rfc3339),
    toDriver: orNull((value: string) => Date.parse(value)),
  }),
  // PostgreSQL knows UUIDs whatever their case; text is compared letter by letter.
  uuid: () => ({ read: bare, fromDriver: same, toDriver: orNull((value: string) => value.toLowerCase()) }),
  json,
  list,
}

const postgresql: Partial<Record<Field['type'], (field: Field) => Codec>> = {
  bigint: () => ({ read: bare, fromDriver: orNull(String), toDriver: orNull(String) }),
  decimal: () => ({ read: bare, fromDriver: orNull(String), toDriver: orNull(String) }),
  // The connection speaks ISO dates in UTC: `2026-01-31 10:00:00.123456+00`.
  datetime: () => ({
    read: bare,
    fromDriver: orNull(instantOf),
    // To the millisecond, as SQLite keeps it: PostgreSQL would round where Date cuts.
    toDriver: orNull((value: string) => new Date(value).toISOString()),
  }),
  json,
  list,
}

/** How driver values become wire values; `undefined` where they are the same, so that rows need no call for each of them. */
export function mappingOf({ fromDriver }: Codec): Codec['fromDriver'] | undefined {
  const isKept = (probe: unknown): boolean => {
    try {
      return fromDriver(probe) === probe
    } catch {
      return false
    }
  }
  return probes.every(isKept) ? undefined : fromDriver
}
/** JSON reads texts, and leaves alone what is none. */
const probes: readonly unknown[] = [{}, 'x', '"x"', 5]

/** One spelling of a text for all that look the same; lower case can undo NFC, so it is made twice. */
export const lowercased = (text: string): string => text.normalize('NFC').toLowerCase().normalize('NFC')

const lowercase: Codec = { ...plain, toDriver: orNull(lowercased) }

/** The codec of a field; a `ref` travels as the key it points at. */
export function codecOf(dialect: Dialect, field: Field): Codec {
  if (field.lowercase) return lowercase
  const type = field.type === 'ref' ? (field.keyType ?? 'uuid') : field.type
  return (dialect === 'sqlite' ? sqlite : postgresql)[type]?.(field) ?? plain
}

/** A row's value as it is on the wire: the form that codecs take. */
export function wireOf(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'bigint' ? String(value) : value
}

/** Not as `Date` reads it by itself: it takes the year 1 for 2001. What no Date can have (`infinity`, BC) leaves as it is. */
function instantOf(text: string): string {
  const at = new Date(text.replace(' ', 'T').replace(/\+00$/, 'Z'))
  return Number.isNaN(at.getTime()) ? text : at.toISOString()
}

/** `12.5` at scale 2 is `1250n`. Digits past the scale were refused by the schema. */
export function scaled(value: string, scale: number): bigint {
  const negative = value.startsWith('-')
  const [whole = '0', fraction = ''] = (negative ? value.slice(1) : value).split('.')
  const digits = BigInt(whole + fraction.padEnd(scale, '0').slice(0, scale))
  return negative ? -digits : digits
}

/** `1250` at scale 2 is `12.50`. */
export function unscale(value: string, scale: number): string {
  if (scale === 0) return value
  const negative = value.startsWith('-')
  const digits = (negative ? value.slice(1) : value).padStart(scale + 1, '0')
  return `${negative ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
