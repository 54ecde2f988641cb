import type { TableLike } from '#core/ports/database'
import type { TableNaming } from '#core/ports/field-naming'
import type { Fields, Words } from './lens/lens.ts'
import type { Convert, Converters } from './schema/convert.ts'
import type { SchemaHistory } from './schema/history.ts'
import { objectOf } from './schema/target.ts'

/**
 * What a table's fields are called in an older version; `undefined` where no change is about the table.
 * @param step the first that the version does not know
 */
export function tableNaming(
  history: SchemaHistory,
  converters: Converters,
  table: TableLike,
  step: number,
): TableNaming | undefined {
  const words = history.steps
    .slice(step)
    .flatMap(({ lenses }) => lenses.flatMap((lens) => (lens.target === table ? lens.words : [])))
  if (words.length === 0) return undefined
  const newest = (name: string): string | undefined => newestOf(words, name)
  const older = (name: string): string | undefined => olderOf(words, name)
  let lower: Convert | undefined
  const row = (fields: Fields): Fields => {
    lower ??= converters.between(objectOf(table)!, step, 'down')
    return (lower ? lower(fields) : fields) as Fields
  }
  return {
    newest,
    older,
    own: ownOf(words),
    row,
    shown: (name, value) => {
      const called = older(name)
      return called === undefined ? undefined : row({ [name]: value })[called]
    },
    value: (field, text) => {
      const called = older(field)
      return called === undefined ? undefined : newestValue(words, called, text)
    },
  }
}

function newestOf(words: readonly Words[], name: string): string | undefined {
  let one = name
  for (const { renamed, added, removed } of words) {
    if (renamed?.[0] === one) one = renamed[1]
    else if (renamed?.[1] === one || added?.includes(one) || removed?.includes(one)) return undefined
  }
  return one
}

function olderOf(words: readonly Words[], name: string): string | undefined {
  let one = name
  for (const { renamed, added } of words.toReversed()) {
    if (renamed?.[1] === one) one = renamed[0]
    else if (added?.includes(one)) return undefined
  }
  return one
}

function ownOf(words: readonly Words[]): string[] {
  let names: string[] = []
  for (const { renamed, added, removed = [] } of words.toReversed())
    names = [
      ...names.filter((name) => !added?.includes(name)).map((name) => (renamed?.[1] === name ? renamed[0] : name)),
      ...removed,
    ]
  return [...new Set(names)]
}

function newestValue(words: readonly Words[], older: string, text: string): string | undefined {
  let name = older
  let value: string | undefined = text
  for (const { renamed, values } of words) {
    if (renamed?.[0] === name) name = renamed[1]
    if (values?.field === name && value !== undefined) value = values.newer(value)
  }
  return value
}

/** Turns what was written to a row, field by field: `{ price: { from, to } }`. */
export function changedFields(naming: TableNaming | undefined): Convert | undefined {
  if (naming === undefined) return undefined
  const turned = ([name, change]: [string, unknown]): [string, unknown][] => {
    const called = naming.older(name)
    if (called === undefined) return []
    if (typeof change !== 'object' || change === null) return [[called, change]]
    const sides = Object.entries(change).map(([side, value]) => [side, naming.shown(name, value)])
    return [[called, Object.fromEntries(sides)]]
  }
  return (value) =>
    typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).flatMap(turned)) : value
}
