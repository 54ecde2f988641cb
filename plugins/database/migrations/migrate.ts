import type { Database } from '#core/ports/database'
import { facadeOf } from '../facade.ts'
import type { Session, Transaction } from '../session.ts'
import { MigrationError } from './errors.ts'
import { type Migration, readMigrations } from './journal.ts'

export interface MigrateOptions {
  /** Folder of the migrations: that of `generateMigration`, or the one of this database inside it. */
  readonly folder: string
  /** How long to wait for another process that migrates, in milliseconds. @default 60000 */
  readonly wait?: number
}

export interface MigrationState {
  readonly tag: string
  readonly applied: boolean
  /** Whether the file is another one than that which ran. */
  readonly changed: boolean
}

/**
 * Runs the migrations that have not run yet, all in one transaction. From `kwik/database`.
 * When several processes start at once, one of them migrates and the others wait. A second call does nothing.
 *
 * @returns names of the migrations that ran
 * @throws {MigrationError} when a statement is refused, naming the migration; nothing has changed then
 * @example
 * await migrate(db, { folder: 'migrations' })
 */
export async function migrate(database: Database, { folder, wait = 60_000 }: MigrateOptions): Promise<string[]> {
  const migrations = readMigrations(folder, database.dialect)
  const { engine } = facadeOf(database)
  if (database.inTransaction) throw new MigrationError('migrate() makes its own transaction: call it outside of tx()')
  if (pendingOf(migrations, await appliedTo(database, engine.session)).length === 0) return []
  const transaction = await engine.beginMaintenance(wait)
  try {
    const pending = pendingOf(migrations, await appliedTo(database, transaction))
    for (const text of bookkeeping[database.dialect].create) await transaction.execute(text, [])
    for (const migration of pending) await run(database, transaction, migration)
    if (database.dialect === 'sqlite') await checkReferences(transaction)
    await transaction.commit()
    return pending.map(({ tag }) => tag)
  } catch (error) {
    await transaction.rollback()
    throw error
  }
}

/** Which migrations of a folder have run. From `kwik/database`. */
export async function migrationStatus(
  database: Database,
  { folder }: Pick<MigrateOptions, 'folder'>,
): Promise<MigrationState[]> {
  const applied = await appliedTo(database, facadeOf(database).engine.session)
  return readMigrations(folder, database.dialect).map(({ tag, when, hash }) => ({
    tag,
    applied: applied.has(when),
    changed: applied.has(when) && applied.get(when) !== hash,
  }))
}

/** The same places and columns as drizzle's own migrators: either may go on where the other stopped. */
const bookkeeping = {
  sqlite: {
    exists: "select name from sqlite_master where name = '__drizzle_migrations'",
    create: [
      'create table if not exists __drizzle_migrations (id integer primary key, hash text not null, created_at numeric)',
    ],
    read: 'select created_at, hash from __drizzle_migrations',
    add: 'insert into __drizzle_migrations (hash, created_at) values (?, ?)',
  },
  postgresql: {
    // Not to_regclass: it answers from a cache of the connection, which an advisory lock does not refresh.
    exists: "select 1 from pg_catalog.pg_tables where schemaname = 'drizzle' and tablename = '__drizzle_migrations'",
    create: [
      'create schema if not exists drizzle',
      'create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)',
    ],
    read: 'select created_at, hash from drizzle.__drizzle_migrations',
    add: 'insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)',
  },
} as const

async function appliedTo({ dialect }: Database, session: Session): Promise<Map<number, string>> {
  const { exists, read } = bookkeeping[dialect]
  if ((await session.values(exists, [])).length === 0) return new Map()
  return new Map((await session.values(read, [])).map(([when, hash]) => [Number(when), String(hash)]))
}

/** By their moment, one by one: a branch that was merged late may bring an older one. */
const pendingOf = (migrations: readonly Migration[], applied: ReadonlyMap<number, string>): Migration[] =>
  migrations.filter(({ when }) => !applied.has(when))

async function run(database: Database, transaction: Transaction, migration: Migration): Promise<void> {
  try {
    for (const statement of migration.statements) await transaction.execute(statement, [])
    await transaction.execute(bookkeeping[database.dialect].add, [migration.hash, migration.when])
  } catch (error) {
    const reason = ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message
    throw new MigrationError(`${migration.tag} failed, nothing was changed: ${reason}`, [], error)
  }
}

/** Foreign keys are off while tables are made anew: what points at nothing afterwards is found here. */
async function checkReferences(transaction: Transaction): Promise<void> {
  const [broken] = await transaction.values('pragma foreign_key_check', [])
  if (broken)
    throw new MigrationError(
      `after these migrations a row of ${String(broken[0])} points at a row of ${String(broken[2])} that is not there; nothing was changed`,
    )
}
