import { AsyncLocalStorage } from 'node:async_hooks'
import { isRetryable } from '#core/database-error'
import type { Database, Dialect, Values } from '#core/ports/database'
import type { Logger } from '#core/ports/logger'
import type { PoolUse, QueryObserver } from '#core/ports/query-observer'
import type { ProblemError } from '#core/problem'
import { drizzleOver } from './drizzle.ts'
import { type Before, Frame, type Hook } from './frame.ts'
import { Observers } from './observers.ts'
import { databaseProblem } from './problem.ts'
import type { Engine, Session, Transaction } from './session.ts'

/** What an asynchronous flow carries: the database it works on, and its open transaction. */
interface Flow {
  readonly engine: Engine
  readonly frame?: Frame
}

const attempts = 3
/** How long `close` waits for open transactions, in milliseconds. */
const closePatience = 5000

/** The one object that an app holds. What a call reaches depends on the flow it is made in. */
export class Facade implements Database {
  readonly dialect: Dialect
  readonly drizzle: Database['drizzle']
  readonly #engine: Engine
  readonly #logger: Logger
  readonly #flows = new AsyncLocalStorage<Flow>()
  readonly #observers = new Observers()
  #closing: Promise<void> | undefined

  constructor(engine: Engine, logger: Logger) {
    this.#engine = engine
    this.#logger = logger
    this.dialect = engine.dialect
    this.drizzle = drizzleOver(this)
  }

