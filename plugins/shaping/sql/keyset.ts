/** One key of an order, as SQL sees it. */
export interface Term {
  readonly column: string
  readonly descending: boolean
  readonly nullable: boolean
  readonly nullsLast: boolean
}

/** The same order read from its end. */
export const reversed = (terms: readonly Term[]): Term[] =>
  terms.map((term) => ({ ...term, descending: !term.descending, nullsLast: !term.nullsLast }))

/**
 * A part of an order that one index range can answer. A nullable first key splits the order in two: rows with a value,
 * where no NULLS clause keeps the index from being used, and rows without, ordered by the rest.
 */
export type Partition = 'whole' | 'values' | 'nulls'

/** The partitions in the order they are read, from the cursor on; `leadIsNull` is `undefined` without a cursor. */
export function partitionsOf(
  lead: Pick<Term, 'nullable' | 'nullsLast'>,
  leadIsNull: boolean | undefined,
): readonly Partition[] {
  if (!lead.nullable) return ['whole']
  const all: readonly Partition[] = lead.nullsLast ? ['values', 'nulls'] : ['nulls', 'values']
  const passed = leadIsNull !== undefined && leadIsNull === (all[1] === 'nulls')
  return passed ? [all[1]!] : all
}

/** Whether the cursor lies in this partition: the one after it is read from its start. */
export const holdsCursor = (partition: Partition, leadIsNull: boolean | undefined): boolean =>
  leadIsNull !== undefined && (partition === 'whole' || (partition === 'nulls') === leadIsNull)

/** The terms that order a partition. */
export function termsWithin(partition: Partition, terms: readonly Term[]): readonly Term[] {
  if (partition === 'nulls') return terms.slice(1)
  return partition === 'values' ? [{ ...terms[0]!, nullable: false }, ...terms.slice(1)] : terms
}

export const orderBy = (terms: readonly Term[]): string =>
  terms
    .map(
      ({ column, descending, nullable, nullsLast }) =>
        `${column}${descending ? ' desc' : ''}${nullable ? ` nulls ${nullsLast ? 'last' : 'first'}` : ''}`,
    )
    .join(', ')

/**
 * The rows after a row whose keys are given, in the order of `terms`. `nulls` says which of its keys are NULL: they are in
 * the text, the others are bound. `key` answers the placeholder of the key with that index.
 *
 * Without NULLs and in one direction a row value says it, and an index begins at the row. Otherwise it is said key by key,
 * with a bound on the first key beside it: without that bound PostgreSQL reads the index from its start.
 */
export function rowsAfter(terms: readonly Term[], nulls: readonly boolean[], key: (index: number) => string): string {
  const lead = terms[0]!
  const operator = (term: Term): string => (term.descending ? '<' : '>')
  if (terms.every((term) => !term.nullable && term.descending === lead.descending)) {
    if (terms.length === 1) return `${lead.column} ${operator(lead)} ${key(0)}`
    const columns = terms.map((term) => term.column).join(', ')
    return `(${columns}) ${operator(lead)} (${terms.map((_, index) => key(index)).join(', ')})`
  }
  const ways: string[] = []
  for (const [index, term] of terms.entries()) {
    // Nothing comes after NULL where NULLs are last.
    if (nulls[index] && term.nullsLast) continue
    const equal = terms
      .slice(0, index)
      .map((one, at) => (nulls[at] ? `${one.column} is null` : `${one.column} = ${key(at)}`))
    const beyond = nulls[index]
      ? `${term.column} is not null`
      : term.nullable && term.nullsLast
        ? `(${term.column} ${operator(term)} ${key(index)} or ${term.column} is null)`
        : `${term.column} ${operator(term)} ${key(index)}`
    ways.push(`(${[...equal, beyond].join(' and ')})`)
  }
  const either = ways.length === 1 ? ways[0]! : `(${ways.join(' or ')})`
  return lead.nullable ? either : `${either} and ${lead.column} ${operator(lead)}= ${key(0)}`
}
