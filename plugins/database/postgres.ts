import type { Pool } from 'pg'
import { connectPool, isStale, noStatements, type PostgresOptions, runOn } from './adapters/postgres.ts'
import { beginOn, beginSnapshotOn, type Outcome, reserve } from './postgres-connection.ts'
import { copyOn } from './postgres-copy.ts'
import { postgresError } from './postgres-errors.ts'
import { Listeners } from './postgres-listen.ts'
import type { Engine } from './session.ts'

/** Any number, as long as every process takes the same: "kwik" in ASCII. */
const maintenanceLock = 0x6b77696b

/** PostgreSQL behind the facade: a pool for statements, a connection of its own for each transaction. */
export function postgresEngine(options: PostgresOptions): Engine {
  let pool: Promise<Pool> | undefined
  let opened: Pool | undefined
  const statements = noStatements()
  const listeners = new Listeners(options)
  const connected = (): Promise<Pool> => (pool ??= connectPool(options).then((made) => (opened = made)))

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

  return {
    dialect: 'postgresql',
    session: {
      values: async (text, parameters) => (await query(text, parameters)).rows,
      execute: async (text, parameters) => ({ changes: (await query(text, parameters)).changes }),
    },
    begin: async () => beginOn(await reserve(await connected(), statements)),
    beginSnapshot: async (timeout) => beginSnapshotOn(await reserve(await connected(), statements), timeout),
    beginMaintenance: async (wait) => {
      const transaction = await beginOn(await reserve(await connected(), statements))
      try {
        await transaction.execute(`set local lock_timeout = ${Math.ceil(wait)}`, [])
        await transaction.execute(`select pg_advisory_xact_lock(${maintenanceLock})`, [])
        return transaction
      } catch (error) {
        await transaction.rollback()
        throw error
      }
    },
    template: async () => ({ copy: async () => copyOn(await reserve(await connected(), statements)) }),
    pool: () =>
      opened && {
        used: opened.totalCount - opened.idleCount,
        idle: opened.idleCount,
        waiting: opened.waitingCount,
        most: options.poolSize,
      },
    listen: (channel, heard, missed) => listeners.listen(channel, heard, missed),
    close: async () => {
      await listeners.close()
      if (pool) await (await pool).end()
    },
  }
}
