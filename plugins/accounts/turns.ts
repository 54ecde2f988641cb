import { setImmediate } from 'node:timers'

/**
 * Lets work begin one piece in each turn of the event loop: of many that come at once none keeps the requests waiting that
 * came between them.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve()

  /** Settles when it is one's turn. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => new Promise<void>((go) => setImmediate(go)))
    return this.#last
  }
}
