import type { Database as BunDatabase, Statement } from 'bun:sqlite'
import { LRUCache } from 'lru-cache'
import type { Values } from '#core/ports/database'
import { isExplain, preparedStatements, type SqliteConnection, type SqliteDriver } from './sqlite-driver.ts'

type BunSqlite = typeof import('bun:sqlite')

/** SQLite through bun:sqlite. */
export function bunSqlite(): SqliteDriver {
  const { Database } = process.getBuiltinModule('bun:sqlite' as never) as unknown as BunSqlite
  return {
    open: (path) => connection(new Database(path, { create: true, readwrite: true })),
    deserialize: (image) => connection(Database.deserialize(image)),
  }
}

function connection(database: BunDatabase): SqliteConnection {
  const statements = new LRUCache<string, Statement<unknown, never[]>>({
    max: preparedStatements,
    dispose: (statement) => statement.finalize(),
  })
  const prepared = (text: string): Statement<unknown, never[]> => {
    let statement = statements.get(text)
    if (!statement) {
      statement = database.prepare(text)
      statements.set(text, statement)
    }
    return statement
  }
  const explained = (text: string, parameters: readonly unknown[]): Values[] => {
    const statement = database.prepare(text)
    try {
      return statement.values(...(parameters as never[])) as Values[]
    } finally {
      statement.finalize()
    }
  }
  return {
    values: (text, parameters) =>
      isExplain(text)
        ? explained(text, parameters)
        : ((prepared(text).values(...(parameters as never[])) ?? []) as Values[]),
    execute: (text, parameters) =>
      parameters.length === 0 ? database.run(text) : prepared(text).run(...(parameters as never[])),
    serialize: () => database.serialize(),
    close: () => {
      statements.clear()
      database.close()
    },
  }
}
