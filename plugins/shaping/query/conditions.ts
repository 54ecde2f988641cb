import type { FilterParameter, Model, Relation, Search } from '../declare/model.ts'

/** How many rows of a relation must fit: one that is there (`is`), some, none, or all. */
export type Quantifier = 'is' | 'any' | 'none' | 'every'

/** One step over a relation. */
export interface Hop {
  readonly relation: Relation
  readonly quantifier: Quantifier
}

/** One comparison: which parameter, with which wire values. */
export interface Leaf {
  readonly kind: 'leaf'
  readonly parameter: FilterParameter
  /** A flag's boolean, a list's items, the bounds of a day, or the one value. */
  readonly value: unknown
  /** The values as they were sent. */
  readonly items: readonly string[]
}
/** Words that are looked for in several fields: all of them must be there. */
export interface Searched {
  readonly kind: 'search'
  readonly search: Search
  readonly words: readonly string[]
}
export interface Group {
  readonly kind: 'and' | 'or'
  readonly of: readonly Condition[]
}
export interface Negation {
  readonly kind: 'not'
  readonly of: Condition
}
export interface Related {
  readonly kind: 'related'
  readonly hop: Hop
  readonly of: Condition
}

/** What rows must fit. */
export type Condition = Leaf | Searched | Group | Negation | Related

export const all = (of: readonly Condition[]): Condition => (of.length === 1 ? of[0]! : { kind: 'and', of })
export const either = (of: readonly Condition[]): Condition => (of.length === 1 ? of[0]! : { kind: 'or', of })

/** Every part of conditions, a part before its own parts: the order in which their parameters are bound. */
export function* partsOf(conditions: readonly Condition[]): Iterable<Condition> {
  for (const condition of conditions) {
    yield condition
    if (condition.kind === 'and' || condition.kind === 'or') yield* partsOf(condition.of)
    else if (condition.kind === 'not' || condition.kind === 'related') yield* partsOf([condition.of])
  }
}

/** The tables that conditions lead to, in the order of `partsOf`. */
export const targetsIn = (conditions: readonly Condition[]): Model[] =>
  [...partsOf(conditions)].flatMap((part) => (part.kind === 'related' ? [part.hop.relation.target] : []))

/** The comparisons and searches of conditions, in the order of `partsOf`. */
export const leavesIn = (conditions: readonly Condition[]): (Leaf | Searched)[] =>
  [...partsOf(conditions)].filter((part) => part.kind === 'leaf' || part.kind === 'search')

const wordOf = ({ relation, quantifier }: Hop): string =>
  quantifier === 'is' ? relation.name : `${relation.name}.${quantifier}`

/** Writes conditions as one text, each leaf in its own way. */
export function written(condition: Condition, leaf: (leaf: Leaf | Searched) => string): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return `(${condition.of.map((one) => written(one, leaf)).join(` ${condition.kind} `)})`
    case 'not':
      return `not ${written(condition.of, leaf)}`
    case 'related':
      return `${wordOf(condition.hop)}(${written(condition.of, leaf)})`
    default:
      return leaf(condition)
  }
}

/** Tells conditions apart by everything in them: what a cursor is bound to. */
export const identified = (condition: Condition): string =>
  written(condition, (leaf) =>
    JSON.stringify(leaf.kind === 'search' ? ['q', leaf.words] : [leaf.parameter.name, leaf.value]),
  )

/** A condition as `where` reads it back. */
export function printed(condition: Condition): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.of
        .map((one) => (one.kind === 'and' || one.kind === 'or' ? `(${printed(one)})` : printed(one)))
        .join(` ${condition.kind} `)
    case 'not':
      return condition.of.kind === 'and' || condition.of.kind === 'or'
        ? `not (${printed(condition.of)})`
        : `not ${printed(condition.of)}`
    case 'related': {
      const single = condition.of.kind === 'leaf' || condition.of.kind === 'related'
      const word = wordOf(condition.hop)
      if (single) return `${word}.${printed(condition.of)}`
      return `${word}(${printed(condition.of)})`
    }
    case 'leaf':
      return `${condition.parameter.key} ${condition.parameter.operator} ${condition.items.map(quotedWord).join(',')}`
    default:
      throw new TypeError('`q` cannot stand in `where`')
  }
}

/** A value as `where` reads it back. */
const quotedWord = (text: string): string =>
  /^[^\s()",\\]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`
