import type { Pool, PoolClient } from 'pg'
import { DatabaseError } from '#core/database-error'
import { connectPool, isStale, type PostgresOptions, runOn, type Statements } from './adapters/postgres.ts'
import { Gate } from './gate.ts'
import { postgresError } from './postgres-errors.ts'
import type { Engine, Session, Transaction } from './session.ts'

/** PostgreSQL behind the facade: a pool for statements, a connection of its own for each transaction. */
export function postgresEngine(options: PostgresOptions): Engine {
  let pool: Promise<Pool> | undefined
  const statements: Statements = { names: new Map(), given: 0 }
  const connected = (): Promise<Pool> => (pool ??= connectPool(options))
  let closed = false

  const query = async (text: string, parameters: readonly unknown[]): Promise<Outcome> => {
    try {
      const runner = await connected()
      // A stale plan has not run: made anew, it is right.
      return await runOn(runner, statements, text, parameters).catch((error: unknown) => {
        if (!isStale(error)) throw error
        return runOn(runner, statements, text, parameters)
      })
    } catch (error) {
      throw postgresError(error, text)
    }
  }

  const reserve = async (): Promise<Reserved> => {
    const client = await guarded('connect', async () => (await connected()).connect())
    // Without a listener, a connection that breaks while nothing runs on it ends the process.
    const ignore = (): void => {}
    client.on('error', ignore)
    return {
      client,
      session: {
        values: async (text, parameters) => (await outcome(client, statements, text, parameters)).rows,
        execute: async (text, parameters) => ({
          changes: (await outcome(client, statements, text, parameters)).changes,
        }),
      },
      release: (broken) => {
        client.off('error', ignore)
        client.release(broken)
      },
    }
  }

  const begin = async (first = 'begin'): Promise<Transaction> => {
    const reserved = await reserve()
    try {
      await outcome(reserved.client, statements, first, [])
    } catch (error) {
      reserved.release(true)
      throw error
    }
    return transactionOn(reserved, statements)
  }

  return {
    dialect: 'postgresql',
    session: {
      values: async (text, parameters) => (await query(text, parameters)).rows,
      execute: async (text, parameters) => ({ changes: (await query(text, parameters)).changes }),
    },
    begin: () => begin(),
    beginMaintenance: async (wait) => {
      const transaction = await begin()
      await transaction.execute(`set local lock_timeout = ${Math.ceil(wait)}`, [])
      await transaction.execute(`select pg_advisory_xact_lock(${maintenanceLock})`, [])
      return transaction
    },
    template: async () => ({ copy: async () => pinned(await reserve(), statements) }),
    close: async () => {
      if (closed) return
      closed = true
      if (pool) await (await pool).end()
    },
  }
}

type Outcome = Awaited<ReturnType<typeof runOn>>

interface Reserved {
  readonly client: PoolClient
  readonly session: Session
  release(broken?: boolean): void
}

/** Any number, as long as every process takes the same: "kwik" in ASCII. */
const maintenanceLock = 0x6b77696b

async function guarded<T>(text: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw postgresError(error, text)
  }
}

const outcome = (
  runner: Pool | PoolClient,
  statements: Statements,
  text: string,
  parameters: readonly unknown[],
): Promise<Outcome> => guarded(text, () => runOn(runner, statements, text, parameters))

function transactionOn({ client, session, release }: Reserved, statements: Statements): Transaction {
  return {
    ...session,
    commit: async () => {
      try {
        const { command } = await outcome(client, statements, 'commit', [])
        // An error that the callback caught has ended the transaction: the server rolls back, and says so in the tag alone.
        if (command !== 'COMMIT')
          throw new DatabaseError({ failure: 'other', verb: 'commit' }, 'rolled back by the server')
        release()
      } catch (error) {
        release(!(error instanceof DatabaseError && error.failure !== 'unavailable'))
        throw error
      }
    },
    rollback: async () => {
      try {
        await outcome(client, statements, 'rollback', [])
        release()
      } catch {
        release(true)
      }
    },
  }
}

/** One connection in a transaction that is never committed: what happens in it, nobody else sees, and nothing stays. */
async function pinned(reserved: Reserved, statements: Statements): Promise<Engine> {
  const { client, session } = reserved
  const run = (text: string): Promise<Outcome> => outcome(client, statements, text, [])
  await run('begin')
  const gate = new Gate()
  /** A statement that fails would end the whole transaction: each one has its savepoint. */
  const alone = async <T>(work: () => T | Promise<T>): Promise<T> => {
    const leave = await gate.enter()
    try {
      await run('savepoint kwik_statement')
      try {
        const result = await work()
        await run('release savepoint kwik_statement')
        return result
      } catch (error) {
        await run('rollback to savepoint kwik_statement')
        throw error
      }
    } finally {
      leave()
    }
  }
  const begin = async (): Promise<Transaction> => {
    const leave = await gate.enter()
    await run('savepoint kwik_transaction')
    return {
      ...session,
      commit: async () => {
        try {
          await run('release savepoint kwik_transaction')
        } catch (error) {
          await run('rollback to savepoint kwik_transaction')
          throw error
        } finally {
          leave()
        }
      },
      rollback: async () => {
        await run('rollback to savepoint kwik_transaction').finally(leave)
      },
    }
  }
  return {
    dialect: 'postgresql',
    session: {
      values: (text, parameters) => alone(() => session.values(text, parameters)),
      execute: (text, parameters) => alone(() => session.execute(text, parameters)),
    },
    begin,
    beginMaintenance: begin,
    template: () => Promise.reject(new TypeError('isolate() cannot be nested on PostgreSQL')),
    close: async () => {
      await run('rollback').then(
        () => reserved.release(),
        () => reserved.release(true),
      )
    },
  }
}
