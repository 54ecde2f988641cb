import type { Dialect, Field } from '#core/ports/database'
import { isDefinition } from '#core/table/fields'
import { orderOf } from '../cursor/place.ts'
import type { FilterRule } from '../declare/declaration.ts'
import type { FilterParameter, Model, Relation } from '../declare/model.ts'
import { searchesText } from '../declare/operators.ts'
import { type Asked, readQuery } from '../query/asked.ts'
import type { Condition } from '../query/conditions.ts'
import { Issues } from '../query/issues.ts'
import type { Selection } from '../query/selection.ts'
import { wordsOfList } from '../query/words.ts'
import type { Operator } from '../row-types.ts'
import type { Mode } from './plan.ts'
import { boundFor, keysFor, scopeFor, textOfFilter } from './samples.ts'
import { type Key, keyOf, keyOfFilter, keysOfOrder, type Wanted } from './wanted.ts'

/** A statement of a list that is planned, and the index that it wants. */
export interface Probe {
  readonly word: string
  readonly model: Model
  readonly mode: Mode
  readonly selection: Pick<Selection, 'conditions' | 'sort'>
  /** Where its page begins. */
  readonly after?: readonly (string | null)[]
  /** What the condition of an index has to name. */
  readonly bound: readonly Key[]
  /** `undefined` for indexes that list words: the finding says which. */
  readonly wanted?: Wanted
  readonly why: string
}

/** Everything, so that fields with a permission are looked at too. */
const everything: ReadonlySet<string> = new Set(['*'])

/** What a query comes to, or what is wrong with it. */
export function selected(model: Model, query: string): Asked | undefined {
  const issues = new Issues()
  const { budget } = model
  const words = wordsOfList(model)
  const selection = readQuery({ model, words, prefix: '', budget, granted: everything, issues }, query)
  return issues.none ? selection : undefined
}

/** The keys that a scope gives every statement. */
function scopeKeys(model: Model): Key[] {
  const scope = scopeFor(model) ?? {}
  return Object.entries(scope).flatMap(([name, value]) => (Array.isArray(value) ? [] : [keyOf(model.all[name]!)]))
}

/** Statements that read rows in an order: the usual one, and by each key up and down, from the start and from a row on. */
export function orderProbes(dialect: Dialect, model: Model): Probe[] {
  const equal = scopeKeys(model)
  const queries = new Map([['the order without sort', '']])
  for (const key of model.sortable.values())
    if (key.via.length === 0)
      for (const turn of ['', '-']) queries.set(`sort=${turn}${key.name}`, `sort=${turn}${key.name}`)
  return [...queries].flatMap(([word, query]): Probe[] => {
    const sort = (query === '' ? undefined : selected(model, query)?.sort) ?? orderOf(model, model.order)
    if (sort.some(({ via }) => via.length > 0)) return []
    const probe = {
      word,
      model,
      mode: 'ordered',
      selection: { conditions: [], sort },
      bound: [],
      wanted: { model, equal, order: keysOfOrder(sort) },
      why: 'rows are sorted: no index has this order',
    } as const satisfies Probe
    const keys = keysFor(dialect, sort)
    const lead = sort[0]!.field
    const isNullable = lead.nullable && !lead.primaryKey
    return [probe, { ...probe, after: keys }, ...(isNullable ? [{ ...probe, after: [null, ...keys.slice(1)] }] : [])]
  })
}

/** Orders that no index can have. */
export const ordersOverRelations = (model: Model): string[] =>
  [...model.sortable.values()].filter(({ via }) => via.length > 0).map(({ name }) => `sort=${name}`)

/** Whether equal values of these fields leave one row at most: no order is asked of an index then. */
function leavesOne({ table, primaryKey }: Model, fields: readonly Field[]): boolean {
  const names = new Set(fields.map(({ name }) => name))
  const together = isDefinition(table) ? (table.uniques ?? []) : []
  return (
    fields.some((field) => field.unique || (field.primaryKey && primaryKey.length === 1)) ||
    together.some((group) => group.every((name) => names.has(name)))
  )
}

const unhelped: ReadonlySet<string> = new Set(['ne', 'nin', 'empty', 'hasAny'])

