import type { Asking } from './asked.ts'
import { boundsOfDay, isDate } from './instants.ts'
import type { FilterParameter } from './model.ts'
import { searchesText, takesFlag } from './operators.ts'
import { Mistake } from './values.ts'

/** One condition of a query: which parameter, with which wire values. */
export interface Leaf {
  readonly parameter: FilterParameter
  /** A flag's boolean, a list's items, the bounds of a day, or the one value. */
  readonly value: unknown
}

/** A filter as it was sent. */
interface Sent {
  /** The parameter's name as the client wrote it. */
  readonly name: string
  readonly items: readonly string[]
  /** The time zone of days. */
  readonly zone: string
}

const mostItems = 100
/** Shorter texts would be looked for in every row, and found in most. */
const shortestSearch = 3

/** The condition of a filter, or `undefined` with its mistakes told. */
export function leafOf(asking: Asking, parameter: FilterParameter, { name, items, zone }: Sent): Leaf | undefined {
  const { list, operator } = parameter
  const tell = (mistake: Mistake): void => refuseValue(asking, parameter, name, mistake)
  if (list && items.length > mostItems) tell(new Mistake('too-many', `may have ${mostItems} items`))
  else if (list && items.length === 1 && items[0] === '') tell(new Mistake('empty', 'needs at least one value'))
  else {
    const values = items.map((item) => {
      const value = operator === 'on' ? readDay(item, zone) : readItem(parameter, item)
      if (value instanceof Mistake) refuseValue(asking, parameter, name, value, item)
      return value
    })
    if (!values.some((value) => value instanceof Mistake)) return { parameter, value: list ? values : values[0] }
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
  { model, issues }: Asking,
  { field, operator }: FilterParameter,
  parameter: string,
  mistake: Mistake,
  item?: string,
): void {
  const meansNull = item === 'null' && !takesFlag(operator) && model.filters.has(`${field.name}[null]`)
  const suggestion = meansNull ? `${field.name}[null]=true` : mistake.suggestion
  issues.add({
    parameter,
    code: mistake.code,
    detail: meansNull ? `${mistake.detail}; for rows without a value write ${suggestion}` : mistake.detail,
    ...(mistake.allowed && { allowed: mistake.allowed }),
    ...(suggestion !== undefined && { suggestion }),
  })
}
