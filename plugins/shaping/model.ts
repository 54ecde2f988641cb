import { grantCheck } from '#core/grants'
import { didYouMean } from '#core/internal/spelling'
import type { Dialect, Field, TableLike } from '#core/ports/database'
import { fieldsOf, isDefinition, nameOf } from '#core/table/fields'
import { digest } from './cursor.ts'
import { isSortable, operatorsOf, takesFlag, takesList } from './operators.ts'
import { columnOf, compositeKeyOf, dialectOf } from './plain-table.ts'
import type { CountMode, Operator } from './row-types.ts'
import type { AnyDeclaration } from './types.ts'
import { type Reader, readerOf } from './values.ts'

/** One filter parameter: `price[gte]`, or `price` for `eq`. */
export interface FilterParameter {
  readonly name: string
  readonly field: Field
  readonly operator: Operator
  readonly list: boolean
  readonly read: Reader
}

/** One key of an order. */
export interface SortTerm {
  readonly field: Field
  readonly descending: boolean
  readonly nullsLast: boolean
}

type Granted = ReadonlySet<string>

/** A declaration that was checked: everything a request is read against. */
export interface Model {
  readonly table: TableLike
  readonly name: string
  /** The database of a plain drizzle table; `undefined` for a definition, which has both forms. */
  readonly dialect: Dialect | undefined
  readonly all: Readonly<Record<string, Field>>
  /** Fields that may leave, in the order of the table. */
  readonly fields: ReadonlyMap<string, Field>
  readonly shown: readonly Field[]
  /** Every parameter that filters, by its exact name. */
  readonly filters: ReadonlyMap<string, FilterParameter>
  readonly sortable: ReadonlyMap<string, Field>
  readonly order: readonly SortTerm[]
  readonly nullsLast: boolean
  readonly primaryKey: readonly Field[]
  readonly limit: { readonly default: number; readonly max: number }
  readonly count: readonly CountMode[]
  readonly ignores: (parameter: string) => boolean
  /** Whether a caller with these permissions may know of the field. */
  readonly mayKnow: (field: Field, granted: Granted | undefined) => boolean
  /** Whether any field needs a permission. */
  readonly guarded: boolean
  /** Whether days can be asked for, and so `tz`. */
  readonly hasDays: boolean
  readonly scope: AnyDeclaration['scope']
  /** Hash of what cursors depend on beside order and filters. */
  readonly fingerprint: string
}

/** SQLite lets a primary key be declared without NOT NULL. */
export const isNullable = (field: Field): boolean => field.nullable && !field.primaryKey

/** Words of the grammar: no filter can have these names. */
export const reserved: readonly string[] = 'where sort fields expand limit after before count q tz'.split(' ')
export const maxSortKeys = 3

