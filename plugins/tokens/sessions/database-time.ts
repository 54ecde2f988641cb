import { systemClock } from '#core/adapters/clock'
import type { Clock } from '#core/ports/clock'
import type { Dialect } from '#core/ports/database'

/**
 * The time that sessions and their tokens go by. A database on another machine has a time of its own, and all servers
 * take that one: whether a token has expired must not depend on who is asked. It is learned from what is read anyway.
 */
export class DatabaseTime {
  readonly #clock: Clock | undefined
  /** What the database's time is ahead of `performance.now()`. */
  #ahead: number | undefined

  constructor(dialect: Dialect, given: Clock | undefined) {
    // SQLite's time is this machine's.
    this.#clock = given ?? (dialect === 'sqlite' ? systemClock : undefined)
  }

  /** Milliseconds since 1970; `undefined` before anything was read. */
  now(): number | undefined {
    if (this.#clock !== undefined) return this.#clock.now()
    return this.#ahead === undefined ? undefined : this.#ahead + performance.now()
  }

  /** @param moment the database's time when something was read that has just arrived */
  learn(moment: number): void {
    this.#ahead = moment - performance.now()
  }
}
