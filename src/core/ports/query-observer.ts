import type { Dialect } from './database.ts'

/** A statement that a database has run, or refused. */
export interface ObservedQuery {
  readonly dialect: Dialect
  /** As it was sent, with placeholders for its parameters; what is written into it stands there. */
  readonly text: string
  /** When it was asked for, by `performance.now()`. */
  readonly startedAt: number
  /** Milliseconds until it was answered, with the wait for a connection. */
  readonly ms: number
  /** Rows that were answered, or changed. */
  readonly rows: number
  /** Why it failed. */
  readonly error?: unknown
}

/** Told of each statement when it has ended, in the asynchronous flow that asked for it. It must not throw. */
export type QueryObserver = (query: ObservedQuery) => void

/** Connections of a pool. */
export interface PoolUse {
  readonly used: number
  readonly idle: number
  /** Callers that wait for one. */
  readonly waiting: number
  readonly most: number
}