/** @throws {TypeError} naming what is wrong in the declaration of which table */
export function modelOf(table: TableLike, declaration: AnyDeclaration): Model {
  const name = nameOf(table)
  const wrong = (text: string): TypeError => new TypeError(`shape(${name}): ${text}`)
  const all = fieldsOf(table)
  const hidden = new Set(declaration.fields?.hidden)
  const visible = new Map(
    Object.entries(all).filter(([key, field]) => !hidden.has(key) && !('hidden' in field && field.hidden)),
  )
  const fieldNamed = (key: string, use: string): Field => {
    const field = visible.get(key)
    if (field) return field
    if (Object.hasOwn(all, key))
      throw wrong(`${use}: "${key}" is hidden, so it can be neither shown, filtered nor sorted by`)
    throw wrong(`${use}: there is no field "${key}"${didYouMean(key, visible.keys())}`)
  }
  for (const key of hidden) if (!Object.hasOwn(all, key)) fieldNamed(key, 'fields.hidden')

  const key = isDefinition(table) ? [] : compositeKeyOf(table)
  const primaryKey = Object.values(all).filter((field) => field.primaryKey || key.includes(field.column))
  if (primaryKey.length === 0) throw wrong('the table has no primary key: pages need one to break ties')

  const nullsLast = declaration.sort?.nulls !== 'first'
  const filters = filtersOf(table, declaration.filter ?? {}, fieldNamed, wrong)
  const sortable = new Map<string, Field>()
  for (const key of declaration.sort?.keys ?? []) {
    const field = fieldNamed(key, 'sort.keys')
    if (!isSortable(field)) throw wrong(`sort.keys: "${key}" is of type ${field.type}, which has no order`)
    sortable.set(key, field)
  }
  const order = [declaration.sort?.default ?? []].flat().map((word) => {
    const descending = word.startsWith('-')
    const field = sortable.get(descending ? word.slice(1) : word)
    if (!field) throw wrong(`sort.default: "${word}" is not among sort.keys`)
    return { field, descending, nullsLast }
  })
  if (order.length > maxSortKeys) throw wrong(`sort.default: at most ${maxSortKeys} keys`)
  const { default: usual = 20, max = 100 } = declaration.limit ?? {}
  if (!(Number.isInteger(usual) && Number.isInteger(max) && usual >= 1 && usual <= max))
    throw wrong(`limit: ${usual} of at most ${max} is not possible`)
  const guards = new Map(
    Object.entries(declaration.fields?.permissions ?? {}).map(([key, permission]) => [
      fieldNamed(key, 'fields.permissions'),
      grantCheck(permission!),
    ]),
  )
  for (const field of primaryKey)
    if (!visible.has(field.name) || guards.has(field))
      throw wrong(`fields: "${field.name}" is the primary key, which cursors carry: it cannot be hidden`)
  return {
    table,
    name,
    dialect: dialectOf(table),
    all,
    fields: visible,
    shown: declaration.fields?.default?.map((key) => fieldNamed(key, 'fields.default')) ?? [...visible.values()],
    filters,
    sortable,
    order,
    nullsLast,
    primaryKey,
    limit: { default: usual, max },
    count: declaration.count ?? [],
    ignores: ignoring(declaration.ignore ?? []),
    mayKnow: (field, granted) => guards.get(field)?.(granted ?? new Set()) ?? true,
    guarded: guards.size > 0,
    hasDays: [...filters.values()].some((one) => one.operator === 'on'),
    scope: declaration.scope?.bind(declaration),
    fingerprint: fingerprintOf(name, declaration, [...sortable.values(), ...primaryKey]),
  }
}

function filtersOf(
  table: TableLike,
  declared: NonNullable<AnyDeclaration['filter']>,
  fieldNamed: (key: string, use: string) => Field,
  wrong: (text: string) => TypeError,
): Map<string, FilterParameter> {
  const filters = new Map<string, FilterParameter>()
  for (const [key, spec] of Object.entries(declared)) {
    if (spec === undefined) continue
    const field = fieldNamed(key, 'filter')
    if (reserved.includes(key))
      throw wrong(`filter: "${key}" is a word of the query grammar: give the field another name, such as ${key}Value`)
    const possible = operatorsOf(field)
    const operators = spec === true ? possible : spec
    if (operators.length === 0) throw wrong(`filter: "${key}" is of type ${field.type}, which has no operators`)
    for (const operator of operators) {
      if (!possible.includes(operator))
        throw wrong(`filter: "${key}" has no operator "${operator}", only ${possible.join(', ')}`)
      const parameter: FilterParameter = {
        name: operator === 'eq' ? key : `${key}[${operator}]`,
        field,
        operator,
        list: takesList(operator),
        read: takesFlag(operator) ? readFlag : readerOf(field, columnOf(table, key)),
      }
      filters.set(parameter.name, parameter)
      if (operator === 'eq') filters.set(`${key}[eq]`, parameter)
      if (parameter.list) filters.set(`${parameter.name}[]`, parameter)
    }
  }
  return filters
}

const readFlag: Reader = readerOf({ type: 'bool' } as Field)

const fingerprintOf = (name: string, { sort }: AnyDeclaration, keys: readonly Field[]): string =>
  digest(JSON.stringify([name, sort?.nulls, keys.map(({ name, type, nullable }) => [name, type, nullable])]))

function ignoring(patterns: readonly string[]): (parameter: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('*')))
  const starts = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1))
  return (parameter) => exact.has(parameter) || starts.some((start) => parameter.startsWith(start))
}
