import type { Field } from '#core/ports/database'
import type { ProblemError } from '#core/problem'
import type { Scope } from '#core/scope'
import { keyTo, type Model, mayBeNull, type SortTerm } from '../declare/model.ts'
import type { Asked } from '../query/asked.ts'
import { identified } from '../query/conditions.ts'
import { Issues } from '../query/issues.ts'
import { digest, type KeyRing, type Position } from './cursor.ts'
import { addressOf, linkToFirst } from './links.ts'

/** Sort keys, and the primary key behind them: no two rows have the same place. */
export function orderOf({ primaryKey }: Model, sort: readonly SortTerm[]): readonly SortTerm[] {
  // The tie-break runs the way of the last key, so that one direction stays one direction.
  const descending = sort.at(-1)?.descending ?? false
  const rest = primaryKey.filter((field) => !sort.some((term) => term.name === field.name))
  return [...sort, ...rest.map((field) => ({ ...keyTo(field), descending, nullsLast: true }))]
}

/** What cursors of a list say of it: cursors of another list do not fit. */
export const identityOf = (model: Model, { conditions, sort }: Asked): string =>
  digest([model.fingerprint, orderWords(sort), ...conditions.map(identified)].join('\n'))

export const orderWords = (order: readonly SortTerm[]): string =>
  order.map((term) => `${term.descending ? '-' : ''}${term.name}`).join()

/** What a cursor must fit. */
interface Place {
  readonly identity: string
  readonly order: readonly SortTerm[]
  readonly model: Model
  readonly scope: Scope
}

/** For whom and until when the cursors of a request hold. */
export function claimsOf(model: Model, ring: KeyRing, scope: Scope): Pick<Position, 'u' | 'e'> {
  const ofApp = ring.rules.cursors
  const { ttl = ofApp.ttl, bind = ofApp.bind } = model.cursors
  if (ttl === undefined && bind === undefined) return everybody
  return {
    u: bind && digest(scope.principal?.id ?? ''),
    e: ttl && Math.ceil((nowIn(scope) + ttl) / 1000),
  }
}

const everybody: Pick<Position, 'u' | 'e'> = {}

const nowIn = ({ app }: Scope): number => app?.core.clock?.now() ?? Date.now()

/** Where the page begins; `undefined` is the first page, or the last. What is wrong with the cursor goes to `issues`. */
export function positionOf(
  asked: Asked,
  { identity, order, model, scope }: Place,
  ring: KeyRing,
  issues: Issues,
): Position | undefined {
  const parameter = asked.after === undefined ? 'before' : 'after'
  const cursor = asked.after ?? asked.before
  if (cursor === undefined || cursor === (parameter === 'before' ? 'end' : 'start')) return undefined
  const position = ring.open(cursor)
  const refuse = (code: string, detail: string): void => issues.add({ parameter, code, detail })
  if (position === 'invalid-cursor') refuse(position, foreign)
  else if (position === 'cursor-expired' || isOver(position, scope)) refuse('cursor-expired', expired)
  else if (!position.h.startsWith(identity))
    refuse('cursor-mismatch', 'belongs to another sort or other filters: change them on the first page')
  else if (position.u !== claimsOf(model, ring, scope).u)
    refuse('cursor-mismatch', 'was given to another caller: start at the first page')
  else if (!hasKeysOf(position, order, model.primaryKey)) refuse('invalid-cursor', foreign)
  else return position
  return undefined
}

const isOver = ({ e }: Position, scope: Scope): boolean => e !== undefined && e * 1000 <= nowIn(scope)

/** Whether there is a key for each term, and NULL only where a row can have it. */
const hasKeysOf = ({ k, p }: Position, order: readonly SortTerm[], primaryKey: readonly Field[]): boolean =>
  p === undefined
    ? k.length === order.length && order.every((term, at) => k[at] !== null || mayBeNull(term))
    : p.length === primaryKey.length

const foreign = 'is no cursor of this list: start at its first page'
const expired = 'is too old: start at the first page'

interface Asking {
  readonly asked: Asked
  readonly ring: KeyRing
  readonly scope: Scope
}

/** The refusal of a cursor that was made before the app moved to another database, or before a field changed. */
export function stalePosition({ asked, ring, scope }: Asking): ProblemError {
  const issues = new Issues()
  issues.add({ parameter: asked.after === undefined ? 'before' : 'after', code: 'cursor-expired', detail: expired })
  return issues.problem({ link: linkToFirst(addressOf(scope, ring.rules.baseUrl), asked.kept) })
}