  async values(text: string, parameters: readonly unknown[] = []): Promise<Values[]> {
    if (this.#observers.none) return this.#session().values(text, parameters)
    return this.#observers.during(this.dialect, text, () => this.#session().values(text, parameters), countOf)
  }

  valuesNow(text: string, parameters: readonly unknown[] = []): Values[] | undefined {
    if (this.#observers.none) return this.#now(text, parameters)
    return this.#observers.duringNow(this.dialect, text, () => this.#now(text, parameters))
  }

  #now(text: string, parameters: readonly unknown[]): Values[] | undefined {
    const session = this.#session()
    if (!(session instanceof Frame)) return session.valuesNow?.(text, parameters)
    return session.gate.open ? session.session.valuesNow?.(text, parameters) : undefined
  }

  async execute(text: string, parameters: readonly unknown[] = []): Promise<{ readonly changes: number }> {
    if (this.#observers.none) return this.#session().execute(text, parameters)
    return this.#observers.during(
      this.dialect,
      text,
      () => this.#session().execute(text, parameters),
      ({ changes }) => changes,
    )
  }

  observe(observer: QueryObserver): () => void {
    return this.#observers.add(observer)
  }

  pool(): PoolUse | undefined {
    return this.engine.pool?.()
  }

  get inTransaction(): boolean {
    let frame = this.#flows.getStore()?.frame
    while (frame?.state === 'committed') frame = frame.outer
    return frame?.state === 'open'
  }

  get transaction(): object | undefined {
    let frame = this.#frame()
    while (frame?.outer) frame = frame.outer
    return frame
  }

  async tx<T>(run: () => Promise<T> | T): Promise<T> {
    const frame = this.#frame()
    return frame ? this.#savepoint(frame, run) : this.#retried(() => this.#transaction(this.engine.begin(), run))
  }

  async snapshot<T>(run: () => Promise<T> | T, { timeout }: { readonly timeout?: number } = {}): Promise<T> {
    if (timeout !== undefined && (!Number.isInteger(timeout) || timeout < 1))
      throw new TypeError(`timeout is a whole number of milliseconds from 1, not ${timeout}`)
    const frame = this.#frame()
    if (!frame) return this.#retried(() => this.#transaction(this.engine.beginSnapshot(timeout), run))
    return timeout === undefined || this.dialect === 'sqlite'
      ? run()
      : this.#savepoint(frame, run, readingWithin(timeout))
  }

  async #retried<T>(transact: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await transact()
      } catch (error) {
        if (attempt > attempts || !isRetryable(error)) throw error
        // Two that met once meet again, unless they wait differently.
        await new Promise((go) => setTimeout(go, 5 * 2 ** attempt * (0.5 + Math.random())))
      }
    }
  }

  beforeCommit(run: Before['run'], undone?: Before['undone']): void | Promise<void> {
    const frame = this.#frame()
    if (!frame) return run()
    frame.before.push({ run, undone })
  }

  afterCommit(run: Hook): void {
    const frame = this.#frame()
    if (frame) frame.hooks.push(run)
    else void this.#runHook(run, performance.now())
  }

  get listen(): Database['listen'] {
    return this.engine.listen
  }

  problemOf(error: unknown): ProblemError | undefined {
    return databaseProblem(error)
  }

  async ping(): Promise<boolean> {
    try {
      await this.engine.session.values('select 1', [])
      return true
    } catch {
      return false
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** A transaction that never ends keeps its connection, not the program. */
  async #close(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, closePatience)
    await Promise.race([this.#engine.close(), late])
    clearTimeout(timer)
  }

  /** The database of the calling flow: the app's own, or a clone. */
  get engine(): Engine {
    return this.#flows.getStore()?.engine ?? this.#engine
  }

  /** Runs with another database behind this object. */
  within<T>(engine: Engine, run: () => T): T {
    return this.#flows.run({ engine }, run)
  }

  #session(): Session {
    return this.#frame() ?? this.engine.session
  }

  /** The innermost transaction of the flow that is still open. */
  #frame(): Frame | undefined {
    const { frame } = this.#flows.getStore() ?? {}
    let innermost: Frame | undefined
    for (let at = frame; at; at = at.outer) {
      if (at.state === 'rolled back')
        throw new Error(
          'a statement came after its transaction was rolled back: await everything that is started inside tx()',
        )
      if (at.state === 'open') innermost ??= at
    }
    return innermost
  }

  async #transaction<T>(begun: Promise<Transaction>, run: () => Promise<T> | T): Promise<T> {
    const { engine } = this
    const transaction = await begun
    const frame = new Frame(transaction)
    let result: T
    try {
      result = await this.#flows.run({ engine, frame }, async () => {
        const answer = await run()
        await frame.last()
        return answer
      })
      await frame.end('committed')
    } catch (error) {
      await frame.end('rolled back')
      await transaction.rollback()
      await this.#undo(engine, frame)
      throw error
    }
    try {
      await transaction.commit()
    } catch (error) {
      frame.state = 'rolled back'
      await this.#undo(engine, frame)
      throw error
    }
    const committedAt = performance.now()
    await this.#flows.run({ engine }, async () => {
      for (const hook of frame.hooks) await this.#runHook(hook, committedAt)
    })
    return result
  }

  async #undo(engine: Engine, { before, begun }: Frame): Promise<void> {
    await this.#flows.run({ engine }, async () => {
      for (const { undone } of before.slice(0, begun)) if (undone) await this.#runHook(undone, 0, 'after a rollback')
    })
  }

  async #savepoint<T>(outer: Frame, run: () => Promise<T> | T, reading = ''): Promise<T> {
    const { engine } = this
    const leave = await outer.gate.enter()
    const frame = new Frame(outer.session, outer)
    const name = `kwik_${frame.depth}`
    try {
      await outer.session.execute(`savepoint ${name}${reading}`, [])
      try {
        const result = await this.#flows.run({ engine, frame }, async () => run())
        await frame.end('committed')
        // What only read has nothing to keep, and going back undoes its settings.
        if (reading !== '') await outer.session.execute(`rollback to savepoint ${name}`, [])
        await outer.session.execute(`release savepoint ${name}`, [])
        outer.before.push(...frame.before)
        outer.hooks.push(...frame.hooks)
        return result
      } catch (error) {
        await frame.end('rolled back')
        await outer.session.execute(`rollback to savepoint ${name}`, [])
        await outer.session.execute(`release savepoint ${name}`, [])
        throw error
      }
    } finally {
      leave()
    }
  }

  /** What was committed stays committed, or the error before it stays the answer: a hook that fails is logged. */
  async #runHook(hook: Hook, committedAt: number, which = 'after commit'): Promise<void> {
    try {
      await hook(committedAt)
    } catch (error) {
      this.#logger.error(`a hook ${which} failed`, { error })
    }
  }
}

const countOf = (rows: readonly Values[]): number => rows.length

/** Makes PostgreSQL's savepoint one that reads only, no statement longer than this. */
const readingWithin = (timeout: number): string =>
  `; set transaction read only; set local statement_timeout = ${timeout}`

/** @throws {TypeError} for a database that was made elsewhere */
export function facadeOf(database: Database): Facade {
  if (database instanceof Facade) return database
  throw new TypeError('this database was not opened with openDatabase()')
}
