import type { Field, FieldType } from '#core/ports/database'

type Row = Readonly<Record<string, unknown>>

/** Rows as CSV (RFC 4180), with the names of the fields in the first line. */
export interface Csv {
  readonly header: string
  text(rows: readonly Row[]): string
}

/** A field, under the name that its column has. */
export interface Column {
  readonly name: string
  /** `undefined` for one that only an older version of the API has. */
  readonly field?: Field
}

export function csvOf(all: readonly Column[]): Csv {
  const columns = all.map(({ name, field }) => ({ name, cell: cellOf(field) }))
  return {
    header: line(columns.map(({ name }) => quoted(name))),
    text: (rows) => rows.map((row) => line(columns.map(({ name, cell }) => cell(row[name])))).join(''),
  }
}

const line = (cells: readonly string[]): string => `${cells.join(',')}\r\n`

const numbers: ReadonlySet<FieldType> = new Set(['int', 'bigint', 'decimal', 'float'])

function cellOf(field: Field | undefined): (value: unknown) => string {
  if (field === undefined) return (value) => (value === null || value === undefined ? '' : byValue(value))
  const type = field.type === 'ref' ? (field.keyType ?? 'uuid') : field.type
  const cell = numbers.has(type) ? number : type === 'json' || type === 'list' ? json : text
  // NULL is nothing at all, an empty text is "".
  return (value) => (value === null || value === undefined ? '' : cell(value))
}

/** `-5` of a column of numbers is a number. The words for what is none (`-Infinity`) are text. */
const number = (value: unknown): string => (/^-?\d/.test(String(value)) ? String(value) : text(value))
const byValue = (value: unknown): string => (typeof value === 'number' ? number(value) : text(value))
const json = (value: unknown): string => quoted(JSON.stringify(value))
const text = (value: unknown): string => {
  if (typeof value === 'object') return json(value)
  const written = String(value)
  return written === '' ? '""' : quoted(formula.test(written) ? `'${written}` : written)
}

/** What spreadsheets take for a formula: OWASP, CSV Injection. Of full width too, which some of them read alike. */
const formula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
