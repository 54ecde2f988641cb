import type { Dialect } from '#core/ports/database'
import type { FilterParameter } from '../declare/model.ts'
import { searchesText, takesFlag } from '../declare/operators.ts'
import type { Leaf } from '../query/conditions.ts'
import { casesOf } from '../query/letters.ts'
import type { Storage } from './storage.ts'

/** Answers the placeholder of the next parameter. */
export type Placeholder = () => string

/** What tells one statement from another beside the parameter's name: what of the value its text depends on. */
export function variantOf({ parameter, value }: Leaf): string {
  if (takesFlag(parameter.operator)) return `${parameter.name}=${value}`
  return searchesText(parameter.operator) && isForeign(value) ? `${parameter.name}~` : parameter.name
}

/** Whether a text has other letters than ASCII's. */
export const isForeign = (text: unknown): boolean => /[^\0-\x7f]/.test(text as string)

/** The condition of a leaf on a column. Its text depends on what `variantOf` answers; values are bound. */
export function comparison(dialect: Dialect, column: string, leaf: Leaf, next: Placeholder): string {
  const { field, operator } = leaf.parameter
  const postgresql = dialect === 'postgresql'
  // NULL rows are "not that value" too: SQL's <> would drop them.
  const orNull = (condition: string): string => (field.nullable ? `(${condition} or ${column} is null)` : condition)
  switch (operator) {
    case 'eq':
      return `${column} = ${next()}`
    case 'ne':
      return orNull(`${column} <> ${next()}`)
    case 'in':
      return postgresql ? `${column} = any(${next()})` : `${column} in (select value from json_each(${next()}))`
    case 'nin':
      return orNull(
        postgresql ? `${column} <> all(${next()})` : `${column} not in (select value from json_each(${next()}))`,
      )
    case 'null':
      return `${column} is ${leaf.value === true ? '' : 'not '}null`
    case 'gt':
      return `${column} > ${next()}`
    case 'gte':
      return `${column} >= ${next()}`
    case 'lt':
      return `${column} < ${next()}`
    case 'lte':
      return `${column} <= ${next()}`
    case 'on':
      return `(${column} >= ${next()} and ${column} < ${next()})`
    case 'contains':
    case 'starts':
    case 'ends':
      return matches(dialect, column, leaf.value as string, next)
    case 'has':
    case 'hasAll':
      return postgresql
        ? `${column} @> ${next()}`
        : `not exists (select 1 from json_each(${next()}) as wanted where wanted.value not in (select value from json_each(${column})))`
    case 'hasAny':
      return postgresql
        ? `exists (select 1 from jsonb_array_elements(${next()}) as wanted where ${column} @> wanted.value)`
        : `exists (select 1 from json_each(${next()}) as wanted where wanted.value in (select value from json_each(${column})))`
    case 'empty':
      return `${column} ${leaf.value === true ? '=' : '<>'} '[]'`
  }
}

/** Whether a column has a text in it, in upper or lower case; `patternOf` makes what is bound. */
export function matches(dialect: Dialect, column: string, text: string, next: Placeholder): string {
  if (dialect === 'sqlite' && isForeign(text)) return `${column} glob ${next()}`
  return `${column} ${dialect === 'postgresql' ? 'ilike' : 'like'} ${next()} escape '\\'`
}

/** The bound parameters of a leaf's condition, in the order of its placeholders. */
export function boundTo(dialect: Dialect, { bind }: Storage, { parameter, value }: Leaf): unknown[] {
  switch (parameter.operator) {
    case 'null':
    case 'empty':
      return []
    case 'on':
      return (value as readonly [string, string]).map(bind)
    case 'in':
    case 'nin':
      return [listOf(dialect, (value as readonly unknown[]).map(bind))]
    case 'contains':
    case 'starts':
    case 'ends':
      return [patternOf(dialect, parameter.operator, value as string)]
    case 'has':
      return [bind([value])]
    default:
      return [bind(value)]
  }
}

/** Several values as one parameter, so that their number does not change the statement: an array literal or a JSON array. */
export function listOf(dialect: Dialect, values: readonly unknown[]): string {
  if (dialect === 'postgresql')
    return `{${values.map((value) => `"${String(value).replace(/["\\]/g, '\\$&')}"`).join(',')}}`
  return `[${values.map(jsonOf).join(',')}]`
}

/** SQLite reads JSON numbers without a point as whole ones, and compares those with floats digit by digit. */
function jsonOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  const text = String(value)
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(text) ? `${text}.0` : text
}

/**
 * A pattern in which the client's text stands for itself, in upper and lower case. SQLite's LIKE folds ASCII letters only:
 * for others GLOB is given all cases of each letter, which is slower.
 */
export function patternOf(dialect: Dialect, operator: FilterParameter['operator'], text: string): string {
  const glob = dialect === 'sqlite' && isForeign(text)
  const any = glob ? '*' : '%'
  return `${operator === 'starts' ? '' : any}${glob ? globLiteral(text) : likeLiteral(text)}${operator === 'ends' ? '' : any}`
}

const likeLiteral = (text: string): string => text.replace(/[\\%_]/g, '\\$&')

function globLiteral(text: string): string {
  let glob = ''
  for (const letter of text) {
    const cases = casesOf(letter)
    glob += cases.length > 1 ? `[${cases.join('')}]` : /[*?[]/.test(letter) ? `[${letter}]` : letter
  }
  return glob
}
