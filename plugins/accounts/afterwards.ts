import type { Database } from '#core/ports/database'
import type { Parts } from './parts.ts'

/** Pieces that may wait: more than that is a flood, and memory is bounded. */
const most = 1000
const atOnce = 4

interface Piece {
  readonly what: string
  readonly work: () => Promise<unknown>
}

/**
 * Work that is done after the answer, such as mail: neither its time nor its failure tells who has an account. In a
 * transaction it begins when that is committed, and never when it is not.
 */
export class Afterwards {
  readonly #database: Database
  readonly #parts: Pick<Parts, 'logger'>
  readonly #waiting: Piece[] = []
  #running = 0
  #idle: (() => void)[] = []

  constructor(database: Database, parts: Pick<Parts, 'logger'>) {
    this.#database = database
    this.#parts = parts
  }

  run(what: string, work: () => Promise<unknown>): void {
    this.#database.afterCommit(() => {
      if (this.#waiting.length >= most) {
        this.#parts.logger.error('accounts: too much waits to be done, this is not', { what })
        return
      }
      this.#waiting.push({ what, work })
      // Later than the answer of who asked.
      setTimeout(() => void this.#next(), 0)
    })
  }

  /** Resolves when nothing waits and nothing runs. */
  settled(): Promise<void> {
    return this.#isIdle() ? Promise.resolve() : new Promise((done) => this.#idle.push(done))
  }

  async #next(): Promise<void> {
    if (this.#running >= atOnce) return
    const piece = this.#waiting.shift()
    if (piece === undefined) return
    this.#running++
    try {
      await piece.work()
    } catch (error) {
      this.#parts.logger.error(`accounts: ${piece.what} failed`, { error })
    }
    this.#running--
    if (this.#isIdle()) for (const done of this.#idle.splice(0)) done()
    else void this.#next()
  }

  #isIdle(): boolean {
    return this.#running === 0 && this.#waiting.length === 0
  }
}
