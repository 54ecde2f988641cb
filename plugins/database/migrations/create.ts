import type { Database, TableLike } from '#core/ports/database'
import { kitFor } from './kit.ts'

/**
 * Creates tables in an empty database, without migration files: for tests. From `kwik/database`; needs drizzle-kit.
 *
 * @example
 * const db = openDatabase({ url: 'sqlite::memory:' })
 * await createTables(db, [categories, products])
 */
export async function createTables(database: Database, tables: readonly TableLike[]): Promise<void> {
  const kit = await kitFor(database.dialect)
  const empty = await kit.snapshot([])
  const statements = await kit.statements(empty, await kit.snapshot(tables, empty))
  await database.tx(async () => {
    for (const statement of statements) await database.execute(statement)
  })
}
