import { DatabaseError } from '#core/database-error'
import type { Values } from '#core/ports/database'
import type { SqliteConnection, SqliteDriver } from './adapters/sqlite-driver.ts'
import { Gate } from './gate.ts'
import type { Engine, Transaction } from './session.ts'
import { sqliteError } from './sqlite-errors.ts'
import { brokenOf } from './sqlite-references.ts'

/** How long a connection itself waits for a lock of another process, in milliseconds: the event loop waits with it. */
const blockingWait = 50
/** Kilobytes of pages that a connection keeps in memory at most. */
const pageCache = 32_768
/** How long a transaction may wait for other processes in all, without blocking. */
const patience = 5000

export interface SqliteOptions {
  /** Path of the file, or `:memory:`. */
  readonly path: string
  readonly driver: SqliteDriver
}

/** SQLite behind the facade: one connection for statements, and for files another one for transactions. */
export function sqliteEngine({ path, driver }: SqliteOptions): Engine {
  const main = prepare(driver.open(path))
  if (path === ':memory:') return engineOf(driver, main, () => main)
  let second: SqliteConnection | undefined
  return engineOf(driver, main, () => {
    second ??= prepare(driver.open(path))
    return second
  })
}

function prepare(connection: SqliteConnection): SqliteConnection {
  insist(() => connection.execute('pragma journal_mode = wal', []))
  connection.execute('pragma synchronous = normal', [])
  connection.execute('pragma foreign_keys = on', [])
  connection.execute(`pragma busy_timeout = ${blockingWait}`, [])
  // SQLite keeps 2 MB by itself, and reads the rest from the system again and again. Taken as pages are read.
  connection.execute(`pragma cache_size = -${pageCache}`, [])
  return connection
}

/** Another process may be changing the journal of a new file: SQLite does not wait for that by itself. */
function insist(run: () => void): void {
  for (let attempt = 1; ; attempt++) {
    try {
      run()
      return
    } catch (error) {
      if (attempt === 100 || sqliteError(error, '').failure !== 'busy') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    }
  }
}

function engineOf(driver: SqliteDriver, main: SqliteConnection, forTransactions: () => SqliteConnection): Engine {
  const gate = new Gate()
  let other: SqliteConnection | undefined
  const transactions = (): SqliteConnection => (other ??= forTransactions())
  /** A second connection sees what is committed: reads need not wait. Writes do, for SQLite has one writer. */
  const mayPass = (text: string): boolean => gate.open || (other !== undefined && other !== main && isRead(text))
  const now = (text: string, parameters: readonly unknown[]): Values[] =>
    guarded(main, text, () => main.values(text, parameters), parameters)

  const begin = async (wait: number, mode: string, before?: string, after?: string): Promise<Transaction> => {
    const leave = await gate.enter()
    try {
      const connection = transactions()
      if (before) guarded(connection, before, () => connection.execute(before, []))
      await patiently(wait, () => guarded(connection, mode, () => connection.execute(mode, [])))
      return transactionOn(connection, () => {
        try {
          if (after) connection.execute(after, [])
        } finally {
          leave()
        }
      })
    } catch (error) {
      leave()
      throw error
    }
  }

  return {
    dialect: 'sqlite',
    session: {
      values: (text, parameters) =>
        mayPass(text) ? retried(() => now(text, parameters)) : gate.pass(() => retried(() => now(text, parameters))),
      valuesNow: (text, parameters) => {
        if (!mayPass(text)) return
        try {
          return now(text, parameters)
        } catch (error) {
          // Another process writes: who asks again with `values` waits for it.
          if (isBusy(error)) return
          throw error
        }
      },
      execute: (text, parameters) => {
        const run = () => retried(() => guarded(main, text, () => main.execute(text, parameters), parameters))
        return mayPass(text) ? run() : gate.pass(run)
      },
    },
    begin: () => begin(patience, 'begin immediate'),
    // It waits for no writer of another process, and none waits for it: its state is that of its first statement.
    beginSnapshot: () => begin(patience, 'begin', 'pragma query_only = on', 'pragma query_only = off'),
    // Changing a table in SQLite means making it anew: with foreign keys on, dropping the old one would delete what refers to it.
    beginMaintenance: (wait) => begin(wait, 'begin immediate', 'pragma foreign_keys = off', 'pragma foreign_keys = on'),
    template: async () => {
      const image = await gate.pass(() => imageOf(main))
      return { copy: async () => copyOf(driver, image) }
    },
    close: async () => {
      const leave = await gate.enter()
      if (other && other !== main) other.close()
      main.close()
      leave()
    },
  }
}

/** The bytes of a database, fit for memory. */
function imageOf(connection: SqliteConnection): Uint8Array {
  const image = Uint8Array.from(connection.serialize())
  // Memory has no write-ahead log: these two bytes say whether a file uses one (https://www.sqlite.org/fileformat2.html, 1.3).
  if (image[18] === 2) image.set([1, 1], 18)
  return image
}

function copyOf(driver: SqliteDriver, image: Uint8Array): Engine {
  const connection = driver.deserialize(image)
  connection.execute('pragma foreign_keys = on', [])
  return engineOf(driver, connection, () => connection)
}

function transactionOn(connection: SqliteConnection, done: () => void): Transaction {
  const values = (text: string, parameters: readonly unknown[]): Values[] =>
    guarded(connection, text, () => connection.values(text, parameters), parameters)
  const rollback = (): void => {
    try {
      connection.execute('rollback', [])
    } catch {
      // SQLite has rolled back by itself: a full disk, for example.
    }
  }
  return {
    values,
    valuesNow: values,
    execute: (text, parameters) => guarded(connection, text, () => connection.execute(text, parameters), parameters),
    commit: async () => {
      try {
        guarded(connection, 'commit', () => connection.execute('commit', []))
      } catch (error) {
        rollback()
        throw error
      } finally {
        done()
      }
    },
    rollback: async () => {
      rollback()
      done()
    },
  }
}

function guarded<T>(connection: SqliteConnection, text: string, run: () => T, parameters: readonly unknown[] = []): T {
  try {
    return run()
  } catch (error) {
    throw sqliteError(error, text, () => brokenOf(connection, text, parameters))
  }
}

const isBusy = (error: unknown): boolean => error instanceof DatabaseError && error.failure === 'busy'

/** A statement that another process kept out has not run: it may run again. */
function retried<T>(run: () => T): T | Promise<T> {
  try {
    return run()
  } catch (error) {
    if (isBusy(error)) return patiently(patience, run)
    throw error
  }
}

async function patiently<T>(wait: number, run: () => T): Promise<T> {
  const until = performance.now() + wait
  for (;;) {
    try {
      return run()
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error
      await new Promise((go) => setTimeout(go, 5 + Math.random() * 20))
    }
  }
}

/** Whether a statement surely writes nothing. */
const isRead = (text: string): boolean =>
  /^\s*(select|values|explain)\b/i.test(text) ||
  (/^\s*with\b/i.test(text) && !/\b(insert|update|delete|replace)\b/i.test(text))
