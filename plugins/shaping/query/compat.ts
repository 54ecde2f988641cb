import { nearest } from '#core/internal/spelling'
import type { AnyDeclaration } from '../declare/declaration.ts'
import { type Model, maxSortKeys } from '../declare/model.ts'
import { type Asking, knows, relationIn } from './paths.ts'
import type { Pair } from './query-string.ts'

/** The words of the Python Kwik, where a list takes them. Its `limit` is ours. */
export const pythonWords: readonly string[] = ['skip', 'sorting', 'filter_key', 'value']

/** Rows that `skip` may pass over: the database reads them all. */
export const mostSkipped = 10_000

/** @throws {TypeError} for a list that has no place for what the Python Kwik answers */
export function checkCompat({ compat, envelope }: AnyDeclaration, wrong: (text: string) => TypeError): void {
  if (compat === 'python' && envelope === false)
    throw wrong('compat: the answer has `total` beside `data`: it cannot stand with `envelope: false`')
}

/** A query in our words, and whether it was in those of the Python Kwik. */
export interface Translated {
  readonly pairs: readonly Pair[]
  readonly isPython: boolean
}

/** Translates `sorting` and `filter_key` with `value`; `skip` stays. What is wrong is told in the words that were sent. */
export function translated(asking: Asking, pairs: readonly Pair[]): Translated {
  const said = new Map<string, Pair>()
  const own: Pair[] = []
  for (const pair of pairs) {
    if (!pythonWords.includes(pair.name)) own.push(pair)
    else if (said.has(pair.name))
      asking.issues.add({ parameter: pair.name, code: 'repeated', detail: 'may be given once' })
    else said.set(pair.name, pair)
  }
  const skip = said.get('skip')
  return {
    pairs: [...own, ...(skip ? [skip] : []), ...sortIn(asking, own, said), ...filterIn(asking, said)],
    isPython: said.size > 0,
  }
}

/** Rows to pass over. */
export function skipOf({ issues }: Asking, text: string | undefined, hasCursor: boolean): number | undefined {
  if (text === undefined) return undefined
  const refuse = (code: string, detail: string): void => issues.add({ parameter: 'skip', code, detail })
  const skip = /^\d{1,9}$/.test(text) ? Number(text) : mostSkipped + 1
  if (hasCursor) refuse('exclusive', 'cannot stand together with a cursor')
  else if (skip > mostSkipped)
    refuse('out-of-range', `must be a whole number from 0 to ${mostSkipped}: go on with after, and the page's next`)
  return skip
}

/** `a:desc,b` as `sort=-a,b`. */
function sortIn(asking: Asking, own: readonly Pair[], said: ReadonlyMap<string, Pair>): Pair[] {
  const sorting = said.get('sorting')
  if (sorting === undefined) return []
  const { issues } = asking
  const refuse = (code: string, detail: string, more: object = {}): void =>
    issues.add({ parameter: 'sorting', code, detail, ...more })
  if (own.some(({ name }) => name === 'sort')) {
    refuse('exclusive', 'cannot stand together with sort')
    return []
  }
  const keys = keysOf(asking)
  const words: string[] = []
  // As there, an empty one is no order.
  const asked = sorting.value.split(',').filter((word) => word.trim() !== '')
  if (asked.length > maxSortKeys) refuse('too-many', `may have ${maxSortKeys} keys`)
  for (const word of asked.slice(0, maxSortKeys)) {
    const [name = '', direction = 'asc', ...more] = word.trim().split(':')
    const key = called(asking.model, name, keys)
    const isDirection = more.length === 0 && (direction === 'asc' || direction === 'desc')
    if (key === undefined)
      refuse(
        'unknown-sort-key',
        `cannot sort by ${quoted(name)}`,
        near(asking.model, name, keys, isDirection ? word.trim() : name),
      )
    else if (!isDirection) {
      const close = nearest(direction, ['asc', 'desc']) ?? 'asc'
      refuse('unknown-direction', `${quoted(direction)} is no direction`, {
        allowed: ['asc', 'desc'],
        suggestion: `${name}:${close}`,
      })
    } else if (words.some((one) => one.replace('-', '') === key)) refuse('repeated', `${name} may be given once`)
    else words.push(direction === 'desc' ? `-${key}` : key)
  }
  return words.length === 0 ? [] : [{ name: 'sort', value: words.join(), raw: sorting.raw, told: 'sorting' }]
}

