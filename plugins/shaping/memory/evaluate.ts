import { itemOf } from '#core/table/fields'
import type { FilterParameter } from '../declare/model.ts'
import type { Condition, Leaf, Related, Searched } from '../query/conditions.ts'
import { folded } from '../query/letters.ts'
import type { Operator } from '../row-types.ts'
import { type Comparable, comparableOf, compare } from './comparable.ts'
import type { Row, World } from './world.ts'

/** Whether a row fits. */
export type Test = (row: Row) => boolean

/** Whether a row fits a condition: the meaning that every database has to give it. */
export const evaluate = (condition: Condition, row: Row, world: World): boolean => testOf(condition, world)(row)

/** The test of a condition, made once for many rows. */
export function testOf(condition: Condition, world: World): Test {
  switch (condition.kind) {
    case 'and': {
      const tests = condition.of.map((one) => testOf(one, world))
      return (row) => tests.every((fits) => fits(row))
    }
    case 'or': {
      const tests = condition.of.map((one) => testOf(one, world))
      return (row) => tests.some((fits) => fits(row))
    }
    case 'not': {
      const fits = testOf(condition.of, world)
      return (row) => !fits(row)
    }
    case 'related':
      return overRelation(condition, world)
    case 'search':
      return searching(condition)
    case 'leaf':
      return comparing(condition)
  }
}

function overRelation({ hop: { relation, quantifier }, of }: Related, world: World): Test {
  const fits = testOf(of, world)
  if (quantifier === 'every') return (row) => world.over(relation, row).every(fits)
  if (quantifier === 'none') return (row) => !world.over(relation, row).some(fits)
  return (row) => world.over(relation, row).some(fits)
}

function searching({ search, words }: Searched): Test {
  const wanted = words.map(folded)
  return (row) => {
    const texts = search.fields.map(({ name }) => folded(textIn(row[name])))
    return wanted.every((word) => texts.some((text) => text.includes(word)))
  }
}

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '')

function comparing({ parameter, value }: Leaf): Test {
  const { operator, field } = parameter
  if (field.type === 'list') return ofList(parameter, value)
  const own = valueIn(parameter)
  return ofScalar(operator, own, comparableOf(field), value)
}

type Own = (row: Row) => Comparable | null

function ofScalar(operator: Operator, own: Own, read: (value: unknown) => Comparable | null, value: unknown): Test {
  switch (operator) {
    case 'null':
      return (row) => (own(row) === null) === value
    case 'in':
    case 'nin': {
      const wanted = new Set((value as readonly unknown[]).map(read))
      const among: Test = (row) => {
        const mine = own(row)
        return mine !== null && wanted.has(mine)
      }
      return operator === 'in' ? among : (row) => !among(row)
    }
    case 'on': {
      const [from, until] = (value as readonly [string, string]).map(read) as [Comparable, Comparable]
      return (row) => {
        const mine = own(row)
        return mine !== null && compare(mine, from) >= 0 && compare(mine, until) < 0
      }
    }
    case 'contains':
    case 'starts':
    case 'ends': {
      const part = folded(value as string)
      return (row) => {
        const mine = own(row)
        if (mine === null) return false
        const text = folded(mine as string)
        if (operator === 'starts') return text.startsWith(part)
        return operator === 'ends' ? text.endsWith(part) : text.includes(part)
      }
    }
    default: {
      const wanted = read(value)!
      const fits = orders[operator]
      if (fits === undefined) throw new TypeError(`no rows in memory are chosen with ${operator}`)
      return (row) => {
        const mine = own(row)
        return mine === null ? operator === 'ne' : fits(compare(mine, wanted))
      }
    }
  }
}

const orders: Partial<Record<Operator, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  gte: (order) => order >= 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
}

function ofList({ field, operator }: FilterParameter, value: unknown): Test {
  const items = (row: Row): readonly unknown[] | null => (row[field.name] ?? null) as readonly unknown[] | null
  if (operator === 'null') return (row) => (items(row) === null) === value
  // A list that is not there is neither empty nor filled.
  if (operator === 'empty') return (row) => ((own) => own !== null && (own.length === 0) === value)(items(row))
  const read = comparableOf(itemOf(field))
  const wanted = [value].flat().map(read)
  return (row) => {
    const own = items(row)
    if (own === null) return false
    const has = new Set(own.map(read))
    return operator === 'hasAny' ? wanted.some((one) => has.has(one)) : wanted.every((one) => has.has(one))
  }
}

/** Where a filter looks in a row: in JSON only what has the declared type is there. */
function valueIn({ field, path, key }: FilterParameter): Own {
  const read = comparableOf(field)
  if (path === undefined) return (row) => read(row[field.name])
  const name = key.slice(0, -path.join('.').length - 1)
  const kind = field.type === 'float' ? 'number' : field.type === 'bool' ? 'boolean' : 'string'
  return (row) => {
    let at = row[name]
    for (const word of path) {
      if (typeof at !== 'object' || at === null || Array.isArray(at) || !Object.hasOwn(at, word)) return null
      at = (at as Row)[word]
    }
    return typeof at === kind ? read(at) : null
  }
}
