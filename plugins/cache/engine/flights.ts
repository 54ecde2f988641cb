import type { Ticket } from './types.ts'

interface Flight {
  /** Which one it is, of all that began. */
  readonly at: number
  readonly ticket: Ticket
  readonly promise: Promise<unknown>
  readonly controller: AbortController
  /** Those who wait for it; those who cannot leave are never taken off. */
  waiting: number
}

/**
 * Loads under way: whoever asks for what is being loaded waits for that load and gets its value, or its error. Nobody
 * joins a load that began before something ended.
 */
export class Flights {
  readonly #flights = new Map<string, Flight>()
  #begun = 0

  /** When a caller comes, for {@link earlier}. */
  get begun(): number {
    return this.#begun
  }

  /**
   * Where nobody would tell what others end, a load that began before the caller came: what it has read may have ended
   * between. Who has waited for its end shares the next one, so that one is under way at a time.
   */
  earlier(ticket: Ticket, came: number): Promise<void> | undefined {
    const known = ticket.deaf ? this.#flights.get(nameOf(ticket)) : undefined
    if (known === undefined || known.at > came || !known.ticket.isGood()) return undefined
    const over = (): void => {}
    return known.promise.then(over, over)
  }

  /**
   * @param load is given a signal that says when all who wait have left
   * @param signal says when this caller leaves; the others go on waiting
   */
  join<T>(ticket: Ticket, load: (signal: AbortSignal) => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    const name = nameOf(ticket)
    const known = this.#flights.get(name)
    const flight = known?.ticket.isGood() ? known : this.#start(name, ticket, load)
    flight.waiting++
    // What is loaded under one key is of one type.
    const promise = flight.promise as Promise<T>
    return signal === undefined ? promise : this.#waited(name, flight, promise, signal)
  }

  /** Loads under way. */
  get size(): number {
    return this.#flights.size
  }

  #start(name: string, ticket: Ticket, load: (signal: AbortSignal) => unknown): Flight {
    const controller = new AbortController()
    const promise = (async () => load(controller.signal))()
    const flight: Flight = { at: ++this.#begun, ticket, promise, controller, waiting: 0 }
    this.#flights.set(name, flight)
    const done = (): void => this.#forget(name, flight)
    promise.then(done, done)
    return flight
  }

  #waited<T>(name: string, flight: Flight, promise: Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        if (--flight.waiting === 0) {
          this.#forget(name, flight)
          flight.controller.abort(signal.reason)
        }
        reject(signal.reason)
      }
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })
  }

  #forget(name: string, flight: Flight): void {
    if (this.#flights.get(name) === flight) this.#flights.delete(name)
  }
}

const nameOf = ({ shared, key }: Ticket): string => `${shared.length} ${shared}${key}`
