import { uuidv7 } from '../internal/uuid.ts'
import type { Field } from '../ports/database.ts'
import { FieldBuilder, type KeyType, type OnDelete, type RefTarget } from './field-builder.ts'

interface KeyData {
  uuid: string
  string: string
  int: number
  bigint: bigint
}

type ItemType = NonNullable<Field['items']>
/** Items of a list are kept in their wire form: decimals, bigints and times are text. */
type ItemData<I extends ItemType> = I extends 'int' | 'float' ? number : I extends 'bool' ? boolean : string

export interface RefOptions<K extends KeyType> {
  /** What happens to this row when the row it points at is deleted; without it, the delete is refused. */
  readonly onDelete?: OnDelete
  /** Type of the key it points at. @default 'uuid' */
  readonly key?: K
  /** The field it points at. @default 'id' */
  readonly field?: string
}

export type AuditFields = {
  createdAt: FieldBuilder<'datetime', Date, false, true>
  updatedAt: FieldBuilder<'datetime', Date, false, true>
  createdBy: FieldBuilder<'string', string, true, false>
  updatedBy: FieldBuilder<'string', string, true, false>
}

/** The field types, as `defineTable` hands them over. */
export interface FieldTypes {
  /** The key: a UUID v7 (RFC 9562) made by Kwik, which sorts by time. */
  id(): FieldBuilder<'uuid', string, false, true>
  /** Short text on one line. @param maxLength characters, 255 by default */
  string(maxLength?: number): FieldBuilder<'string', string>
  /** Long text. @param maxLength characters, unlimited by default */
  text(maxLength?: number): FieldBuilder<'text', string>
  /** A whole number of 32 bits. */
  int(): FieldBuilder<'int', number>
  /** A whole number of 64 bits; `bigint` in rows, text on the wire. */
  bigint(): FieldBuilder<'bigint', bigint>
  /** An exact number; text in rows and on the wire. @param precision all digits, at most 18. @param scale digits after the point */
  decimal(precision?: number, scale?: number): FieldBuilder<'decimal', string>
  /** A number of 64 bits with a binary fraction: for measurements, not for money. */
  float(): FieldBuilder<'float', number>
  bool(): FieldBuilder<'bool', boolean>
  /** A day: `2026-01-31`. */
  date(): FieldBuilder<'date', string>
  /** A moment, to the millisecond; `Date` in rows, RFC 3339 in UTC on the wire. */
  datetime(): FieldBuilder<'datetime', Date>
  uuid(): FieldBuilder<'uuid', string>
  /** An e-mail address, kept in lower case and NFC: one address is one value, however it is spelled. */
  email(): FieldBuilder<'email', string>
  /** An address of the web, http or https. */
  url(): FieldBuilder<'url', string>
  /** Any JSON value; say its type: `t.json<{ color: string }>()`. */
  json<T = unknown>(): FieldBuilder<'json', T>
  /** One of these words. */
  enum<const V extends string>(...values: [V, ...V[]]): FieldBuilder<'enum', V>
  /** A list of values of one type, kept as JSON. For `enum` the words follow: `t.list('enum', 'red', 'blue')`. */
  list<I extends Exclude<ItemType, 'enum'>>(items: I): FieldBuilder<'list', ItemData<I>[]>
  list<const V extends string>(items: 'enum', ...values: [V, ...V[]]): FieldBuilder<'list', V[]>
  /** The key of a row of another table: `t.ref('categories')`, `t.ref(() => categories, { onDelete: 'cascade' })`. */
  ref<K extends KeyType = 'uuid'>(target: RefTarget, options?: RefOptions<K>): FieldBuilder<'ref', KeyData[K]>
  /** The name under which a file is stored. */
  file(): FieldBuilder<'file', string>
  /** When and by whom a row was made and last changed; written by the server alone: `...t.audit()`. */
  audit(): AuditFields
  /** Counts the updates of a row: `...t.version()`. */
  version(): { version: FieldBuilder<'int', number, false, true> }
  /** When a row was deleted; rows stay: `...t.softDelete()`. */
  softDelete(): { deletedAt: FieldBuilder<'datetime', Date, true, false> }
}

const now = (): Date => new Date()

export const fieldTypes: FieldTypes = {
  id: () => new FieldBuilder({ type: 'uuid', primaryKey: true, server: 'id', hasDefault: true, make: uuidv7 }),
  string: (maxLength = 255) => new FieldBuilder({ type: 'string', maxLength }),
  text: (maxLength) => new FieldBuilder({ type: 'text', ...(maxLength !== undefined && { maxLength }) }),
  int: () => new FieldBuilder({ type: 'int' }),
  bigint: () => new FieldBuilder({ type: 'bigint' }),
  decimal: (precision = 12, scale = 2) => new FieldBuilder({ type: 'decimal', ...digits(precision, scale) }),
  float: () => new FieldBuilder({ type: 'float' }),
  bool: () => new FieldBuilder({ type: 'bool' }),
  date: () => new FieldBuilder({ type: 'date' }),
  datetime: () => new FieldBuilder({ type: 'datetime' }),
  uuid: () => new FieldBuilder({ type: 'uuid' }),
  email: () => new FieldBuilder({ type: 'email', maxLength: 254, lowercase: true }),
  url: () => new FieldBuilder({ type: 'url', maxLength: 2048 }),
  json: () => new FieldBuilder({ type: 'json' }),
  enum: (...values) => new FieldBuilder({ type: 'enum', values }),
  list: (items: ItemType, ...values: string[]): FieldBuilder<'list', never[]> =>
    new FieldBuilder({ type: 'list', items, ...(values.length > 0 && { values }) }),
  ref: (target, { onDelete, key, field = 'id' } = {}) =>
    new FieldBuilder({
      type: 'ref',
      target,
      targetField: field,
      // Deleting what it points at looks for it, on both databases.
      index: true,
      ...(key !== undefined && { keyType: key }),
      ...(onDelete !== undefined && { onDelete }),
    }),
  file: () => new FieldBuilder({ type: 'file', maxLength: 1024 }),
  audit: () => ({
    createdAt: new FieldBuilder({ type: 'datetime', server: 'createdAt', hasDefault: true, make: now }),
    updatedAt: new FieldBuilder({ type: 'datetime', server: 'updatedAt', hasDefault: true, make: now, remake: now }),
    createdBy: new FieldBuilder({ type: 'string', server: 'createdBy', nullable: true, maxLength: 255 }),
    updatedBy: new FieldBuilder({ type: 'string', server: 'updatedBy', nullable: true, maxLength: 255 }),
  }),
  version: () => ({
    version: new FieldBuilder({ type: 'int', server: 'version', hasDefault: true, default: { value: 1 } }),
  }),
  softDelete: () => ({ deletedAt: new FieldBuilder({ type: 'datetime', server: 'deletedAt', nullable: true }) }),
}

/** SQLite keeps decimals as scaled integers of 64 bits: 18 digits always fit. */
function digits(precision: number, scale: number): { precision: number; scale: number } {
  if (!Number.isInteger(precision) || precision < 1 || precision > 18)
    throw new TypeError(`t.decimal(${precision}, ${scale}): the precision is a whole number from 1 to 18`)
  if (!Number.isInteger(scale) || scale < 0 || scale > precision)
    throw new TypeError(`t.decimal(${precision}, ${scale}): the scale is a whole number from 0 to the precision`)
  return { precision, scale }
}
