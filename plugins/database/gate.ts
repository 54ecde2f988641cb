/** One lane: statements pass while it is open; who enters closes it until they leave. First come, first served. */
export class Gate {
  #closed = false
  readonly #waiting: (() => void)[] = []

  get open(): boolean {
    return !this.#closed && this.#waiting.length === 0
  }

  /** Runs at once when the lane is open; else when everybody before has left. */
  async pass<T>(run: () => T | Promise<T>): Promise<T> {
    if (!this.open) {
      await this.#turn((go) => this.#waiting.push(go))
      while (this.#closed) await this.#turn((go) => this.#waiting.unshift(go))
    }
    try {
      return await run()
    } finally {
      if (!this.#closed) this.#next()
    }
  }

  /** Closes the lane. @returns how to leave it again */
  async enter(): Promise<() => void> {
    if (!this.open) {
      await this.#turn((go) => this.#waiting.push(go))
      while (this.#closed) await this.#turn((go) => this.#waiting.unshift(go))
    }
    this.#closed = true
    return () => {
      this.#closed = false
      this.#next()
    }
  }

  #turn(wait: (go: () => void) => void): Promise<void> {
    return new Promise(wait)
  }

  #next(): void {
    this.#waiting.shift()?.()
  }
}
