import { DatabaseError, type FailureFacts } from '#core/database-error'
import { isStale } from './adapters/postgres.ts'

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const failures: Readonly<Record<string, FailureFacts['failure']>> = {
  '23505': 'unique',
  '23503': 'foreign-key',
  '23001': 'foreign-key',
  '23502': 'not-null',
  '23514': 'check',
  '23P01': 'unique',
  '22001': 'value',
  '22003': 'value',
  '22007': 'value',
  '22008': 'value',
  '22P02': 'value',
  '22P05': 'value',
  '22021': 'value',
  // Too long for an index
  '54000': 'value',
  '40001': 'serialization',
  '40P01': 'serialization',
  '55P03': 'busy',
  '57014': 'timeout',
}
/** Classes: connection, resources, and an operator who stops the server. */
const unavailable: ReadonlySet<string> = new Set(['08', '53', '57'])

interface PgError {
  readonly code?: string
  readonly detail?: string
  readonly table?: string
  readonly column?: string | number
  readonly constraint?: string
  readonly message?: string
}

/** The error of `pg`, in Kwik's words. */
export function postgresError(error: unknown, text: string): DatabaseError {
  if (error instanceof DatabaseError) return error
  const { code = '', detail, table, column, constraint, message = '' } = error as PgError
  const facts = { table, constraint, statement: text }
  // A plan from before a migration ended the transaction: run again, it is made anew.
  if (isStale(error)) return new DatabaseError({ ...facts, failure: 'serialization' }, error)
  const failure = failures[code] ?? (lost(code, message) ? 'unavailable' : 'other')
  // `Key (sku, shop_id)=(a, b) already exists.`, in the language of the server
  const key = /\(([^()]+)\)=\(/.exec(detail ?? '')?.[1]?.split(', ')
  // Errors of the runtime have a `column` too: a number, in the source.
  const columns = typeof column === 'string' ? [column] : key?.map((one) => one.replace(/^"|"$/g, ''))
  // The table is the one that has the reference: not the one that is changed, when others refer to it.
  const changed = /^\s*update\s+(?:"?\w+"?\.)?"?(\w+)"?/i.exec(text)?.[1]
  const referenced = failure === 'foreign-key' && changed !== undefined && changed !== table ? true : undefined
  return new DatabaseError({ ...facts, failure, columns, referenced }, error)
}

/** Errors without an SQLSTATE come from the socket or the pool. */
function lost(code: string, message: string): boolean {
  if (/^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E')) return unavailable.has(code.slice(0, 2))
  return /^E[A-Z]+$/.test(code) || /connection|connect|Client was closed|not queryable/i.test(message)
}