/** Keys that the caller may sort by. */
const keysOf = (asking: Asking): string[] =>
  [...asking.model.sortable.values()]
    .filter(({ via, field }) => {
      let at: Model = asking.model
      for (const { name, target } of via) {
        if (!relationIn(asking, at, name)) return false
        at = target
      }
      return knows(asking, at, field)
    })
    .map(({ name }) => name)

/** `filter_key=status&value=live` as `status=live`. */
function filterIn(asking: Asking, said: ReadonlyMap<string, Pair>): Pair[] {
  const { issues, model } = asking
  const [filter, value] = [said.get('filter_key'), said.get('value')]
  if (filter === undefined || value === undefined) {
    const [has, lacks] = filter ? ['filter_key', 'value'] : ['value', 'filter_key']
    if (filter || value) issues.add({ parameter: has, code: 'incomplete', detail: `needs ${lacks} beside it` })
    return []
  }
  const keys = [...new Set(model.filters.values())]
    .filter(({ operator, field }) => operator === 'eq' && knows(asking, model, field))
    .map(({ key }) => key)
  const key = called(model, filter.value, keys)
  if (key !== undefined) return [{ name: key, value: value.value, raw: `${filter.raw}&${value.raw}`, told: 'value' }]
  issues.add({
    parameter: 'filter_key',
    code: 'unknown-field',
    detail: `cannot filter by ${quoted(filter.value)}`,
    ...near(model, filter.value, keys, filter.value),
  })
  return []
}

/** `createdAt` as Python has it: `created_at`. */
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** The one of our names that is meant: as it is, or in snake case where that is one alone. */
function called({ all }: Model, word: string, names: readonly string[]): string | undefined {
  if (names.includes(word)) return word
  if (Object.hasOwn(all, word)) return undefined
  const found = names.filter((name) => snake(name) === word)
  return found.length === 1 ? found[0] : undefined
}

/** Names that are known, as the client spells names, and the one that was perhaps meant. */
function near(model: Model, word: string, names: readonly string[], whole: string): object {
  const spelled = /[A-Z]/.test(word)
    ? names
    : names.map((name) => (called(model, snake(name), names) ? snake(name) : name))
  const close = nearest(word, spelled)
  return { allowed: spelled, ...(close && { suggestion: whole.replace(word, close) }) }
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 200))

/** The words for the API document. */
export function pythonParameters(model: Model): Record<string, Readonly<Record<string, unknown>>> {
  const names = [...model.sortable.keys()].map(snake).join(', ')
  const filters = [...new Set(model.filters.values())].filter(({ operator }) => operator === 'eq')
  const ofPython = (schema: object, text: string, instead: string): Readonly<Record<string, unknown>> => ({
    ...schema,
    deprecated: true,
    description: `${text} As of the Python API: use \`${instead}\``,
  })
  return {
    skip: ofPython({ type: 'integer', minimum: 0, maximum: mostSkipped }, 'Rows to pass over; slow.', 'after'),
    sorting: ofPython({ type: 'string' }, `Order, such as \`name:asc,size:desc\`: ${names}.`, 'sort'),
    filter_key: ofPython(
      { type: 'string', enum: [...new Set(filters.flatMap(({ key }) => [key, snake(key)]))] },
      'Field that must have the value of `value`.',
      '<field>=',
    ),
    value: ofPython({ type: 'string' }, 'Value that the field of `filter_key` must have.', '<field>='),
  }
}
