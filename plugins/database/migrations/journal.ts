import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { besideBinary } from '#core/internal/binary'
import type { Dialect } from '#core/ports/database'
import { MigrationError } from './errors.ts'

/** drizzle's list of migrations, `meta/_journal.json`. */
export interface Journal {
  readonly version: string
  readonly dialect: Dialect
  readonly entries: readonly {
    readonly idx: number
    readonly version: string
    /** Milliseconds since 1970; a migration is known by it. */
    readonly when: number
    readonly tag: string
    readonly breakpoints: boolean
  }[]
}

/** One migration, ready to run. */
export interface Migration {
  readonly tag: string
  readonly when: number
  readonly hash: string
  readonly statements: readonly string[]
}

export function readJournal(folder: string): Journal | undefined {
  const path = join(folder, 'meta', '_journal.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Journal) : undefined
}

/** The migrations of a folder, or of the database's folder inside it. */
export function readMigrations(said: string, dialect: Dialect): Migration[] {
  const folder = besideBinary(said)
  const own = readJournal(folder) ? folder : join(folder, dialect)
  const journal = readJournal(own)
  if (!journal)
    throw new MigrationError(`there are no migrations in ${own}: make one with generateMigration() or kwik db make`)
  if (journal.dialect !== dialect) throw new MigrationError(`the migrations in ${own} are for ${journal.dialect}`)
  return readMigrationFiles({ migrationsFolder: own }).map(({ sql, folderMillis, hash }, i) => ({
    tag: journal.entries[i]!.tag,
    when: folderMillis,
    hash,
    statements: sql.filter((statement) => statement.trim() !== ''),
  }))
}
