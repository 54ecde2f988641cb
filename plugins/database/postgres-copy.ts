import { Gate } from './gate.ts'
import { bounded, type Reserved } from './postgres-connection.ts'
import type { Engine, Transaction } from './session.ts'

/** One connection in a transaction that is never committed: what happens in it, nobody else sees, and nothing stays. */
export async function copyOn(reserved: Reserved): Promise<Engine> {
  const { run, values, execute, release } = reserved
  const gate = new Gate()
  await run('begin').catch((error: unknown) => {
    release(true)
    throw error
  })

  /** A statement that fails would end the whole transaction: each one has its savepoint. */
  const alone = async <T>(work: () => T | Promise<T>): Promise<T> => {
    const transaction = await begin()
    try {
      const result = await work()
      await transaction.commit()
      return result
    } catch (error) {
      await transaction.rollback()
      throw error
    }
  }

  const begin = async (more = ''): Promise<Transaction> => {
    const leave = await gate.enter()
    let open = true
    const end = async (...texts: string[]): Promise<void> => {
      if (!open) return
      open = false
      try {
        for (const text of texts) await run(text)
      } finally {
        leave()
      }
    }
    try {
      await run(`savepoint kwik_copy${more}`)
    } catch (error) {
      leave()
      throw error
    }
    const rollback = (): Promise<void> => end('rollback to savepoint kwik_copy', 'release savepoint kwik_copy')
    return {
      values,
      execute,
      rollback,
      commit: async () => {
        // Refused when a statement failed in it.
        await run('release savepoint kwik_copy').catch(async (error: unknown) => {
          await rollback()
          throw error
        })
        await end()
      },
    }
  }

  return {
    dialect: 'postgresql',
    session: {
      values: (text, parameters) => alone(() => values(text, parameters)),
      execute: (text, parameters) => alone(() => execute(text, parameters)),
    },
    begin: () => begin(),
    // Nobody else writes here: what the savepoint sees is one state. Going back to it undoes the settings.
    beginSnapshot: async (timeout) => {
      const transaction = await begin(`; set transaction read only${bounded(timeout)}`)
      return { ...transaction, commit: transaction.rollback }
    },
    beginMaintenance: () => begin(),
    template: () => Promise.reject(new TypeError('isolate() cannot be nested on PostgreSQL')),
    close: () =>
      run('rollback').then(
        () => release(),
        () => release(true),
      ),
  }
}
