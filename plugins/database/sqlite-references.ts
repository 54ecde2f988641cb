import type { SqliteConnection } from './adapters/sqlite-driver.ts'

/** What is known of a reference that failed. */
export interface Broken {
  /** Columns that point at nothing. */
  readonly columns: readonly string[]
  /** Whether every reference of the row is right, so that others must refer to what was changed. */
  readonly referenced: boolean
}

interface Reference {
  readonly column: string
  readonly table: string
  /** The column it points at: the key, where SQLite does not say. */
  readonly to: string | null
}

/** Finds out which reference of a statement failed, by looking for what each of them points at: SQLite does not say. */
export function brokenOf(connection: SqliteConnection, text: string, parameters: readonly unknown[]): Broken {
  const table =
    /^\s*(?:insert(?:\s+or\s+\w+)?\s+into|replace\s+into|update)\s+(?:["`[]?\w+["`\]]?\.)?["`[]?(\w+)/i.exec(text)?.[1]
  if (table === undefined) return { columns: [], referenced: false }
  const missing: string[] = []
  const unknown: string[] = []
  const written = writtenBy(text)
  for (const { column, table: other, to } of referencesOf(connection, table)) {
    if (!written.has(column)) continue
    const values = valuesOf(text, parameters, written.get(column))
    if (values === undefined || to === null) unknown.push(column)
    else if (!values.every((value) => isThere(connection, other, to, value))) missing.push(column)
  }
  if (missing.length > 0) return { columns: missing, referenced: false }
  return unknown.length === 0
    ? { columns: [], referenced: /^\s*update/i.test(text) && isReferred(connection, table) }
    : { columns: unknown.length === 1 ? unknown : [], referenced: false }
}

function referencesOf(connection: SqliteConnection, table: string): Reference[] {
  const rows = connection.values('select "from", "table", "to" from pragma_foreign_key_list(?)', [table])
  return rows.map(([column, other, to]) => ({
    column: String(column),
    table: String(other),
    to: to === null ? null : String(to),
  }))
}

const isReferred = (connection: SqliteConnection, table: string): boolean =>
  connection.values(
    'select 1 from sqlite_master as other, pragma_foreign_key_list(other.name) as key where key."table" = ? limit 1',
    [table],
  ).length > 0

function isThere(connection: SqliteConnection, table: string, column: string, value: unknown): boolean {
  if (value === null || value === undefined) return true
  const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
  return connection.values(`select 1 from ${quote(table)} where ${quote(column)} = ?`, [value]).length > 0
}

/** Columns that a statement writes, with the placeholder each of them has in its first row. */
function writtenBy(text: string): Map<string, number | undefined> {
  const written = new Map<string, number | undefined>()
  const bare = (name: string): string => name.trim().replace(/^["`[]|["`\]]$/g, '')
  const [, names, values] = /\(([^()]*)\)\s*values\s*\(([^()]*)\)/i.exec(text) ?? []
  const changes = /\bset\s(.*?)(?:\s(?:where|returning|from)\s|$)/is.exec(text)?.[1]
  let place = 0
  const take = (name: string, value: string): void => {
    written.set(bare(name), value.trim() === '?' ? place : undefined)
    place += marksIn(value)
  }
  if (names !== undefined) {
    const given = values!.split(',')
    for (const [at, name] of names.split(',').entries()) take(name, given[at] ?? '')
  } else
    for (const change of changes?.split(',') ?? []) {
      const equals = change.indexOf('=')
      if (equals !== -1) take(change.slice(0, equals), change.slice(equals + 1))
    }
  return written
}

/** What is bound to a placeholder of the first row, in all rows; `undefined` where the statement does not say it that plainly. */
function valuesOf(text: string, parameters: readonly unknown[], place: number | undefined): unknown[] | undefined {
  if (place === undefined) return undefined
  const row = /values\s*(\([^()]*\))/i.exec(text)?.[1]
  const others = row === undefined ? '' : text.slice(text.indexOf(row) + row.length)
  if (row === undefined || !/^\s*,\s*\(/.test(others)) return [parameters[place]]
  const width = marksIn(row)
  if (parameters.length % width !== 0 || others.split(row).length !== parameters.length / width) return undefined
  return Array.from({ length: parameters.length / width }, (_, at) => parameters[place + at * width])
}

const marksIn = (text: string): number => text.split('?').length - 1
