import { grantCheck } from '#core/grants'
import { didYouMean } from '#core/internal/spelling'
import type { Field, TableLike } from '#core/ports/database'
import { fieldsOf, isDefinition, nameOf } from '#core/table/fields'
import { digest } from '../cursor/cursor.ts'
import { resolveCursorRules } from '../options.ts'
import { checkCompat } from '../query/compat.ts'
import type { CountMode } from '../row-types.ts'
import type { AnyDeclaration, Budget } from './declaration.ts'
import { filtersOf, reserved } from './declared-filters.ts'
import { keyTo, type Model, maxSortKeys, type Relation, type Search, type SortKey, type SortTerm } from './model.ts'
import { orderedTypes } from './operators.ts'
import { compositeKeyOf, dialectOf } from './plain-table.ts'
import { isReady, relationOf } from './relations.ts'
import { namesOfRule } from './row-rules.ts'

/** The fields of a declaration, by the names it uses, and what is wrong with it. */
export interface Names {
  readonly table: TableLike
  readonly visible: ReadonlyMap<string, Field>
  readonly compat: AnyDeclaration['compat']
  wrong(text: string): TypeError
  /** @throws {TypeError} for a name that stands for no field, or for a hidden one */
  field(key: string, use: string): Field
  /** A field that rows may be sorted by: what the list itself hides as well, but not what its table hides. */
  key(key: string, use: string): Field
}

const usualBudget: Required<Budget> = {
  leaves: 50,
  nodes: 100,
  depth: 8,
  in: 100,
  hops: 2,
  expand: 6,
  rows: 5000,
  ms: 3000,
}

/** @throws {TypeError} naming what is wrong in the declaration of which table */
export function modelOf(table: TableLike, declaration: AnyDeclaration): Model {
  const all = fieldsOf(table)
  const names = namesOf(table, all, declaration)
  checkCompat(declaration, names.wrong)
  const primaryKey = primaryKeyOf(table, all, names)
  const guards = guardsOf(declaration, names)
  const deletedAt = Object.values(all).find((field) => field.server === 'deletedAt')
  const filters = filtersOf(declaration.filter ?? {}, names)
  // Only known once the shapes are there that relations lead to; they may lead back here.
  const relations = once(() => relationsOf(model, names))
  const sortable = once(() => sortableOf(model, names))
  const order = once(() => usualOrder(model, names))
  const guarding = once(() => everywhere(model, guardingOf))
  const permissions = once(() => [...guarding(), ...everywhere(model, (one) => namesOfRule(one.declaration.scope))])
  const fingerprint = once(() => fingerprintOf(model))
  const sealed = once(() => isSealed(model))
  const model: Model = {
    table,
    name: nameOf(table),
    declaration,
    dialect: dialectOf(table),
    all,
    fields: names.visible,
    shown: declaration.fields?.default?.map((key) => names.field(key, 'fields.default')) ?? [...names.visible.values()],
    filters,
    get relations() {
      return relations()
    },
    get sortable() {
      return sortable()
    },
    get order() {
      return order()
    },
    get permissions() {
      return permissions()
    },
    get guarded() {
      return guarding().length > 0
    },
    get fingerprint() {
      return fingerprint()
    },
    nullsLast: declaration.sort?.nulls !== 'first',
    primaryKey,
    get sealed() {
      return sealed()
    },
    cursors: cursorsOf(declaration, names),
    limit: limitOf(declaration, names),
    count: countsOf(declaration),
    search: searchOf(declaration, names),
    budget: { ...usualBudget, ...declaration.budget },
    ignores: ignoring(declaration.ignore ?? []),
    mayKnow: (field, granted) => guards.get(field.column)?.(granted ?? nobody) ?? true,
    hasDays: [...filters.values()].some((one) => one.operator === 'on'),
    scope: declaration.scope && ((context) => [declaration.scope!(context)].flat()),
    isOpen: declaration.scope === undefined && deletedAt === undefined && declaration.relations === undefined,
    deletedAt,
  }
  // A shape that comes later in the file is asked for at boot.
  if (Object.values(declaration.relations ?? {}).every(isReady)) {
    relations()
    order()
  }
  return model
}

const nobody: ReadonlySet<string> = new Set()

function namesOf(table: TableLike, all: Model['all'], { fields, compat }: AnyDeclaration): Names {
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
  const key = (name: string, use: string): Field => {
    const found = hidden.has(name) ? all[name] : undefined
    return found === undefined || found.hidden ? field(name, use) : found
  }
  return { table, visible, compat, wrong, field, key }
}

function primaryKeyOf(table: TableLike, all: Model['all'], { wrong }: Names): readonly Field[] {
  const composite = isDefinition(table) ? [] : compositeKeyOf(table)
  const key = Object.values(all).filter((field) => field.primaryKey || composite.includes(field.column))
  if (key.length === 0) throw wrong('the table has no primary key: pages need one to break ties')
  return key
}

/** By column: a value inside a JSON field is guarded as the field is. */
type Guards = ReadonlyMap<string, (granted: ReadonlySet<string>) => boolean>

function guardsOf({ fields }: AnyDeclaration, names: Names): Guards {
  return new Map(
    Object.entries(fields?.permissions ?? {}).map(([key, permission]) => [
      names.field(key, 'fields.permissions').column,
      grantCheck(permission!),
    ]),
  )
}

/** Whether a key is of a field, or lies behind a relation, that not everybody may know of. */
function isSealed(model: Model): boolean {
  const keys = [...model.sortable.values(), ...model.primaryKey.map(keyTo)]
  return keys.some(({ via, field: { name } }) => {
    let at = model
    for (const relation of via) {
      if (at.declaration.relations?.[relation.name]?.options.permission !== undefined) return true
      at = relation.target
    }
    return !at.fields.has(name) || at.declaration.fields?.permissions?.[name] !== undefined
  })
}

