import type { Field } from '#core/ports/database'
import type { ProblemError } from '#core/problem'
import type { Asked } from './asked.ts'
import { identified } from './conditions.ts'
import { digest, type KeyRing, type Position } from './cursor.ts'
import { Issues } from './issues.ts'
import { keyTo, type Model, mayBeNull, type SortTerm } from './model.ts'

/** Sort keys, and the primary key behind them: no two rows have the same place. */
export function orderOf({ primaryKey }: Model, sort: readonly SortTerm[]): readonly SortTerm[] {
  // The tie-break runs the way of the last key, so that one direction stays one direction.
  const descending = sort.at(-1)?.descending ?? false
  const rest = primaryKey.filter((field) => !sort.some((term) => term.name === field.name))
  return [...sort, ...rest.map((field) => ({ ...keyTo(field), descending, nullsLast: true }))]
}

/** What cursors of a list say of it: cursors of another list do not fit. */
export const identityOf = (model: Model, { conditions, sort }: Asked): Omit<Position, 'k'> => ({
  h: model.fingerprint,
  s: orderWords(sort),
  f: conditions.length === 0 ? '' : digest(conditions.map(identified).join('\n')),
})

export const orderWords = (order: readonly SortTerm[]): string =>
  order.map((term) => `${term.descending ? '-' : ''}${term.name}`).join()

/** What a cursor must fit. */
interface Place {
  readonly identity: Omit<Position, 'k'>
  readonly order: readonly SortTerm[]
  readonly primaryKey: readonly Field[]
}

/** Where the page begins; `undefined` is the first page, or the last. What is wrong with the cursor goes to `issues`. */
export function positionOf(
  asked: Asked,
  { identity, order, primaryKey }: Place,
  ring: KeyRing,
  issues: Issues,
): Position | undefined {
  const parameter = asked.after === undefined ? 'before' : 'after'
  const cursor = asked.after ?? asked.before
  if (cursor === undefined || cursor === (parameter === 'before' ? 'end' : 'start')) return undefined
  const position = ring.open(cursor)
  const refuse = (code: string, detail: string): void => issues.add({ parameter, code, detail })
  if (position === 'cursor-expired') refuse(position, expired)
  else if (position === 'invalid-cursor') refuse(position, foreign)
  else if (!position.h.startsWith(identity.h) || position.s !== identity.s || position.f !== identity.f)
    refuse('cursor-mismatch', 'belongs to another sort or other filters: change them on the first page')
  else if (!hasKeysOf(position, order, primaryKey)) refuse('invalid-cursor', foreign)
  else return position
  return undefined
}

/** Whether there is a key for each term, and NULL only where a row can have it. */
const hasKeysOf = ({ k, p }: Position, order: readonly SortTerm[], primaryKey: readonly Field[]): boolean =>
  p === undefined
    ? k.length === order.length && order.every((term, at) => k[at] !== null || mayBeNull(term))
    : p.length === primaryKey.length

const foreign = 'is no cursor of this list: start at its first page'
const expired = 'is too old: start at the first page'

/** The refusal of a cursor that was made before the app moved to another database, or before a field changed. */
export function stalePosition(asked: Asked): ProblemError {
  const issues = new Issues()
  issues.add({ parameter: asked.after === undefined ? 'before' : 'after', code: 'cursor-expired', detail: expired })
  return issues.problem()
}
