import { nearest } from '#core/internal/spelling'
import type { Field } from '#core/ports/database'
import type { Asking } from './asked.ts'
import { type Model, maxSortKeys, type SortTerm } from './model.ts'
import type { CountMode } from './row-types.ts'

/** Parameters that are no filters and may be given once. */
export const singleWords: ReadonlySet<string> = new Set(['limit', 'after', 'before', 'count', 'tz'])
/** Parameters that are lists: repeated or separated by commas. */
export const severalWords: ReadonlySet<string> = new Set(['sort', 'fields'])

/** Whether a list has the word: `count` where it was declared, `tz` where days can be asked for. */
export function offers(model: Model, word: string): boolean {
  if (word === 'count') return model.count.length > 0
  return word !== 'tz' || model.hasDays
}

const itemsOf = (values: readonly string[]): string[] => values.flatMap((value) => value.split(','))

export function sortOf({ model, knows, issues }: Asking, values: readonly string[] | undefined): readonly SortTerm[] {
  if (values === undefined) return model.order.filter((term) => knows(term.field))
  const words = itemsOf(values)
  const terms: SortTerm[] = []
  const refuse = (code: string, detail: string, more: object = {}): void =>
    issues.add({ parameter: 'sort', code, detail, ...more })
  if (words.length > maxSortKeys) refuse('too-many', `may have ${maxSortKeys} keys`)
  for (const word of words.slice(0, maxSortKeys)) {
    const descending = word.startsWith('-')
    const key = descending ? word.slice(1) : word
    const field = model.sortable.get(key)
    if (field === undefined || !knows(field)) {
      const allowed = namesOf(model.sortable, knows)
      const close = nearest(key, allowed)
      const suggestion = close && { suggestion: `${descending ? '-' : ''}${close}` }
      refuse('unknown-sort-key', `cannot sort by ${JSON.stringify(key)}`, { allowed, ...suggestion })
    } else if (terms.some((term) => term.field === field)) refuse('repeated', `${key} may be given once`)
    else terms.push({ field, descending, nullsLast: model.nullsLast })
  }
  return terms
}

/** In the order of the table, whatever the order they were asked in. */
export function fieldsOf({ model, knows, issues }: Asking, values: readonly string[] | undefined): readonly Field[] {
  if (values === undefined) return model.guarded ? model.shown.filter(knows) : model.shown
  const asked = new Set<Field>()
  for (const word of new Set(itemsOf(values))) {
    if (issues.full) break
    const field = model.fields.get(word)
    if (field !== undefined && knows(field)) asked.add(field)
    else {
      const allowed = namesOf(model.fields, knows)
      const close = nearest(word, allowed)
      const detail = `there is no field ${JSON.stringify(word)}`
      issues.add({ parameter: 'fields', code: 'unknown-field', detail, allowed, ...(close && { suggestion: close }) })
    }
  }
  return [...model.fields.values()].filter((field) => asked.has(field))
}

export function limitOf({ model, issues }: Asking, text: string | undefined): number {
  const { default: usual, max } = model.limit
  if (text === undefined) return usual
  const limit = /^\d+$/.test(text) ? Number(text) : 0
  if (limit === 0)
    issues.add({ parameter: 'limit', code: 'out-of-range', detail: `must be a whole number from 1 to ${max}` })
  return Math.min(limit, max)
}

export function countOf({ model, issues }: Asking, text: string | undefined): CountMode | undefined {
  const mode = model.count.find((one) => one === text)
  const allowed = model.count
  if (text !== undefined && mode === undefined)
    issues.add({ parameter: 'count', code: 'not-allowed', detail: `must be ${allowed.join(' or ')}`, allowed })
  return mode
}

const namesOf = (fields: ReadonlyMap<string, Field>, knows: Asking['knows']): string[] =>
  [...fields.values()].filter(knows).map((field) => field.name)
