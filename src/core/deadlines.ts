/** A request under way; `undefined` neighbours stand for the ends of the line. */
interface Waiting {
  readonly at: number
  readonly late: () => void
  before: Waiting | undefined
  after: Waiting | undefined
}

/**
 * Requests that all have the same time to answer. They stand in line, the oldest first, so one timer watches all of them:
 * a timer for each costs a microsecond of every request.
 */
export class Deadlines {
  readonly ms: number
  private first: Waiting | undefined
  private last: Waiting | undefined
  private armed = false

  /** @param ms milliseconds */
  constructor(ms: number) {
    this.ms = ms
  }

  /** Runs `late` when the time is over, unless `leave` comes first. */
  enter(late: () => void): Waiting {
    const one: Waiting = { at: performance.now() + this.ms, late, before: this.last, after: undefined }
    if (this.last === undefined) this.first = one
    else this.last.after = one
    this.last = one
    if (!this.armed) this.arm(this.ms)
    return one
  }

  /** Once, and not after `late` has run. */
  leave(one: Waiting): void {
    const { before, after } = one
    if (before === undefined) this.first = after
    else before.after = after
    if (after === undefined) this.last = before
    else after.before = before
  }

  private arm(ms: number): void {
    this.armed = true
    const timer: unknown = setTimeout(() => this.sweep(), ms)
    // A line that is empty, or an app that is done, must not keep the process.
    if (typeof timer === 'object') (timer as { unref(): void }).unref()
  }

  private sweep(): void {
    this.armed = false
    const now = performance.now()
    for (let one = this.first; one !== undefined && one.at <= now; one = this.first) {
      this.leave(one)
      one.late()
    }
    if (this.first !== undefined) this.arm(Math.max(1, Math.ceil(this.first.at - now)))
  }
}
