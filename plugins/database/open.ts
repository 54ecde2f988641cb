import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { consoleLogger } from '#core/adapters/console-logger'
import type { Database } from '#core/ports/database'
import { bunSqlite } from './adapters/sqlite-bun.ts'
import type { SqliteDriver } from './adapters/sqlite-driver.ts'
import { nodeSqlite } from './adapters/sqlite-node.ts'
import { Facade } from './facade.ts'
import { type DatabaseOptions, resolveDatabaseOptions } from './options.ts'
import { postgresEngine } from './postgres.ts'
import type { Engine } from './session.ts'
import { sqliteEngine } from './sqlite.ts'

/**
 * Opens a database. From `kwik/database`. PostgreSQL is connected to at the first statement.
 * Keep the answer in one const and import it anywhere: a call finds the transaction of its own flow.
 *
 * @throws {TypeError} for a URL of another database
 * @example
 * const db = openDatabase({ url: 'sqlite:./data/app.sqlite' })
 * const rows = await db.values('select 1 + 1')
 */
export function openDatabase(options: DatabaseOptions): Database {
  return new Facade(engineFor(options), options.logger ?? consoleLogger)
}

function engineFor(options: DatabaseOptions): Engine {
  const { location, ...postgres } = resolveDatabaseOptions(options)
  if (location.dialect === 'postgresql') return postgresEngine({ url: location.url, ...postgres })
  const { path } = location
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
    return sqliteEngine({ path, driver: sqliteDriver() })
  } catch (cause) {
    throw new Error(`cannot open the SQLite database ${path}: ${(cause as Error).message}`, { cause })
  }
}

const sqliteDriver = (): SqliteDriver => ('Bun' in globalThis ? bunSqlite() : nodeSqlite())
