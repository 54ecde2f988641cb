import { DatabaseError, type FailureFacts } from '#core/database-error'
import type { Broken } from './sqlite-references.ts'

/** Extended result codes of SQLite, https://www.sqlite.org/rescode.html */
const failures: Readonly<Record<number, FailureFacts['failure']>> = {
  275: 'check',
  787: 'foreign-key',
  1299: 'not-null',
  1555: 'unique',
  1811: 'foreign-key',
  2067: 'unique',
  2579: 'unique',
  3091: 'value',
  18: 'value',
  20: 'value',
  5: 'busy',
  6: 'busy',
  8: 'unavailable',
  10: 'unavailable',
  13: 'unavailable',
  14: 'unavailable',
}

/** Deno gives no code for statements without parameters: SQLite's own words are fixed. */
function codeIn(message: string): number {
  const words = [
    ['UNIQUE constraint failed', 2067],
    ['FOREIGN KEY constraint failed', 787],
    ['NOT NULL constraint failed', 1299],
    ['CHECK constraint failed', 275],
    ['database is locked', 5],
    ['database table is locked', 6],
    ['unable to open database', 14],
  ] as const
  return words.find(([start]) => message.startsWith(start))?.[1] ?? 0
}

/** The error of bun:sqlite or node:sqlite, in Kwik's words. */
export function sqliteError(error: unknown, statement: string, broken?: () => Broken): DatabaseError {
  const { errno, errcode, message = '' } = error as { errno?: number; errcode?: number; message?: string }
  const code = errno ?? errcode ?? codeIn(message)
  // 1811 is a trigger; `on delete restrict` is one inside SQLite, and says what it is in the message alone.
  const failure =
    code === 1811 && !message.includes('FOREIGN KEY') ? 'check' : (failures[code] ?? failures[code & 0xff] ?? 'other')
  // `UNIQUE constraint failed: products.sku, products.shop_id`
  const named = /constraint failed: (.+)$/.exec(message)?.[1]
  if (failure === 'unique' || failure === 'not-null') {
    const places = (named ?? '').split(', ').map((place) => place.split('.'))
    return new DatabaseError(
      { failure, statement, table: places[0]?.[0], columns: places.flatMap(([, column]) => (column ? [column] : [])) },
      error,
    )
  }
  if (failure === 'foreign-key' && !/^\s*delete/i.test(statement))
    return new DatabaseError({ failure, statement, ...broken?.() }, error)
  return new DatabaseError({ failure, statement, constraint: failure === 'check' ? named : undefined }, error)
}
