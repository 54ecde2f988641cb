import { getTableColumns } from 'drizzle-orm'
import { databaseErrorIn } from '#core/database-error'
import type { Database, Dialect, Field } from '#core/ports/database'
import { isDefinition, quote, quotedNameOf } from '#core/table/fields'
import type { Model } from '../declare/model.ts'
import { refuse } from '../errors.ts'
import type { Condition } from '../query/conditions.ts'

/**
 * The words of a search as both databases keep them: letters and digits. `a-b` are two words, and what the query languages of
 * FTS5 and PostgreSQL would read as theirs never reaches them.
 */
export const termsOf = (words: readonly string[]): string[] => [
  ...new Set(
    words.flatMap((word) => (word.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).filter((one) => /[\p{L}\p{N}]/u.test(one))),
  ),
]

/** What parts words, beside spaces. Left in a text, PostgreSQL's parser makes one word of an address, a host or a path. */
const between = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\u00a0\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u00ab\u00bb'

/** What the index of PostgreSQL is made of; the same text in the index and in every search. */
export function searchVector(fields: readonly Field[], name: string): string {
  const before = name === '' ? '' : `${name}.`
  const columns = fields.map((field) => `coalesce(${before}${quote(field.column)}, '')`)
  const from = between.replaceAll("'", "''")
  return `to_tsvector('simple', translate(${columns.join(" || ' ' || ")}, '${from}', '${' '.repeat([...between].length)}'))`
}

/** The table that SQLite searches, with the columns of a model's fields. */
export const searchTable = ({ name }: Pick<Model, 'name'>): string => quote(`${name}_search`)
/** Not the field's own name: FTS5 keeps `rank` and `rowid` for itself. */
export const searchColumn = ({ column }: Field): string => quote(`in_${column}`)
/** Which row a row of the index stands for, where the table's key is no whole number. */
export const searchKeys = ({ name }: Pick<Model, 'name'>): string => quote(`${name}_search_keys`)

/** Whether the key of SQLite's table is its rowid. Other rowids change when a table is made anew or copied. */
export function keyIsRowid({ table, primaryKey }: Pick<Model, 'table' | 'primaryKey'>): boolean {
  const [key, ...more] = primaryKey
  if (key === undefined || more.length > 0) return false
  const columns = getTableColumns(isDefinition(table) ? table.for({ dialect: 'sqlite' }) : table)
  return columns[key.name]!.getSQLType().toLowerCase() === 'integer'
}

/**
 * The condition of a search over an index of words. On PostgreSQL its rows are found first, whatever the rest of the statement:
 * its planner takes to_tsvector for cheap, and would rather make it of every row on the way through the order of a list.
 */
export function found(dialect: Dialect, model: Model, name: string, place: () => string): string {
  const keys = model.primaryKey.map((field) => quote(field.column))
  const tuple = (of: string): string => {
    const own = keys.map((key) => `${of}.${key}`)
    return own.length === 1 ? own[0]! : `(${own.join(', ')})`
  }
  if (dialect === 'postgresql') {
    const rows = `select ${keys.join(', ')} from ${quotedNameOf(model.table)} as s where ${searchVector(model.search!.fields, 's')} @@ plainto_tsquery('simple', ${place()})`
    if (keys.length === 1) return `${tuple(name)} = any(array(${rows}))`
    return `${tuple(name)} in (with found as materialized (${rows}) select ${keys.join(', ')} from found)`
  }
  const index = searchTable(model)
  const rows = `select rowid from ${index} where ${index} match ${place()}`
  if (keyIsRowid(model)) return `${tuple(name)} in (${rows})`
  return `${tuple(name)} in (select ${keys.join(', ')} from ${searchKeys(model)} where docid in (${rows}))`
}

/** Reads with the index of words, also where a word is in most rows; the caller's own transaction keeps nothing of it. */
export async function byIndex<T>(database: Database, joins: boolean, read: () => Promise<T>): Promise<T> {
  await database.execute('set local enable_seqscan = off')
  const made = await read()
  if (joins) await database.execute('set local enable_seqscan to default')
  return made
}

/** What is bound to it. The index may hold more fields than this list searches. */
export function wanted(dialect: Dialect, fields: readonly Field[], words: readonly string[]): string {
  const terms = termsOf(words)
  if (dialect === 'postgresql') return terms.join(' ')
  return `{${fields.map(searchColumn).join(' ')}} : (${terms.map((term) => `"${term}"`).join(' AND ')})`
}

export const searchesIndex = (conditions: readonly Condition[]): boolean =>
  conditions.some((one) => one.kind === 'search' && one.search.index === 'fts')

/** Tells what is missing where SQLite has no index to search, or one without the fields of this list. */
export const refuseUnprepared =
  (model: Model) =>
  (error: unknown): never => {
    const cause = databaseErrorIn(error)?.cause
    const text = cause instanceof Error ? cause.message : ''
    const isMissing = text.includes(`no such table: ${model.name}_search`) || /no such column: in_/.test(text)
    if (!isMissing) throw error
    throw refuse('KWIK_SEARCH_UNAVAILABLE', {
      detail: `The index that searches ${model.name} is missing: run the migration that kwik check --indexes prints.`,
      cause: error,
    })
  }
