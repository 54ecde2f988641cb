import { holds as covers } from '#core/grants'
import { nearest } from '#core/internal/spelling'
import type { Field } from '#core/ports/database'
import { type Model, maxSortKeys, type SortTerm } from '../declare/model.ts'
import type { CountMode } from '../row-types.ts'
import { pythonWords } from './compat.ts'
import { type Asking, knows, relationIn } from './paths.ts'

/** Parameters that are lists: repeated or separated by commas. */
export const severalWords: ReadonlySet<string> = new Set(['sort', 'fields', 'expand'])

/** The words that a list of this model takes. */
export function wordsOfList(model: Model): Set<string> {
  const words = ['fields', 'limit', 'after', 'before', ...wordsOfFilter(model)]
  if (model.sortable.size > 0) words.unshift('sort')
  if (model.relations.size > 0) words.push('expand')
  if (model.count.size > 0) words.push('count')
  if (model.declaration.compat === 'python') words.push(...pythonWords)
  return new Set(words)
}

/** The words that an export takes: it has no pages. */
export function wordsOfExport(model: Model): Set<string> {
  const words = wordsOfList(model)
  for (const word of ['limit', 'after', 'before', 'count', ...pythonWords]) words.delete(word)
  return words.add('format').add('bom')
}

/** The words that only choose rows. */
export const wordsOfFilter = (model: Model): string[] => [
  ...(model.filters.size > 0 || model.relations.size > 0 ? ['where'] : []),
  ...(model.search ? ['q'] : []),
  ...(reachesDays(model) ? ['tz'] : []),
]

/** Whether days can be asked for, here or as many relations away as a query may lead. */
function reachesDays(model: Model): boolean {
  const reached = new Set([model])
  for (let hop = 0; hop < model.budget.hops; hop++)
    for (const { relations } of [...reached]) for (const { target } of relations.values()) reached.add(target)
  return [...reached].some(({ hasDays }) => hasDays)
}

const itemsOf = (values: readonly string[]): string[] => values.flatMap((value) => value.split(','))

export function sortOf(asking: Asking, values: readonly string[] | undefined): readonly SortTerm[] {
  const { model, issues, prefix } = asking
  const mayUse = (key: SortTerm | Omit<SortTerm, 'descending' | 'nullsLast'>): boolean => {
    let at = model
    for (const { name, target } of key.via) {
      if (!relationIn(asking, at, name)) return false
      at = target
    }
    return knows(asking, at, key.field)
  }
  if (values === undefined) return model.guarded ? model.order.filter(mayUse) : model.order
  const words = itemsOf(values)
  const terms: SortTerm[] = []
  const refuse = (code: string, detail: string, more: object = {}): void =>
    issues.add({ parameter: `${prefix}sort`, code, detail, ...more })
  if (words.length > maxSortKeys) refuse('too-many', `may have ${maxSortKeys} keys`)
  for (const word of words.slice(0, maxSortKeys)) {
    const descending = word.startsWith('-')
    const name = descending ? word.slice(1) : word
    const key = model.sortable.get(name)
    if (key === undefined || !mayUse(key)) {
      const allowed = [...model.sortable.values()].filter(mayUse).map((one) => one.name)
      const close = nearest(name, allowed)
      const suggestion = close && { suggestion: `${descending ? '-' : ''}${close}` }
      refuse('unknown-sort-key', `cannot sort by ${JSON.stringify(name.slice(0, 200))}`, { allowed, ...suggestion })
    } else if (terms.some((term) => term.name === name)) refuse('repeated', `${name} may be given once`)
    else terms.push({ ...key, descending, nullsLast: model.nullsLast })
  }
  return terms
}

/** What `fields` asks for: fields of the table, and words that go over a relation. */
export interface AskedFields {
  readonly own: readonly Field[]
  /** `name` of `author.name`, by relation. */
  readonly over: ReadonlyMap<string, readonly string[]>
}

/** In the order of the table, whatever the order they were asked in; an export has them as columns in that order. */
export function fieldsOf(asking: Asking, values: readonly string[] | undefined): AskedFields {
  const { model, issues, prefix } = asking
  const isKnown = (field: Field): boolean => knows(asking, model, field)
  const over = new Map<string, string[]>()
  if (values === undefined) return { own: model.guarded ? model.shown.filter(isKnown) : model.shown, over }
  const asked = new Set<Field>()
  for (const word of new Set(itemsOf(values))) {
    if (issues.full) break
    const dot = word.indexOf('.')
    const field = model.fields.get(word)
    if (field !== undefined && isKnown(field)) asked.add(field)
    else if (dot !== -1 && relationIn(asking, model, word.slice(0, dot))?.expands) {
      const name = word.slice(0, dot)
      over.set(name, [...(over.get(name) ?? []), word.slice(dot + 1)])
    } else {
      const relations = [...model.relations.keys()].filter((name) => relationIn(asking, model, name)?.expands)
      const fields = [...model.fields.values()].filter(isKnown).map((one) => one.name)
      const allowed = [...fields, ...relations.map((name) => `${name}.`)]
      const suggestion = relations.includes(word) ? `expand=${word}` : nearest(word, fields)
      issues.add({
        parameter: `${prefix}fields`,
        code: 'unknown-field',
        detail: `there is no field ${JSON.stringify(word.slice(0, 200))}`,
        allowed,
        ...(suggestion && { suggestion }),
      })
    }
  }
  const isExport = asking.words.has('format')
  return { own: isExport ? [...asked] : [...model.fields.values()].filter((field) => asked.has(field)), over }
}

export function limitOf({ issues, prefix }: Asking, limits: Model['limit'], text: string | undefined): number {
  const { default: usual, max, strict } = limits
  if (text === undefined) return usual
  const limit = /^\d+$/.test(text) ? Number(text) : 0
  if (limit === 0 || (strict && limit > max))
    issues.add({ parameter: `${prefix}limit`, code: 'out-of-range', detail: `must be a whole number from 1 to ${max}` })
  return Math.min(limit, max)
}

export function countOf({ model, granted, issues }: Asking, text: string | undefined): CountMode | undefined {
  if (text === undefined) return undefined
  const allowed = [...model.count]
    .filter(([, needs]) => needs === undefined || holds(granted, needs))
    .map(([one]) => one)
  const mode = allowed.find((one) => one === text)
  if (mode === undefined)
    issues.add({
      parameter: 'count',
      code: 'not-allowed',
      detail: allowed.length === 0 ? 'is not offered here' : `must be ${allowed.join(' or ')}`,
      allowed,
    })
  return mode
}

/** Whether all rows may be counted for `total`: it is an exact count, and needs what that needs. */
export function mayTotal({ model, granted }: Asking): boolean {
  const needs = model.count.get('exact')
  return needs === undefined || holds(granted, needs)
}

const holds = (granted: Asking['granted'], needs: string): boolean => granted !== undefined && covers(granted, needs)
