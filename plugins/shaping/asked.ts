import { refuse } from '#core/errors'
import { nearest } from '#core/internal/spelling'
import type { Field } from '#core/ports/database'
import type { ProblemError } from '#core/problem'
import { boundsOfDay, isDate, isZone } from './instants.ts'
import type { Issues } from './issues.ts'
import { type FilterParameter, type Model, maxSortKeys, type SortTerm } from './model.ts'
import { searchesText, takesFlag } from './operators.ts'
import { itemsOf, type Pair, pairsOf } from './query-string.ts'
import type { CountMode } from './types.ts'
import { Mistake } from './values.ts'

/** One condition of the query: which parameter, with which wire values. */
export interface Leaf {
  readonly parameter: FilterParameter
  /** A flag's boolean, a list's items, the bounds of a day, or the one value. */
  readonly value: unknown
}

/** What a query string asks for, before the cursor is looked at. */
export interface Asked {
  /** In the order of parameter names, so that the same filters are the same statement. */
  readonly leaves: readonly Leaf[]
  readonly sort: readonly SortTerm[]
  readonly fields: readonly Field[]
  readonly limit: number
  readonly count: CountMode | undefined
  readonly after: string | undefined
  readonly before: string | undefined
  /** The parameters as they were sent, without cursors and what is ignored: for links. */
  readonly kept: readonly string[]
}

export const longestQuery = 8192
const mostLeaves = 50
const mostItems = 100
const shortestSearch = 3

/** Reads a query string against a model: everything that is wrong with it, at once. `issues` takes the cursor's mistakes too. */
export function readQuery(
  model: Model,
  search: string,
  granted: ReadonlySet<string> | undefined,
  issues: Issues,
): Asked | ProblemError {
  if (search.length > longestQuery)
    return refuse('KWIK_URL_TOO_LONG', { detail: `A query may have ${longestQuery} characters.` })
  const reading = new Reading(model, granted, issues)
  for (const pair of pairsOf(search, (raw) =>
    issues.add({ parameter: raw.slice(0, 100), code: 'wrong-encoding', detail: 'is not UTF-8 in percent encoding' }),
  ))
    reading.take(pair)
  return reading.asked()
}

const single: ReadonlySet<string> = new Set(['limit', 'after', 'before', 'count', 'tz'])
const several: ReadonlySet<string> = new Set(['sort', 'fields'])

class Reading {
  private readonly leaves = new Map<string, { parameter: FilterParameter; items: string[]; name: string }>()
  private readonly words = new Map<string, string[]>()
  private readonly kept: string[] = []
  private readonly model: Model
  private readonly granted: ReadonlySet<string> | undefined
  private readonly issues: Issues

  constructor(model: Model, granted: ReadonlySet<string> | undefined, issues: Issues) {
    this.model = model
    this.granted = granted
    this.issues = issues
  }

  take({ name, value, raw }: Pair): void {
    const parameter = this.model.filters.get(name)
    if (parameter && this.knows(parameter.field)) {
      this.kept.push(raw)
      this.takeFilter(parameter, name, value)
    } else if (several.has(name) || (single.has(name) && this.offers(name))) {
      if (name !== 'after' && name !== 'before') this.kept.push(raw)
      const words = this.words.get(name)
      if (words === undefined) this.words.set(name, [value])
      else if (several.has(name)) words.push(value)
      else this.repeated(name)
    } else if (!this.model.ignores(name)) this.unknown(name)
  }

  private knows(field: Field): boolean {
    return !this.model.guarded || this.model.mayKnow(field, this.granted)
  }

  private offers(name: string): boolean {
    if (name === 'count') return this.model.count.length > 0
    return name !== 'tz' || [...this.model.filters.values()].some((one) => one.operator === 'on')
  }

  private repeated(parameter: string): void {
    this.issues.add({ parameter, code: 'repeated', detail: 'may be given once' })
  }

