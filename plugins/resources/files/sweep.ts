import { type Duration, milliseconds } from '#core/internal/duration'
import type { Database, TableLike } from '#core/ports/database'
import type { FileStore } from '#core/ports/file-store'
import { fieldsOf, isDefinition, quote, quotedNameOf } from '#core/table/fields'
import { Statement } from '../statement.ts'

export interface SweepOptions {
  readonly files: FileStore
  readonly database: Database
  /** **Every** table whose rows have files in this store: what none of them names is taken for lost. */
  readonly tables: readonly TableLike[]
  /** How old a file must be: a younger one may belong to a row that is just being written. @default '1d' */
  readonly olderThan?: Duration
  /** Only find them. @default false */
  readonly dry?: boolean
}

/** Names that are looked for at once. */
const atOnce = 500

/**
 * Finds files that no row names, and removes them: those of rows that were deleted around the resource, and of processes
 * that died. Uploads that nobody finished go too. From `kwik/resources`.
 *
 * @returns the names of the files
 * @throws {TypeError} when no table has a file column: everything would be lost
 * @example await sweepFiles({ files, database, tables: [products, users] })
 */
export async function sweepFiles({
  files,
  database,
  tables,
  olderThan = '1d',
  dry = false,
}: SweepOptions): Promise<string[]> {
  const columns = tables.flatMap(columnsOf)
  if (columns.length === 0) throw new TypeError('sweepFiles: no table has a t.file() column')
  const before = Date.now() - milliseconds(olderThan)
  const lost: string[] = []
  let some: string[] = []
  const look = async (): Promise<void> => {
    lost.push(...(await unknownOf(some, columns, database)))
    some = []
  }
  for await (const { name, storedAt } of files.list()) {
    if (storedAt >= before) continue
    some.push(name)
    if (some.length === atOnce) await look()
  }
  await look()
  if (dry) return lost
  for (const name of lost) await files.delete(name)
  await files.clean(before)
  return lost
}

interface Column {
  readonly table: string
  readonly column: string
}

/** A plain drizzle table cannot say which of its texts name files: all of them may. */
const columnsOf = (table: TableLike): Column[] =>
  Object.values(fieldsOf(table))
    .filter(({ type }) => type === 'file' || (!isDefinition(table) && (type === 'string' || type === 'text')))
    .map(({ column }) => ({ table: quotedNameOf(table), column: quote(column) }))

async function unknownOf(names: readonly string[], columns: readonly Column[], db: Database): Promise<string[]> {
  const left = new Set(names)
  for (const { table, column } of columns) {
    if (left.size === 0) break
    const statement = new Statement(db.dialect)
    const places = [...left].map((name) => statement.bind(name)).join(', ')
    const found = await db.values(`select ${column} from ${table} where ${column} in (${places})`, statement.parameters)
    for (const [name] of found) left.delete(String(name))
  }
  return [...left]
}
