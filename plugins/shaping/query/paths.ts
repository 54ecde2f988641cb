import type { Field } from '#core/ports/database'
import type { Budget } from '../declare/declaration.ts'
import type { FilterParameter, Granted, Model, Relation } from '../declare/model.ts'
import type { Hop, Quantifier } from './conditions.ts'
import type { Issues } from './issues.ts'
import type { Names } from './names.ts'
import { refuseUnknown } from './unknown.ts'

/** What a query is read with: the model, what its caller may know, and where mistakes go. */
export interface Asking {
  readonly model: Model
  /** Words of the grammar that may stand here. */
  readonly words: ReadonlySet<string>
  /** What stands before every name: `expand.comments.`. */
  readonly prefix: string
  readonly budget: Required<Budget>
  /** Time zone of days, once it is known. */
  readonly zone?: string
  readonly granted: Granted | undefined
  readonly issues: Issues
  /** Where the query is in the words of an older version of the API. */
  readonly names?: Names
}

/** A parameter, and the relations that lead to it. */
export interface Found {
  readonly via: readonly Hop[]
  readonly parameter: FilterParameter
}

/** Where in which parameter a mistake is. */
export interface Spot {
  readonly parameter: string
  readonly at?: { readonly offset: number; readonly length: number }
}

export const knows = (asking: Asking, model: Model, field: Field): boolean => model.mayKnow(field, asking.granted)

/** A relation that the caller may know of. */
export function relationIn(asking: Asking, model: Model, name: string): Relation | undefined {
  const relation = model.relations.get(name)
  return relation?.mayKnow(asking.granted) && knows(asking, relation.many ? relation.target : model, pointing(relation))
    ? relation
    : undefined
}

/** Who may not know of the field that points may not follow it either. */
const pointing = ({ many, local, foreign }: Relation): Field => (many ? foreign : local)

const quantifiers: readonly string[] = ['any', 'none', 'every'] satisfies Quantifier[]

/** What a place is reached by: relations with their quantifiers, one hop a step. */
export interface Way {
  readonly via: readonly Hop[]
  readonly model: Model
  /** What of the name is left. */
  readonly rest: string
}

/**
 * Follows a name over relations as far as it leads: `author.name[contains]`, `comments.any.score[gt]`.
 * `undefined` with the mistake told.
 */
export function findParameter(asking: Asking, from: Model, name: string, spot: Spot): Found | undefined {
  let way: Way | undefined = { via: [], model: from, rest: name }
  for (;;) {
    const { model, rest, via }: Way = way
    const parameter = model.filters.get(rest)
    if (parameter && knows(asking, model, parameter.field)) return { via, parameter }
    way = step(asking, way, spot, name)
    if (way === undefined) return undefined
  }
}

/** One step over a relation; it may be the last one where a bracket follows. */
export function step(
  asking: Asking,
  { via, model, rest }: Way,
  spot: Spot,
  name: string,
  mayEnd = false,
): Way | undefined {
  const passed = name.slice(0, name.length - rest.length)
  const end = /[.[]|$/.exec(rest)!.index
  const relation =
    rest[end] === '.' || (mayEnd && end === rest.length) ? relationIn(asking, model, rest.slice(0, end)) : undefined
  if (!relation?.filters) {
    refuseUnknown(asking, { model, passed, rest, spot, isRoot: model === asking.model && via.length === 0 })
    return undefined
  }
  let after = rest.slice(end + 1)
  let quantifier: Quantifier = 'is'
  if (relation.many) {
    const until = /[.[]|$/.exec(after)!.index
    const word = after.slice(0, until)
    if (!quantifiers.includes(word)) {
      asking.issues.add({
        ...spot,
        code: 'missing-quantifier',
        detail: `${relation.name} are many rows: say any, none or every`,
        allowed: quantifiers.map((one) => `${asking.prefix}${passed}${relation.name}.${one}`),
        suggestion: `${asking.prefix}${passed}${relation.name}.any.${after}`.slice(0, 200),
      })
      return undefined
    }
    quantifier = word as Quantifier
    after = after.slice(until + 1)
  }
  const { hops } = asking.budget
  if (via.length === hops) {
    asking.issues.add({ ...spot, code: 'too-far', detail: `may lead over ${hops} relations` })
    return undefined
  }
  return { via: [...via, { relation, quantifier }], model: relation.target, rest: after }
}
