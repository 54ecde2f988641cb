import type { Database } from '#core/ports/database'
import { keepCopies } from '#core/tags'
import { Flights } from './flights.ts'
import type { Engine } from './types.ts'

/** An engine, and the loads under way for it. */
export interface Seat {
  readonly engine: Engine
  readonly flights: Flights
}

/**
 * The engine that holds for the calling flow. What a test's clone of the database holds is nobody else's: it has
 * an engine of its own. Whoever writes in the database ends what is kept in them: see {@link keepCopies}.
 */
export class Engines {
  readonly #main: Seat
  #database: Database | undefined
  #home: object | undefined
  readonly #spare: () => Engine
  readonly #others = new WeakMap<object, Seat>()
  #stop: (() => void) | undefined

  /** @param spare makes the engine of a clone: a memory engine */
  constructor(main: Engine, database: Database | undefined, spare: () => Engine) {
    this.#main = { engine: main, flights: new Flights() }
    this.#spare = spare
    if (database) this.attach(database)
  }

  /** Whose transactions count. */
  get database(): Database | undefined {
    return this.#database
  }

  /** Says whose transactions count, where nobody has said it before. */
  attach(database: Database): void {
    if (this.#database !== undefined) return
    this.#database = database
    this.#home = database.engine
    this.#stop = keepCopies(database, {
      hold: async (tags) => {
        const { engine } = this.current
        return { engine, hold: await engine.hold(tags) }
      },
      end: (tags, held) => (held?.engine ?? this.current.engine).end(tags, held?.hold),
    })
  }

  get current(): Seat {
    const engine = this.#database?.engine
    if (engine === undefined || engine === this.#home) return this.#main
    let seat = this.#others.get(engine)
    if (seat === undefined) this.#others.set(engine, (seat = { engine: this.#spare(), flights: new Flights() }))
    return seat
  }

  async close(): Promise<void> {
    this.#stop?.()
    await this.#main.engine.close()
  }
}
