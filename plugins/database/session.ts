import type { Database, Dialect, Values } from '#core/ports/database'
import type { PoolUse } from '#core/ports/query-observer'

type Later<T> = T | Promise<T>

/** Where statements run: a connection, or a pool of them. */
export interface Session {
  values(text: string, parameters: readonly unknown[]): Later<Values[]>
  /** Answers at once, or not at all. */
  valuesNow?(text: string, parameters: readonly unknown[]): Values[] | undefined
  execute(text: string, parameters: readonly unknown[]): Later<{ readonly changes: number }>
}

/** A session with an open transaction. It is over after `commit` or `rollback`, whatever they answer. */
export interface Transaction extends Session {
  commit(): Promise<void>
  rollback(): Promise<void>
}

/** A database behind the facade. */
export interface Engine {
  readonly dialect: Dialect
  /** Statements outside of transactions. */
  readonly session: Session
  /** Opens a transaction, when its turn has come. */
  begin(): Promise<Transaction>
  /** A transaction that sees one state and writes nothing. @param timeout milliseconds that a statement may take */
  beginSnapshot(timeout: number | undefined): Promise<Transaction>
  /** A transaction for changes of the schema: nobody else has one, in no process. @param wait milliseconds */
  beginMaintenance(wait: number): Promise<Transaction>
  /** Keeps the present state: copies of it are databases that nobody else sees, and that are gone when they are closed. */
  template(): Promise<{ copy(): Promise<Engine> }>
  /** How its connections are used, where there are several. */
  pool?(): PoolUse | undefined
  /** Hears what is said with NOTIFY, where the database has it. */
  readonly listen?: NonNullable<Database['listen']>
  close(): Promise<void>
}
