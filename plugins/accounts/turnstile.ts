import type { ProblemError } from '#core/problem'
import { refuse } from './errors.ts'

/**
 * Lets a few pieces of heavy work run at a time, some wait, and refuses the rest: memory and time stay bounded
 * however many ask at once.
 */
export class Turnstile {
  readonly #running: number
  readonly #waiting: number
  readonly #queue: (() => void)[] = []
  #used = 0
  /** Those for whom a place is kept. */
  #expected = 0

  constructor(running: number, waiting: number) {
    this.#running = running
    this.#waiting = waiting
  }

  /** Whether the next who come would be refused. */
  get isFull(): boolean {
    return this.#used + this.#queue.length + this.#expected >= this.#running + this.#waiting
  }

  /**
   * Keeps a place for work that comes soon: of many who prepare at once only as many do so as can be served. Whoever asks has
   * seen that it is not full.
   *
   * @returns gives the place back, before the work or instead of it
   */
  expect(): () => void {
    this.#expected++
    let isKept = true
    return () => {
      if (isKept) this.#expected--
      isKept = false
    }
  }

  /** @throws {ProblemError} `KWIK_ACCOUNTS_BUSY` when too many wait already */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#used < this.#running) this.#used++
    else if (this.#queue.length < this.#waiting) await new Promise<void>((go) => this.#queue.push(go))
    else throw busy()
    try {
      return await work()
    } finally {
      // The place goes to who waits longest; it is free only when nobody does.
      const next = this.#queue.shift()
      if (next) next()
      else this.#used--
    }
  }
}

export const busy = (): ProblemError =>
  refuse(
    'KWIK_ACCOUNTS_BUSY',
    { detail: 'Try again in a moment.', errors: [{ code: 'busy', detail: 'too many sign-ins at once' }] },
    { 'retry-after': '2' },
  )
