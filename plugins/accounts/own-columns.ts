import { didYouMean } from '#core/internal/spelling'
import type { Field, TableDefinition } from '#core/ports/database'
import { wireOf } from '#core/table/codec'
import { type DefinedTable, defineTable, type FieldMap, type FieldTypes, type RowOf } from '#core/table/define'
import { isWritable } from '#core/table/schema'
import { accountTables } from './table-list.ts'
import { type UserFields, userFields, users } from './tables.ts'

/** A table of users: Kwik's own, or one with an app's columns beside. */
export type UsersTable<F extends FieldMap = {}> = DefinedTable<'users', UserFields & F>

/** A value as JSON has it. */
type Wire<T> = T extends Date | bigint ? string : T
/** Names of the fields that an app added. */
export type OwnNames<T> = Exclude<keyof RowOfTable<T>, keyof RowOf<UserFields>> & string
type RowOfTable<T> = T extends { readonly $inferSelect: infer Row } ? Row : never
/** What an app's columns add to a user, as JSON has it. Hidden ones are never there at run time. */
export type OwnValues<T> = { readonly [K in OwnNames<T>]: Wire<RowOfTable<T>[K]> }

/** What a user has in words of Kwik, beside its columns. */
const taken: readonly string[] = ['roles', 'permissions', 'password', 'current', 'token', 'sessions', 'apiKeys']

/**
 * Kwik's table of users with columns of an app's own. From `kwik/accounts`. Every column is `nullable()` or has a default:
 * users are made by commands too, which do not know of it. `hidden()` ones never leave, `readonly()` ones are written by
 * the app's code alone.
 *
 * @throws {TypeError} for a name that users have already, or a column that must be given
 * @example
 * export const users = usersWith((t) => ({ phone: t.string(40).nullable(), locale: t.enum('en', 'it').default('en') }))
 * export const accounts = accountsService(database, { users, selfWritable: ['phone', 'locale'] })
 */
export function usersWith<F extends FieldMap>(fields: (t: FieldTypes) => F): UsersTable<F> {
  const table = defineTable('users', (t) => {
    const own = fields(t)
    const base = userFields(t)
    for (const [name, { spec }] of Object.entries(own)) {
      if (name in base || taken.includes(name)) throw new TypeError(`users have "${name}" already: choose another name`)
      if (!spec.nullable && !spec.hasDefault)
        throw new TypeError(
          `users.${name} must be nullable() or have a default: not everybody who makes users knows it`,
        )
    }
    return { ...base, ...own }
  })
  return table as unknown as UsersTable<F>
}

/**
 * All tables of accounts, with an app's own table of users. From `kwik/accounts`.
 * @example await createTables(database, accountTablesWith(users))
 */
export const accountTablesWith = (table: UsersTable): readonly TableDefinition[] =>
  accountTables.map((one) => (one.name === users.name ? table : one))

/** The app's columns at work: which leave, who writes which, and how they travel. */
export class OwnColumns {
  readonly table: UsersTable
  /** Those that clients see. */
  readonly shown: readonly Field[]
  /** Those that administrators write. */
  readonly writable: readonly Field[]
  /** Those that people write of themselves. */
  readonly self: readonly Field[]

  /** @throws {TypeError} for a column that people write of themselves, and that is not there or not to be written */
  constructor(table: UsersTable = users, selfWritable: readonly string[] = []) {
    this.table = table
    const own = Object.values<Field>(table.fields).filter(({ name }) => !(name in users.fields))
    this.shown = own.filter(({ hidden }) => !hidden)
    this.writable = own.filter(isWritable)
    const names = this.writable.map(({ name }) => name)
    for (const name of selfWritable)
      if (!names.includes(name))
        throw new TypeError(`selfWritable: users have no column "${name}" to write${didYouMean(name, names)}`)
    this.self = this.writable.filter(({ name }) => selfWritable.includes(name))
  }

  /** What is shown of a row beside Kwik's own fields. */
  shownOf(row: object): Record<string, unknown> {
    const values = row as Readonly<Record<string, unknown>>
    return Object.fromEntries(this.shown.map(({ name }) => [name, wireOf(values[name])]))
  }

  /** What of a body goes into these fields, as a row has it. Nothing else of the body is looked at. */
  rowOf(body: object, fields: readonly Field[]): Record<string, unknown> {
    const values = body as Readonly<Record<string, unknown>>
    return Object.fromEntries(
      fields
        .filter(({ name }) => Object.hasOwn(values, name) && values[name] !== undefined)
        .map((field) => [field.name, rowValue(field, values[field.name])]),
    )
  }
}

function rowValue({ type, keyType }: Field, value: unknown): unknown {
  if (typeof value !== 'string') return value
  const kind = type === 'ref' ? (keyType ?? 'uuid') : type
  if (kind === 'datetime') return new Date(value)
  if (kind === 'bigint') return BigInt(value)
  return kind === 'uuid' ? value.toLowerCase() : value
}
