import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { LRUCache } from 'lru-cache'
import type { Values } from '#core/ports/database'
import { isExplain, preparedStatements, type SqliteConnection, type SqliteDriver } from './sqlite-driver.ts'

type NodeSqlite = typeof import('node:sqlite')
/** Newer than the types: SQLite's own serialize and deserialize. */
type Serializable = DatabaseSync & { serialize(): Uint8Array; deserialize(image: Uint8Array): void }

/** SQLite through node:sqlite, on Deno. */
export function nodeSqlite(): SqliteDriver {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite') as NodeSqlite
  return {
    open: (path) => connection(new DatabaseSync(path) as Serializable),
    deserialize: (image) => {
      const database = new DatabaseSync(':memory:') as Serializable
      database.deserialize(image)
      return connection(database)
    },
  }
}

/** node:sqlite takes no booleans and no undefined. */
const bound = (value: unknown): SQLInputValue =>
  typeof value === 'boolean' ? Number(value) : value === undefined ? null : (value as SQLInputValue)

function connection(database: Serializable): SqliteConnection {
  const statements = new LRUCache<string, StatementSync>({ max: preparedStatements })
  const prepared = (text: string): StatementSync => {
    const known = statements.get(text)
    if (known) return known
    // Deno answers the columns that `*` had when the statement was prepared, also when the table has others now:
    // such a statement is prepared each time, after a look at the tables as they are.
    const lasting = !text.includes('*') && !isExplain(text)
    if (!lasting) database.prepare('select 1 from sqlite_master').get()
    const statement = database.prepare(text)
    statement.setReturnArrays(true)
    if (lasting) statements.set(text, statement)
    return statement
  }
  return {
    values: (text, parameters) => prepared(text).all(...parameters.map(bound)) as unknown as Values[],
    execute: (text, parameters) => {
      if (parameters.length > 0) return { changes: Number(prepared(text).run(...parameters.map(bound)).changes) }
      database.exec(text)
      return { changes: Number(database.prepare('select changes()').get()?.['changes()'] ?? 0) }
    },
    serialize: () => database.serialize(),
    close: () => {
      statements.clear()
      database.close()
    },
  }
}
