import type { Dialect, Values } from '#core/ports/database'
import type { QueryObserver } from '#core/ports/query-observer'

/** Who is told of the statements of one database. */
export class Observers {
  #all: readonly QueryObserver[] = []

  get none(): boolean {
    return this.#all.length === 0
  }

  add(observer: QueryObserver): () => void {
    // An object of its own: one observer may be added twice, and each goes once.
    const one: QueryObserver = (query) => observer(query)
    this.#all = [...this.#all, one]
    return () => {
      this.#all = this.#all.filter((other) => other !== one)
    }
  }

  async during<T>(
    dialect: Dialect,
    text: string,
    run: () => T | Promise<T>,
    rowsOf: (answer: Awaited<T>) => number,
  ): Promise<Awaited<T>> {
    const startedAt = performance.now()
    try {
      const answer = await run()
      this.#tell(dialect, text, startedAt, rowsOf(answer))
      return answer
    } catch (error) {
      this.#tell(dialect, text, startedAt, 0, error)
      throw error
    }
  }

  /** What cannot be answered at once is asked again, and told of then. */
  duringNow(dialect: Dialect, text: string, run: () => Values[] | undefined): Values[] | undefined {
    const startedAt = performance.now()
    try {
      const rows = run()
      if (rows !== undefined) this.#tell(dialect, text, startedAt, rows.length)
      return rows
    } catch (error) {
      this.#tell(dialect, text, startedAt, 0, error)
      throw error
    }
  }

  #tell(dialect: Dialect, text: string, startedAt: number, rows: number, error?: unknown): void {
    const query = { dialect, text, startedAt, ms: performance.now() - startedAt, rows, error }
    for (const observer of this.#all) observer(query)
  }
}
