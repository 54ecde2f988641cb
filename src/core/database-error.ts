export type Failure =
  | 'unique'
  | 'foreign-key'
  | 'not-null'
  | 'check'
  | 'value'
  | 'serialization'
  | 'busy'
  | 'timeout'
  | 'unavailable'
  | 'other'

export interface FailureFacts {
  readonly failure: Failure
  readonly table?: string | undefined
  readonly columns?: readonly string[] | undefined
  readonly constraint?: string | undefined
  /** Whether others refer to what was to go, or to change. @default that it was to be deleted */
  readonly referenced?: boolean | undefined
  /** The statement, without its parameters. */
  readonly statement?: string | undefined
  /** Which item of a body's `items` it was. */
  readonly item?: number | undefined
}

/** What a database refused, the same for every driver. The driver's own error is its `cause`; it has SQL and values in it. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly failure: Failure
  readonly table: string | undefined
  readonly columns: readonly string[]
  readonly constraint: string | undefined
  /** Of a foreign key: whether others refer to this row, and not this row to nothing. */
  readonly referenced: boolean
  /** Which item of a body's `items` it was, where many rows were written at once. */
  readonly item: number | undefined
  /** First word of the statement: `insert`, `delete`. */
  readonly verb: string

  constructor(
    { failure, table, columns = [], constraint, referenced, statement = '', item }: FailureFacts,
    cause: unknown,
  ) {
    // Of what a client sent wrong, the driver's words hold the value.
    const reason = ours.has(failure) ? reasonOf(cause) : `the database says: ${failure}`
    super(failure === 'other' ? reason + quoted(statement) : reason, { cause })
    this.failure = failure
    this.table = table
    this.columns = columns
    this.constraint = constraint
    this.item = item
    this.verb = verbOf(statement)
    this.referenced = referenced ?? this.verb === 'delete'
  }
}

const reasonOf = (cause: unknown): string =>
  (cause instanceof Error && cause.message) || String((cause as { code?: unknown } | null)?.code ?? cause)

/** Failures that are not the client's. */
const ours: ReadonlySet<Failure> = new Set<Failure>(['other', 'serialization', 'busy', 'timeout', 'unavailable'])

/** Helps to find a mistake. A statement with texts written into it may hold a secret: it is left out. */
const quoted = (statement: string): string =>
  statement === '' || statement.includes("'") ? '' : ` in ${statement.replace(/\s+/g, ' ').slice(0, 300)}`

/** Finds the database's error in an error or in what caused it: drizzle wraps. */
export function databaseErrorIn(error: unknown): DatabaseError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if (at instanceof DatabaseError) return at
  return undefined
}

/** Whether the same transaction may succeed when it is run again. */
export const isRetryable = (error: unknown): boolean => databaseErrorIn(error)?.failure === 'serialization'

/** First word of a statement; of `with`, the word that writes. */
function verbOf(text: string): string {
  const first = /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase() ?? ''
  return first === 'with' ? (/\b(insert|update|delete)\b/i.exec(text)?.[1]?.toLowerCase() ?? first) : first
}
