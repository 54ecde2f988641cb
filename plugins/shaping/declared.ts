import { grantCheck } from '#core/grants'
import { didYouMean } from '#core/internal/spelling'
import type { Field, TableLike } from '#core/ports/database'
import { fieldsOf, isDefinition, nameOf } from '#core/table/fields'
import { digest } from './cursor.ts'
import { type FilterParameter, type Model, maxSortKeys, type SortTerm } from './model.ts'
import { operatorsOf, orderedTypes, takesFlag, takesList } from './operators.ts'
import { columnOf, compositeKeyOf, dialectOf } from './plain-table.ts'
import type { AnyDeclaration } from './types.ts'
import { type Reader, readerOf } from './values.ts'

/** Words of the grammar: no filter can have these names. */
const reserved: readonly string[] = 'where sort fields expand limit after before count q tz'.split(' ')

/** The fields of a declaration, by the names it uses, and what is wrong with it. */
interface Names {
  readonly table: TableLike
  readonly visible: ReadonlyMap<string, Field>
  wrong(text: string): TypeError
  /** @throws {TypeError} for a name that stands for no field, or for a hidden one */
  field(key: string, use: string): Field
}

/** @throws {TypeError} naming what is wrong in the declaration of which table */
export function modelOf(table: TableLike, declaration: AnyDeclaration): Model {
  const all = fieldsOf(table)
  const names = namesOf(table, all, declaration)
  const primaryKey = primaryKeyOf(table, all, names)
  const guards = new Map(
    Object.entries(declaration.fields?.permissions ?? {}).map(([key, permission]) => [
      names.field(key, 'fields.permissions'),
      grantCheck(permission!),
    ]),
  )
  for (const field of primaryKey)
    if (guards.has(field))
      throw names.wrong(`fields.permissions: "${field.name}" is the primary key, which cursors carry`)
  const filters = filtersOf(declaration.filter ?? {}, names)
  const nullsLast = declaration.sort?.nulls !== 'first'
  const sortable = sortableOf(declaration, names)
  return {
    table,
    name: nameOf(table),
    dialect: dialectOf(table),
    all,
    fields: names.visible,
    shown: declaration.fields?.default?.map((key) => names.field(key, 'fields.default')) ?? [...names.visible.values()],
    filters,
    sortable,
    order: usualOrder(declaration, sortable, names).map((term) => ({ ...term, nullsLast })),
    nullsLast,
    primaryKey,
    limit: limitOf(declaration, names),
    count: declaration.count ?? [],
    ignores: ignoring(declaration.ignore ?? []),
    mayKnow: (field, granted) => guards.get(field)?.(granted ?? new Set()) ?? true,
    guarded: guards.size > 0,
    hasDays: [...filters.values()].some((one) => one.operator === 'on'),
    scope: declaration.scope?.bind(declaration),
    fingerprint: fingerprintOf(nameOf(table), declaration, [...sortable.values(), ...primaryKey]),
  }
}

function namesOf(table: TableLike, all: Model['all'], { fields }: AnyDeclaration): Names {
  const hidden = new Set(fields?.hidden)
  const visible = new Map(Object.entries(all).filter(([key, field]) => !hidden.has(key) && !field.hidden))
  const wrong = (text: string): TypeError => new TypeError(`shape(${nameOf(table)}): ${text}`)
  const field = (key: string, use: string): Field => {
    const found = visible.get(key)
    if (found) return found
    if (Object.hasOwn(all, key))
      throw wrong(`${use}: "${key}" is hidden, so it can be neither shown, filtered nor sorted by`)
    throw wrong(`${use}: there is no field "${key}"${didYouMean(key, visible.keys())}`)
  }
  for (const key of hidden) if (!Object.hasOwn(all, key)) field(key, 'fields.hidden')
  return { table, visible, wrong, field }
}

function primaryKeyOf(table: TableLike, all: Model['all'], { wrong, visible }: Names): readonly Field[] {
  const composite = isDefinition(table) ? [] : compositeKeyOf(table)
  const key = Object.values(all).filter((field) => field.primaryKey || composite.includes(field.column))
  if (key.length === 0) throw wrong('the table has no primary key: pages need one to break ties')
  for (const field of key)
    if (!visible.has(field.name))
      throw wrong(`fields.hidden: "${field.name}" is the primary key, which cursors carry: it cannot be hidden`)
  return key
}

function sortableOf({ sort }: AnyDeclaration, { field, wrong }: Names): Map<string, Field> {
  const sortable = new Map((sort?.keys ?? []).map((key) => [key, field(key, 'sort.keys')]))
  for (const [key, { type }] of sortable)
    if (!orderedTypes.has(type)) throw wrong(`sort.keys: "${key}" is of type ${type}, which has no order`)
  return sortable
}

function usualOrder(
  { sort }: AnyDeclaration,
  sortable: ReadonlyMap<string, Field>,
  { wrong }: Names,
): readonly Omit<SortTerm, 'nullsLast'>[] {
  const order = [sort?.default ?? []].flat().map((word) => {
    const descending = word.startsWith('-')
    const field = sortable.get(descending ? word.slice(1) : word)
    if (!field) throw wrong(`sort.default: "${word}" is not among sort.keys`)
    return { field, descending }
  })
  if (order.length > maxSortKeys) throw wrong(`sort.default: at most ${maxSortKeys} keys`)
  if (new Set(order.map(({ field }) => field)).size < order.length) throw wrong('sort.default: a key is there twice')
  return order
}

function limitOf({ limit }: AnyDeclaration, { wrong }: Names): Model['limit'] {
  const { default: usual = 20, max = 100 } = limit ?? {}
  if (Number.isInteger(usual) && Number.isInteger(max) && usual >= 1 && usual <= max) return { default: usual, max }
  throw wrong(`limit: ${usual} of at most ${max} is not possible`)
}

function filtersOf(declared: NonNullable<AnyDeclaration['filter']>, names: Names): Map<string, FilterParameter> {
  const filters = new Map<string, FilterParameter>()
  for (const [key, spec] of Object.entries(declared)) {
    if (spec === undefined) continue
    const field = names.field(key, 'filter')
    if (reserved.includes(key))
      throw names.wrong(
        `filter: "${key}" is a word of the query grammar: give the field another name, such as ${key}Value`,
      )
    const possible = operatorsOf(field)
    const operators = spec === true ? possible : spec
    if (operators.length === 0) throw names.wrong(`filter: "${key}" is of type ${field.type}, which has no operators`)
    for (const operator of operators) {
      if (!possible.includes(operator))
        throw names.wrong(`filter: "${key}" has no operator "${operator}", only ${possible.join(', ')}`)
      const parameter: FilterParameter = {
        name: operator === 'eq' ? key : `${key}[${operator}]`,
        field,
        operator,
        list: takesList(operator),
        read: takesFlag(operator) ? readFlag : readerOf(field, columnOf(names.table, key)),
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
  digest(
    JSON.stringify([name, sort?.nulls, keys.map(({ name, type, nullable, scale }) => [name, type, nullable, scale])]),
  )

function ignoring(patterns: readonly string[]): (parameter: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('*')))
  const starts = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1))
  return (parameter) => exact.has(parameter) || starts.some((start) => parameter.startsWith(start))
}