function relationsOf(model: Model, names: Names): Map<string, Relation> {
  return new Map(
    Object.entries(model.declaration.relations ?? {}).map(([name, one]): [string, Relation] => {
      if (Object.hasOwn(model.all, name)) throw names.wrong(`relations: "${name}" is the name of a field`)
      if (!/^[a-z]\w*$/i.test(name) || reserved.includes(name))
        throw names.wrong(`relations: "${name}" cannot be the name of a relation`)
      return [name, relationOf(model, name, one, names.wrong)]
    }),
  )
}

/** Permissions that change what a query means. */
function guardingOf(model: Model): string[] {
  const { fields, relations = {} } = model.declaration
  const named = [
    ...Object.values(fields?.permissions ?? {}),
    ...model.count.values(),
    ...Object.values(relations).map(({ options }) => options.permission),
  ]
  return named.filter((permission) => permission !== undefined)
}

/** What is so of a list, and of those that its relations lead to. */
function everywhere(model: Model, of: (model: Model) => readonly string[], seen: Set<Model> = new Set()): string[] {
  if (seen.has(model)) return []
  seen.add(model)
  return [...of(model), ...[...model.relations.values()].flatMap(({ target }) => everywhere(target, of, seen))]
}

function sortableOf(model: Model, names: Names): Map<string, SortKey> {
  const keys = model.declaration.sort?.keys ?? []
  const sortable = new Map(keys.map((key) => [key, sortKey(model, key, names)]))
  for (const [key, { field }] of sortable)
    if (!orderedTypes.has(field.type))
      throw names.wrong(`sort.keys: "${key}" is of type ${field.type}, which has no order`)
  return sortable
}

function sortKey(model: Model, key: string, names: Names): SortKey {
  const via: Relation[] = []
  let [at, rest] = [model, key]
  for (let dot = rest.indexOf('.'); dot !== -1; dot = rest.indexOf('.')) {
    const word = rest.slice(0, dot)
    const relation = at.relations.get(word)
    if (relation === undefined)
      throw names.wrong(`sort.keys: "${key}" leads over no relation${didYouMean(word, at.relations.keys())}`)
    if (relation.many) throw names.wrong(`sort.keys: "${key}": rows cannot be sorted by many rows of another table`)
    via.push(relation)
    at = relation.target
    rest = rest.slice(dot + 1)
    const declared = at.declaration.sort?.keys ?? []
    if (!declared.includes(rest))
      throw names.wrong(
        `sort.keys: "${key}": shape(${at.name}) does not sort by ${rest}, only by ${declared.join(', ') || 'nothing'}`,
      )
  }
  const field = via.length === 0 ? names.key(rest, 'sort.keys') : at.fields.get(rest)
  if (field) return { name: key, via, field }
  throw names.wrong(`sort.keys: "${key}" is hidden`)
}

function usualOrder({ declaration: { sort }, sortable, nullsLast }: Model, { wrong }: Names): readonly SortTerm[] {
  const order = [sort?.default ?? []].flat().map((word) => {
    const descending = word.startsWith('-')
    const key = sortable.get(descending ? word.slice(1) : word)
    if (!key) throw wrong(`sort.default: "${word}" is not among sort.keys`)
    return { ...key, descending, nullsLast }
  })
  if (order.length > maxSortKeys) throw wrong(`sort.default: at most ${maxSortKeys} keys`)
  if (new Set(order.map(({ name }) => name)).size < order.length) throw wrong('sort.default: a key is there twice')
  return order
}

function cursorsOf({ cursors }: AnyDeclaration, { wrong }: Names): Model['cursors'] {
  try {
    return resolveCursorRules(cursors)
  } catch (error) {
    throw wrong((error as Error).message)
  }
}

function limitOf({ limit }: AnyDeclaration, { wrong }: Names): Model['limit'] {
  const { default: usual = 20, max = 100, strict = false } = limit ?? {}
  if (Number.isInteger(usual) && Number.isInteger(max) && usual >= 1 && usual <= max)
    return { default: usual, max, strict }
  throw wrong(`limit: ${usual} of at most ${max} is not possible`)
}

function countsOf({ count = [] }: AnyDeclaration): Model['count'] {
  const modes = Array.isArray(count) ? count.map((mode) => [mode, true] as const) : Object.entries(count)
  return new Map(modes.map(([mode, needs]) => [mode as CountMode, needs === true ? undefined : needs]))
}

function searchOf({ search, fields: { permissions = {} } = {} }: AnyDeclaration, names: Names): Search | undefined {
  if (search === undefined) return undefined
  const fields = search.fields.map((key) => names.field(key, 'search.fields'))
  for (const { name } of fields)
    if (permissions[name] !== undefined)
      throw names.wrong(`search.fields: "${name}" needs a permission: everybody could look for words in it`)
  for (const { name, type } of fields)
    if (!['string', 'text', 'email', 'url'].includes(type))
      throw names.wrong(`search.fields: "${name}" is of type ${type}, which is no text`)
  if (fields.length === 0) throw names.wrong('search.fields: name at least one field')
  return { fields, index: search.index }
}

function fingerprintOf({ name, declaration: { sort }, sortable, primaryKey }: Model): string {
  const keys = [...sortable.values(), ...primaryKey.map(keyTo)]
  return digest(
    JSON.stringify([
      name,
      sort?.nulls,
      keys.map(({ name, field: { type, nullable, scale } }) => [name, type, nullable, scale]),
    ]),
  )
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function ignoring(patterns: readonly string[]): (parameter: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('*')))
  const starts = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1))
  return (parameter) => exact.has(parameter) || starts.some((start) => parameter.startsWith(start))
}
