import type { Table } from 'drizzle-orm'
import type { SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy'
import type { ProblemError } from '../problem.ts'
import type { PoolUse, QueryObserver } from './query-observer.ts'

export type Dialect = 'sqlite' | 'postgresql'

/** One row as a driver gives it: values in the order of the columns that were selected. */
export type Values = readonly unknown[]

/**
 * The database as plugins and handlers see it. Made by `openDatabase()` of the database plugin.
 * Inside `tx()` every call of the same asynchronous flow joins the transaction, whichever object it goes through.
 */
export interface Database {
  readonly dialect: Dialect
  /** What holds the rows for the calling flow; another object in a test's clone. What is cached of rows is kept apart by it. */
  readonly engine?: object
  /**
   * drizzle's query builder. Typed as its asynchronous SQLite form on both databases: the words are the same.
   * It has no `transaction`: use `tx()`. For SQL of your own there are `values()` and `execute()`.
   */
  readonly drizzle: Omit<
    SqliteRemoteDatabase<Record<string, never>>,
    'transaction' | 'batch' | 'run' | 'all' | 'get' | 'values' | 'query'
  >
  /**
   * Runs one statement that is kept prepared by its text, and answers its rows as arrays of driver values.
   * Placeholders are `?` on SQLite and `$1` on PostgreSQL.
   */
  values(text: string, parameters?: readonly unknown[]): Promise<Values[]>
  /** The same without waiting, where the driver can (SQLite outside a transaction of somebody else); else `undefined`. */
  valuesNow?(text: string, parameters?: readonly unknown[]): Values[] | undefined
  /** Runs statements that answer nothing. Several, separated by `;`, when there are no parameters. */
  execute(text: string, parameters?: readonly unknown[]): Promise<{ readonly changes: number }>
  /**
   * Runs the callback in a transaction: commits when it resolves, rolls back when it throws. Nested calls are savepoints.
   * On PostgreSQL a serialization failure runs the callback again, at most three times.
   */
  tx<T>(run: () => Promise<T> | T): Promise<T>
  /**
   * Runs the callback with everything that it reads in one state of the database, whatever others commit meanwhile. It only
   * reads: where it writes, the database refuses. Inside `tx()` it joins, and sees what the transaction sees.
   *
   * On PostgreSQL it costs two round trips, and a statement of it that takes longer than `timeout` milliseconds is cancelled:
   * it fails with `timeout`, 503 KWIK_QUERY_TIMEOUT. SQLite runs statements to their end, for its drivers cannot interrupt
   * one: there `timeout` says nothing, and a single statement, which is one state by itself, is best left to `valuesNow()`.
   */
  snapshot<T>(run: () => Promise<T> | T, options?: { readonly timeout?: number }): Promise<T>
  /** Whether the caller is inside `tx()` or `snapshot()`. */
  readonly inTransaction: boolean
  /** What stands for the caller's outermost transaction, to keep what belongs to it by; each attempt is another. */
  readonly transaction?: object | undefined
  /**
   * Runs last in the outermost transaction of the caller, just before its COMMIT: what it throws rolls everything back.
   * Without a transaction it runs at once, and its answer is this one's; for a savepoint that was rolled back never.
   *
   * @param undone runs, where `run` did or began to, if the transaction was not committed, or nobody knows whether it was
   */
  beforeCommit(run: () => void | Promise<void>, undone?: () => void | Promise<void>): void | Promise<void>
  /**
   * Runs after the outermost commit of the caller's transaction, which waits for it; at once without one; never after a
   * rollback. It is told when that commit was, in the time of `performance.now()`.
   */
  afterCommit(run: (committedAt: number) => void | Promise<void>): void
  /** What a client is told of an error of this database; `undefined` for other errors. */
  problemOf?(error: unknown): ProblemError | undefined
  /** Tells of every statement from now on. @returns how to stop it */
  observe?(observer: QueryObserver): () => void
  /** How its connections are used, where there are several. */
  pool?(): PoolUse | undefined
  /**
   * Hears what is said with NOTIFY on a channel, over a connection of its own, which is made anew when it breaks. PostgreSQL alone.
   * @param missed is told when it is back after that: what was said meanwhile is lost
   * @returns how to stop it, once it hears
   */
  listen?(channel: string, heard: (payload: string) => void, missed: () => void): Promise<() => Promise<void>>
  /** Whether the database answers. */
  ping(): Promise<boolean>
  close(): Promise<void>
}

export type FieldType =
  | 'string'
  | 'text'
  | 'int'
  | 'bigint'
  | 'decimal'
  | 'float'
  | 'bool'
  | 'date'
  | 'datetime'
  | 'uuid'
  | 'email'
  | 'url'
  | 'json'
  | 'enum'
  | 'list'
  | 'ref'
  | 'file'

/** What is known of one field of a table, whatever the database. */
export interface Field {
  /** Name in TypeScript and on the wire: `createdAt`. */
  readonly name: string
  /** Name of the column: `created_at`. */
  readonly column: string
  readonly type: FieldType
  readonly nullable: boolean
  /** Whether a row can be inserted without it. */
  readonly hasDefault: boolean
  readonly primaryKey: boolean
  readonly unique: boolean
  /** Values of an enum. */
  readonly values?: readonly string[]
  /** Longest text, in characters. */
  readonly maxLength?: number
  /** Digits of a decimal, and how many of them are after the point. */
  readonly precision?: number
  readonly scale?: number
  /** Whole numbers that an `int` takes. @default those of 32 bits */
  readonly range?: readonly [least: number, most: number]
  /** Type of the items of a list, or of a plain table's own array. */
  readonly items?: Exclude<FieldType, 'list' | 'json' | 'ref' | 'file'>
  /** What a `ref` points at. */
  readonly references?: {
    readonly table: string
    readonly field: string
    readonly onDelete?: 'cascade' | 'restrict' | 'set null'
  }
  /** Type in which a `ref` is stored: that of the key it points at. */
  readonly keyType?: 'uuid' | 'int' | 'bigint' | 'string'
  /** Written by the server alone: ids, audit columns, version. */
  readonly server?: 'id' | 'createdAt' | 'updatedAt' | 'createdBy' | 'updatedBy' | 'deletedAt' | 'version'
  /** Never leaves: password hashes. */
  readonly hidden?: boolean
  /** Clients read it and never write it. */
  readonly readonly?: boolean
  /** Kept in NFC and lower case, so that no two spellings of one text are two values: e-mail addresses. */
  readonly lowercase?: boolean
  /** Kept in an index. */
  readonly index?: boolean
  /** What the database fills in when an insert leaves the field out, as a row has it. */
  readonly defaultValue?: unknown
}

/**
 * A table declared once for both databases, made by `defineTable()`. Row and insert types are the same on both.
 * `Row` is what a select gives, `Insert` what an insert takes.
 */
export interface TableDefinition<
  Name extends string = string,
  Row = unknown,
  Insert = unknown,
  Drizzle extends Table = Table,
> {
  readonly name: Name
  readonly fields: Readonly<Record<string, Field>>
  /** Fields that are unique together, beside those that are unique alone. */
  readonly uniques?: readonly (readonly string[])[]
  /** drizzle's table for the database: `db.drizzle.select().from(products.for(db))`. */
  for(database: { readonly dialect: Dialect }): Drizzle
  readonly $inferSelect: Row
  readonly $inferInsert: Insert
}

/** A table for shapes and resources: declared once for both databases, or a plain drizzle table of one. */
export type TableLike = TableDefinition | Table
