import { everything } from './ends.ts'

/** Names that are kept; with more of them, everything has ended. */
const most = 10_000
/** Milliseconds from one try to the next, where nobody reads. */
const retryEvery = 500

/** What has ended while the store was away, until the store knows it. */
export class Journal {
  readonly #end: (names: readonly string[]) => Promise<void>
  /** With how many were noted before: one that is noted again while it is told is told again. */
  readonly #noted = new Map<string, number>()
  #count = 0
  #replaying: Promise<void> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  /** @param end tells the store; it throws where the store is still away */
  constructor(end: (names: readonly string[]) => Promise<void>) {
    this.#end = end
  }

  note(names: readonly string[]): void {
    for (const name of names) this.#noted.set(name, ++this.#count)
    if (this.#noted.size > most) {
      this.#noted.clear()
      this.#noted.set(everything, ++this.#count)
    }
    this.#tryLater()
  }

  get size(): number {
    return this.#noted.size
  }

  /**
   * Tells the store all that is noted. Nothing may be read from it before.
   * @throws whatever the store throws that is still away
   */
  replay(): Promise<void> {
    if (this.#noted.size === 0) return Promise.resolve()
    this.#replaying ??= this.#tell().finally(() => {
      this.#replaying = undefined
    })
    return this.#replaying
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  async #tell(): Promise<void> {
    while (this.#noted.size > 0) {
      const told = [...this.#noted]
      await this.#end(told.map(([name]) => name))
      for (const [name, at] of told) if (this.#noted.get(name) === at) this.#noted.delete(name)
    }
  }

  #tryLater(): void {
    if (this.#closed || this.#noted.size === 0) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const again = (): void => this.#tryLater()
      this.replay().then(again, again)
    }, retryEvery)
    this.#timer.unref?.()
  }
}