/** Each filter alone: `eq` with the list's order, for an index can have both; others for themselves. */
export function filterProbes(dialect: Dialect, model: Model, ordered: boolean): Probe[] {
  const scope = scopeKeys(model)
  const order = orderOf(model, model.order)
  const isOrdered = ordered && order.every(({ via }) => via.length === 0)
  return [...new Set(model.filters.values())].flatMap((parameter): Probe[] => {
    const { operator, name, field, path } = parameter
    if (unhelped.has(operator) || searchesText(operator) || ruleOf(model, parameter) === 'scan') return []
    const conditions = selected(
      model,
      `${encodeURIComponent(name)}=${encodeURIComponent(textOfFilter(parameter))}`,
    )?.conditions
    if (conditions === undefined) return []
    const own = keyOfFilter(dialect, parameter)
    if (operator === 'has' || operator === 'hasAll')
      return [{ word: name, model, mode: 'words', selection: { conditions, sort: [] }, bound: [own], why: listWhy }]
    const isOne = path === undefined && leavesOne(model, [field, ...scope.map((key) => model.all[key.field]!)])
    const hasOrder = isOrdered && !isOne && model.filters.has(parameter.key)
    const wantsOrder = hasOrder && operator === 'eq'
    const rest = order.filter((term) => term.name !== field.name)
    const behind = wantsOrder ? keysOfOrder(rest) : []
    return [
      {
        word: name,
        model,
        mode: wantsOrder ? 'ordered' : 'alone',
        selection: { conditions, sort: wantsOrder ? order : [] },
        bound: [own],
        wanted: { model, equal: [...scope.filter((key) => key.sql !== own.sql), own], order: behind },
        why: `no index begins with ${parameter.key}${hasOrder ? ' and has the order of the list' : ''}`,
      },
    ]
  })
}

/** What the list says of the index of a filter. */
export function ruleOf({ declaration }: Model, { field }: FilterParameter): FilterRule<Operator>['index'] {
  const rule = declaration.filter?.[field.name]
  return typeof rule === 'object' && 'index' in rule ? rule.index : undefined
}

/** Filters that shall have no index of their own; those that look into texts are told elsewhere. */
export const filtersWithoutIndex = (model: Model): string[] =>
  [...new Set(model.filters.values())]
    .filter((one) => !unhelped.has(one.operator) && !searchesText(one.operator) && ruleOf(model, one) === 'scan')
    .map(({ name }) => name)

const listWhy = 'no index knows what is in the lists'

/** What the rows of relations are found by, for filters and for `expand`, as far as a query may lead. */
export function relationProbes(model: Model, hops: number = model.budget.hops, over: Over = start): Probe[] {
  if (hops === 0) return []
  return [...model.relations.values()].flatMap((relation) => {
    const { name, many, target } = relation
    const filter = `${over.filter}${name}${many ? '.any' : ''}.`
    const expand = `${over.expand}${name}`
    const { found, shown } = probesOf(relation)
    return [
      ...(relation.filters ? [{ ...found, word: `${filter}…` }] : []),
      ...(relation.expands ? [{ ...shown, word: expand }] : []),
      ...relationProbes(target, hops - 1, { filter, expand: `${expand}.` }),
    ]
  })
}

interface Over {
  readonly filter: string
  readonly expand: string
}
const start: Over = { filter: '', expand: 'expand=' }

function probesOf({ target, foreign, many }: Relation): { readonly found: Unnamed; readonly shown: Unnamed } {
  const own = keyOf(foreign)
  const conditions = [equalTo(target, foreign)]
  const equal = [...scopeKeys(target).filter((key) => key.sql !== own.sql), own]
  const found: Unnamed = {
    model: target,
    mode: 'alone',
    selection: { conditions, sort: [] },
    bound: [own],
    wanted: { model: target, equal, order: [] },
    why: `no index of ${target.name} begins with ${foreign.name}`,
  }
  const order = orderOf(target, target.order)
  if (!many || order.some(({ via }) => via.length > 0)) return { found, shown: found }
  const behind = keysOfOrder(order.filter((term) => term.name !== foreign.name))
  return {
    found,
    shown: {
      ...found,
      mode: 'ordered',
      selection: { conditions, sort: order },
      wanted: { model: target, equal, order: behind },
      why: `no index of ${target.name} begins with ${foreign.name} and has the order of its rows`,
    },
  }
}
type Unnamed = Omit<Probe, 'word'>

function equalTo(model: Model, field: Field): Condition {
  const parameter: FilterParameter = {
    name: field.name,
    key: field.name,
    field,
    operator: 'eq',
    list: false,
    read: String,
  }
  return { kind: 'leaf', parameter, value: boundFor(model, field), items: [] }
}