  private takeFilter(parameter: FilterParameter, name: string, value: string): void {
    const known = this.leaves.get(parameter.name)
    // `key[in][]=v` repeats are never split; `key[in]=a,b` is.
    const items = parameter.list && !name.endsWith('[]') ? itemsOf(value) : [value]
    if (items === undefined)
      this.issues.add({ parameter: name, code: 'wrong-quotes', detail: 'has a quote that does not close' })
    else if (known === undefined) {
      if (this.leaves.size === mostLeaves)
        this.issues.add({ parameter: name, code: 'too-many', detail: `a query may have ${mostLeaves} filters` })
      else if (this.leaves.size < mostLeaves) this.leaves.set(parameter.name, { parameter, items, name })
    } else if (parameter.list) known.items.push(...items)
    else this.repeated(name)
  }

  private unknown(name: string): void {
    const known = [...this.model.filters].filter(([, one]) => this.knows(one.field))
    const bracket = name.indexOf('[')
    const field = bracket === -1 ? name : name.slice(0, bracket)
    const operators = known.filter(([, one]) => one.field.name === field).map(([, one]) => one.operator)
    const allowed = [...new Set(operators)]
    if (allowed.length > 0) {
      const asked = bracket === -1 ? 'eq' : name.slice(bracket + 1).replace(/\].*$/, '')
      const close = nearest(asked, allowed)
      this.issues.add({
        parameter: name,
        code: 'unknown-operator',
        detail: `${field} has no operator ${asked}`,
        allowed,
        ...(close && { suggestion: close === 'eq' ? field : `${field}[${close}]` }),
      })
      return
    }
    const names = [...new Set(known.map(([, one]) => one.field.name))]
    const words = [...names, ...several, ...[...single].filter((word) => this.offers(word))]
    const close = nearest(field, words)
    this.issues.add({
      parameter: name,
      code: 'unknown-parameter',
      detail: close === undefined ? 'is not a parameter here' : `is not a parameter here, did you mean ${close}?`,
      allowed: words,
      ...(close && { suggestion: close + (names.includes(close) && bracket !== -1 ? name.slice(bracket) : '') }),
    })
  }

  asked(): Asked {
    const word = (name: string): string | undefined => this.words.get(name)?.[0]
    const zone = word('tz')
    if (zone !== undefined && !isZone(zone))
      this.issues.add({ parameter: 'tz', code: 'unknown-zone', detail: 'is no time zone such as Europe/Rome' })
    const leaves: Leaf[] = []
    for (const { parameter, items, name } of this.leaves.values()) {
      const value = this.valueOf(parameter, name, items, zone !== undefined && isZone(zone) ? zone : 'UTC')
      if (value !== undefined) leaves.push({ parameter, value })
    }
    if (leaves.length > 1) leaves.sort((a, b) => (a.parameter.name < b.parameter.name ? -1 : 1))
    const [after, before] = [word('after'), word('before')]
    if (after !== undefined && before !== undefined)
      this.issues.add({ parameter: 'before', code: 'exclusive', detail: 'cannot stand together with after' })
    return {
      leaves,
      sort: this.sort(),
      fields: this.fields(),
      limit: this.limit(word('limit')),
      count: this.count(word('count')),
      after,
      before,
      kept: this.kept,
    }
  }

  private valueOf(parameter: FilterParameter, name: string, items: readonly string[], zone: string): unknown {
    const { operator, list, read } = parameter
    if (list && items.length > mostItems)
      return this.issues.add({
        parameter: name,
        code: 'too-many',
        detail: `may have ${mostItems} items, here are ${items.length}`,
      })
    if (list && items.length === 1 && items[0] === '')
      return this.issues.add({ parameter: name, code: 'empty', detail: 'needs at least one value' })
    if (operator === 'on') return this.day(name, items[0]!, zone)
    const values: unknown[] = []
    for (const item of items) {
      const value =
        searchesText(operator) && [...item].length < shortestSearch
          ? new Mistake('too-short', `needs at least ${shortestSearch} characters`)
          : read(item)
      if (value instanceof Mistake) this.mistake(parameter, name, item, value)
      else values.push(value)
    }
    return values.length < items.length ? undefined : list ? values : values[0]
  }

  private day(parameter: string, text: string, zone: string): readonly [string, string] | void {
    if (!isDate(text))
      return this.issues.add({
        parameter,
        code: 'not-a-date',
        detail: 'must be a day of the calendar such as 2026-01-31',
      })
    // The day's bounds in another zone would lie outside the calendar.
    if (text < '0001-01-03' || text > '9999-12-28')
      return this.issues.add({ parameter, code: 'out-of-range', detail: 'must be between 0001-01-03 and 9999-12-28' })
    return boundsOfDay(text, zone)
  }

  private mistake({ field, operator }: FilterParameter, name: string, item: string, mistake: Mistake): void {
    const nullable = item === 'null' && !takesFlag(operator) && this.model.filters.has(`${field.name}[null]`)
    const suggestion = nullable ? `${field.name}[null]=true` : mistake.suggestion
    this.issues.add({
      parameter: name,
      code: mistake.code,
      detail: nullable ? `${mistake.detail}; for rows without a value write ${suggestion}` : mistake.detail,
      ...(mistake.allowed && { allowed: mistake.allowed }),
      ...(suggestion !== undefined && { suggestion }),
    })
  }

  private sort(): readonly SortTerm[] {
    const words = this.words.get('sort')?.flatMap((value) => value.split(','))
    if (words === undefined) return this.model.order.filter((term) => this.knows(term.field))
    const terms: SortTerm[] = []
    const problem = (code: string, detail: string, more: object = {}): void =>
      this.issues.add({ parameter: 'sort', code, detail, ...more })
    if (words.length > maxSortKeys) problem('too-many', `may have ${maxSortKeys} keys`)
    for (const word of words.slice(0, maxSortKeys)) {
      const descending = word.startsWith('-')
      const key = descending ? word.slice(1) : word
      const field = this.model.sortable.get(key)
      if (field === undefined || !this.knows(field)) {
        const allowed = [...this.model.sortable.values()].filter((one) => this.knows(one)).map((one) => one.name)
        const close = nearest(key, allowed)
        problem('unknown-sort-key', `cannot sort by ${JSON.stringify(key)}`, {
          allowed,
          ...(close && { suggestion: `${descending ? '-' : ''}${close}` }),
        })
      } else if (terms.some((term) => term.field === field)) problem('repeated', `${key} may be given once`)
      else terms.push({ field, descending, nullsLast: this.model.nullsLast })
    }
    return terms
  }

  private fields(): readonly Field[] {
    const words = this.words.get('fields')?.flatMap((value) => value.split(','))
    if (words === undefined)
      return this.model.guarded ? this.model.shown.filter((field) => this.knows(field)) : this.model.shown
    const asked = new Set<Field>()
    for (const word of new Set(words)) {
      const field = this.model.fields.get(word)
      if (field !== undefined && this.knows(field)) asked.add(field)
      else {
        const allowed = [...this.model.fields.values()].filter((one) => this.knows(one)).map((one) => one.name)
        const close = nearest(word, allowed)
        this.issues.add({
          parameter: 'fields',
          code: 'unknown-field',
          detail: `there is no field ${JSON.stringify(word)}`,
          allowed,
          ...(close && { suggestion: close }),
        })
      }
    }
    return [...this.model.fields.values()].filter((field) => asked.has(field))
  }

  private limit(text: string | undefined): number {
    const { default: usual, max } = this.model.limit
    if (text === undefined) return usual
    const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0
    if (limit === 0)
      this.issues.add({ parameter: 'limit', code: 'out-of-range', detail: `must be a whole number from 1 to ${max}` })
    return Math.min(limit, max)
  }

  private count(text: string | undefined): CountMode | undefined {
    const mode = this.model.count.find((one) => one === text)
    if (text !== undefined && mode === undefined)
      this.issues.add({
        parameter: 'count',
        code: 'not-allowed',
        detail: `must be ${this.model.count.join(' or ')}`,
        allowed: this.model.count,
      })
    return mode
  }
}
