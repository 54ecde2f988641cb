import { drizzle as overPostgres } from 'drizzle-orm/pg-proxy'
import { drizzle as overSqlite } from 'drizzle-orm/sqlite-proxy'
import type { Database, Values } from '#core/ports/database'

type Runner = Pick<Database, 'dialect' | 'values' | 'execute'>

/**
 * drizzle's query builder over our own connection, so that its statements join our transactions.
 * On PostgreSQL the object is drizzle's PostgreSQL form; the words that both have are the ones the type shows.
 */
export function drizzleOver(database: Runner): Database['drizzle'] {
  if (database.dialect === 'postgresql')
    return overPostgres(async (text, parameters, method) => {
      const rows = mutable(await database.values(text, parameters))
      // Of the words that the type shows, `$count` alone reads a row that drizzle does not map: by this name.
      return { rows: method === 'execute' ? rows.map((row) => ({ count: row[0] })) : rows }
    }) as unknown as Database['drizzle']
  return overSqlite(async (text, parameters, method) => {
    if (method === 'run') {
      await database.execute(text, parameters)
      return { rows: [] }
    }
    const rows = mutable(await database.values(text, parameters))
    return { rows: method === 'get' ? rows[0]! : rows }
  })
}

const mutable = (rows: readonly Values[]): unknown[][] => rows as unknown[][]
