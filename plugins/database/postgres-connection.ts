import type { Pool, PoolClient } from 'pg'
import { DatabaseError } from '#core/database-error'
import { runOn, type Statements } from './adapters/postgres.ts'
import { postgresError } from './postgres-errors.ts'
import type { Session, Transaction } from './session.ts'

export type Outcome = Awaited<ReturnType<typeof runOn>>

/** One connection of the pool, for one user until it is released. */
export interface Reserved extends Session {
  run(text: string, parameters?: readonly unknown[]): Promise<Outcome>
  /** @param broken the pool throws it away */
  release(broken?: boolean): void
}

/** Takes a connection out of the pool. Statements of one connection run one after the other, whoever started them. */
export async function reserve(pool: Pool, statements: Statements): Promise<Reserved> {
  const client = await pool.connect().catch((error: unknown) => {
    throw postgresError(error, 'connect')
  })
  // Without a listener, a connection that breaks while nothing runs on it ends the process.
  const ignore = (): void => {}
  client.on('error', ignore)
  let last: Promise<unknown> = Promise.resolve()
  const run = (text: string, parameters: readonly unknown[] = []): Promise<Outcome> => {
    const mine = last.then(() => ask(client, statements, text, parameters))
    last = mine.catch(() => {})
    return mine
  }
  return {
    run,
    values: async (text, parameters) => (await run(text, parameters)).rows,
    execute: async (text, parameters) => ({ changes: (await run(text, parameters)).changes }),
    release: (broken) => {
      client.off('error', ignore)
      client.release(broken)
    },
  }
}

async function ask(
  client: PoolClient,
  statements: Statements,
  text: string,
  parameters: readonly unknown[],
): Promise<Outcome> {
  try {
    return await runOn(client, statements, text, parameters)
  } catch (error) {
    throw postgresError(error, text)
  }
}

/** What bounds the statements of a transaction, or of the savepoint that it comes after. */
export const bounded = (timeout: number | undefined): string =>
  timeout === undefined ? '' : `; set local statement_timeout = ${timeout}`

/** Begun in one round trip. How it ends changes nothing, so an error in it that was caught is none at the end. */
export async function beginSnapshotOn(reserved: Reserved, timeout: number | undefined): Promise<Transaction> {
  const begun = await beginOn(reserved, `begin isolation level repeatable read read only${bounded(timeout)}`)
  const end = (): Promise<void> =>
    reserved.run('commit').then(
      () => reserved.release(),
      () => reserved.release(true),
    )
  return { ...begun, commit: end, rollback: end }
}

export async function beginOn(reserved: Reserved, begin = 'begin'): Promise<Transaction> {
  const { values, execute, run, release } = reserved
  try {
    await run(begin)
  } catch (error) {
    release(true)
    throw error
  }
  return {
    values,
    execute,
    commit: async () => {
      try {
        const { command } = await run('commit')
        // An error that the callback caught has ended the transaction: the server rolls back, and says so in the tag alone.
        if (command !== 'COMMIT')
          throw new DatabaseError(
            { failure: 'other', statement: 'commit' },
            'rolled back, a statement in it had failed',
          )
        release()
      } catch (error) {
        release(!(error instanceof DatabaseError) || error.failure === 'unavailable')
        throw error
      }
    },
    rollback: async () => {
      try {
        await run('rollback')
        release()
      } catch {
        release(true)
      }
    },
  }
}
