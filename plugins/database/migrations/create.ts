import type { Database, TableLike } from '#core/ports/database'
import { MigrationError } from './errors.ts'
import { kitFor } from './kit.ts'

/**
 * Creates tables in an empty database, without migration files: for tests. From `kwik/database`; needs drizzle-kit.
 * All of them or none.
 *
 * @throws {MigrationError} when one of them is there already
 * @example
 * const db = openDatabase({ url: 'sqlite::memory:' })
 * await createTables(db, [categories, products])
 */
export async function createTables(database: Database, tables: readonly TableLike[]): Promise<void> {
  const kit = await kitFor(database.dialect)
  const empty = await kit.snapshot([])
  const statements = await kit.statements(empty, await kit.snapshot(tables, empty))
  await database.tx(async () => {
    for (const statement of statements)
      await database.execute(statement).catch((error: unknown) => {
        throw thereAlready(error) ?? error
      })
  })
}

function thereAlready(error: unknown): MigrationError | undefined {
  // SQLite says `table users already exists`, PostgreSQL `relation "users" already exists`.
  const name = /\b(?:table|relation) [`"]?([^`"\s]+)[`"]? already exists/.exec((error as Error).message)?.[1]
  if (name === undefined) return undefined
  return new MigrationError(
    `createTables() fills an empty database, and this one has "${name}" already: kwik db migrate brings a database up to date`,
    [],
    error,
  )
}
