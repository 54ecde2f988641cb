import type { Values } from '#core/ports/database'

/** One connection to a SQLite database. Statements are kept prepared by their text. */
export interface SqliteConnection {
  values(text: string, parameters: readonly unknown[]): Values[]
  execute(text: string, parameters: readonly unknown[]): { readonly changes: number }
  serialize(): Uint8Array
  close(): void
}

/** A driver of SQLite, as much as Kwik needs of it. */
export interface SqliteDriver {
  open(path: string): SqliteConnection
  deserialize(image: Uint8Array): SqliteConnection
}

/** How many statements a connection keeps prepared. */
export const preparedStatements = 300

/**
 * Whether a statement asks for a plan, and is prepared each time: SQLite does not notice that the tables of a plan have
 * changed, and Bun does not reset one that was read, so that its tables cannot be dropped.
 */
export const isExplain = (text: string): boolean => /^\s*explain\b/i.test(text)
