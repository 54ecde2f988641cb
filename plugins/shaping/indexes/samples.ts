import { is, SQL } from 'drizzle-orm'
import type { Dialect, Field } from '#core/ports/database'
import type { Principal, User } from '#core/scope'
import { itemOf } from '#core/table/fields'
import type { RowScope } from '../declare/declaration.ts'
import type { FilterParameter, Model, SortTerm } from '../declare/model.ts'
import { takesFlag } from '../declare/operators.ts'
import { columnOf } from '../declare/plain-table.ts'
import { readerOf } from '../query/values.ts'

const texts: Partial<Record<Field['type'], string>> = {
  int: '1',
  bigint: '1',
  decimal: '0',
  float: '1',
  bool: 'true',
  date: '2026-01-01',
  datetime: '2026-01-01T00:00:00Z',
  uuid: '00000000-0000-4000-8000-000000000000',
  email: 'someone@example.com',
  url: 'https://example.com',
}

const typeOf = ({ type, keyType }: Field): Field['type'] => (type === 'ref' ? (keyType ?? 'uuid') : type)

/** A value of a field, as a query has it. Which one does not matter: a plan is made for all. */
export function textFor(field: Field): string {
  const type = typeOf(field)
  if (type === 'list') return textFor(itemOf(field))
  if (type === 'int' && field.range) return String(Math.max(field.range[0], Math.min(1, field.range[1])))
  return field.values?.[0] ?? texts[type] ?? 'word'
}

/** What is asked to see the plan of a filter. */
export const textOfFilter = ({ field, operator }: FilterParameter): string =>
  takesFlag(operator) ? 'true' : operator === 'on' ? '2026-01-01' : textFor(field)

/** A value of a field, as it is bound. */
export const boundFor = (model: Model, field: Field): unknown =>
  readerOf(field, columnOf(model.table, field.name))(textFor(field))

const counted: ReadonlySet<Field['type']> = new Set(['int', 'bigint', 'decimal', 'float', 'bool', 'datetime'])

/** The keys of a row, as a cursor has them. */
export const keysFor = (dialect: Dialect, order: readonly SortTerm[]): string[] =>
  order.map(({ field }) => (dialect === 'sqlite' && counted.has(typeOf(field)) ? '1' : textFor(field)))

/** A caller of whom nothing is known: every property is a word. */
const somebody = new Proxy({}, { get: (_, key) => (typeof key === 'symbol' ? undefined : 'word') }) as User
const nobody: Pick<Principal, 'id' | 'user' | 'permissions'> = {
  id: 'word',
  user: somebody,
  // Of somebody who may see what is theirs: those lists are the long ones to look through.
  permissions: { has: (grant: string) => grant.endsWith(':own') } as ReadonlySet<string>,
}

/**
 * What a scope asks of its rows, as far as a caller of whom nothing is known can tell: fields with values, which an index
 * begins with. Of conditions in drizzle's SQL, and of scopes that need a real caller, nothing.
 */
export function scopeFor(model: Model): Exclude<RowScope, SQL | false> {
  let said: readonly RowScope[]
  try {
    const request = new Request('http://localhost/')
    said = model.scope?.({ user: somebody, principal: nobody as Principal, request, tenant: 'word' }) ?? []
  } catch {
    return undefined
  }
  const fields = said.flatMap((one) => (one === undefined || one === false || is(one, SQL) ? [] : [one]))
  if (fields.length === 0) return undefined
  const known = fields.flatMap((one) => Object.entries(one)).filter(([name]) => Object.hasOwn(model.all, name))
  return Object.fromEntries(
    known.map(([name, value]) => {
      const field = model.all[name]!
      const one = value === null ? null : (boundFor(model, field) as string)
      return [name, Array.isArray(value) ? [one as string] : one]
    }),
  )
}
