import type { FilterParameter } from '../declare/model.ts'
import { searchesText, takesFlag } from '../declare/operators.ts'
import type { Leaf } from './conditions.ts'
import { boundsOfDay, isDate } from './instants.ts'
import type { Asking, Spot } from './paths.ts'
import { Mistake } from './values.ts'

/** A filter as it was sent. */
export interface Sent {
  readonly items: readonly string[]
  /** The time zone of days. */
  readonly zone: string
  readonly spot: Spot
}

/** Shorter texts would be looked for in every row, and found in most. */
export const shortestSearch = 3

/** The condition of a filter, or `undefined` with its mistakes told. */
export function leafOf(asking: Asking, parameter: FilterParameter, { items, zone, spot }: Sent): Leaf | undefined {
  const { list, operator } = parameter
  const { in: mostItems } = asking.budget
  const tell = (mistake: Mistake, item?: string): void => refuseValue(asking, parameter, spot, mistake, item)
  if (list && items.length > mostItems) tell(new Mistake('too-many', `may have ${mostItems} items`))
  else if (list && items.length === 1 && items[0] === '') tell(new Mistake('empty', 'needs at least one value'))
  else {
    const values = items.map((item) => {
      const value = operator === 'on' ? readDay(item, zone) : readItem(parameter, item)
      if (value instanceof Mistake) tell(value, item)
      return value
    })
    if (!values.some((value) => value instanceof Mistake))
      return { kind: 'leaf', parameter, value: list ? values : values[0], items }
  }
  return undefined
}

const readItem = ({ operator, read }: FilterParameter, item: string): unknown =>
  searchesText(operator) && [...item].length < shortestSearch
    ? new Mistake('too-short', `needs at least ${shortestSearch} characters`)
    : read(item)

function readDay(text: string, zone: string): readonly [string, string] | Mistake {
  if (!isDate(text)) return new Mistake('not-a-date', 'must be a day of the calendar such as 2026-01-31')
  // The day's bounds in another zone could lie outside the calendar.
  if (text < '0001-01-03' || text > '9999-12-28')
    return new Mistake('out-of-range', 'must be between 0001-01-03 and 9999-12-28')
  return boundsOfDay(text, zone)
}

function refuseValue(
  { issues }: Asking,
  { key, field, operator }: FilterParameter,
  spot: Spot,
  mistake: Mistake,
  item?: string,
): void {
  const meansNull = item === 'null' && !takesFlag(operator) && field.nullable
  const isWhere = spot.at !== undefined
  const rows = isWhere ? `${key} null true` : `${key}[null]=true`
  const suggestion = meansNull ? rows : mistake.suggestion
  const detail = meansNull ? `${mistake.detail}; for rows without a value write ${rows}` : mistake.detail
  issues.add({
    ...spot,
    code: mistake.code,
    detail: isWhere ? `${key} ${detail}` : detail,
    ...(mistake.allowed && { allowed: mistake.allowed }),
    ...(suggestion !== undefined && { suggestion }),
  })
}
