import { type DatabaseError, databaseErrorIn } from '#core/database-error'
import { refuse as refuseByCore } from '#core/errors'
import type { ProblemError, ProblemIssue } from '#core/problem'
import { fieldOf } from '#core/table/columns'
import { refuse } from './errors.ts'

const soon = { 'retry-after': '1' }

/**
 * The problem of what a database refused; `undefined` for other errors. Fields are named, values are not. From `kwik/database`.
 *
 * @example
 * try { await db.drizzle.insert(products.for(db)).values(product) }
 * catch (error) { throw databaseProblem(error) ?? error }
 */
export function databaseProblem(error: unknown): ProblemError | undefined {
  const known = databaseErrorIn(error)
  return known && problemOf(known)
}

function problemOf(error: DatabaseError): ProblemError {
  const fields = error.columns.map(fieldOf)
  const issues = issuesIn(error.item === undefined ? '' : `/items/${error.item}`)
  switch (error.failure) {
    case 'unique':
      return refuse('KWIK_DATABASE_TAKEN', {
        detail: `${fields.length > 0 ? namesOf(fields) : 'a value'} ${fields.length > 1 ? 'together are' : 'is'} already taken`,
        ...issues(fields, 'taken', 'is already taken'),
      })
    case 'foreign-key':
      if (error.referenced)
        return refuse('KWIK_DATABASE_REFERENCED', {
          detail: 'Something refers to it: delete that first, or take the reference away.',
          ...(error.item !== undefined && issues([], 'referenced', 'is what something refers to')),
        })
      return refuse('KWIK_DATABASE_REFERENCE', {
        detail: `${fields.length > 0 ? namesOf(fields) : 'a reference'} points at something that does not exist`,
        ...issues(fields, 'not-found', 'points at something that does not exist'),
      })
    case 'not-null':
      return refuse('KWIK_DATABASE_VALUE', {
        detail: `${fields.length > 0 ? namesOf(fields) : 'a field'} is required`,
        ...issues(fields, 'required', 'is required'),
      })
    case 'check':
    case 'value':
      return refuse('KWIK_DATABASE_VALUE', {
        detail: 'A value is too long, out of range, or of the wrong kind.',
        ...issues(fields, 'not-allowed', 'is not allowed'),
      })
    case 'serialization':
    case 'busy':
      return refuse('KWIK_DATABASE_BUSY', { detail: 'Try again in a moment.', cause: error }, soon)
    case 'timeout':
      return refuse('KWIK_QUERY_TIMEOUT', { detail: 'Ask for less, or try again later.', cause: error }, soon)
    case 'unavailable':
      return refuseByCore('KWIK_UNAVAILABLE', { detail: 'The database does not answer.', cause: error }, soon)
    default:
      return refuseByCore('KWIK_INTERNAL', { cause: error })
  }
}

const namesOf = (fields: readonly string[]): string =>
  fields.length > 1 ? `${fields.slice(0, -1).join(', ')} and ${fields.at(-1)}` : fields[0]!

const issuesIn =
  (place: string) =>
  (fields: readonly string[], code: string, says: string): { errors?: ProblemIssue[] } => {
    const errors = fields.map((field) => ({ code, detail: `${field} ${says}`, pointer: `${place}/${field}` }))
    if (errors.length > 0) return { errors }
    return place === '' ? {} : { errors: [{ code, detail: `a value ${says}`, pointer: place }] }
  }
