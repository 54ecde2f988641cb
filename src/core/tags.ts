import type { Database } from './ports/database.ts'

/** Whoever keeps copies of what is in a database under tags: a cache. */
export interface Copies<Held = unknown> {
  /** Says before a commit that tags are about to end. What it throws rolls the transaction back. */
  hold(tags: readonly string[]): Promise<Held>
  /** Ends what was kept under the tags. @param held what `hold` has answered, where it was asked */
  end(tags: readonly string[], held?: Held): Promise<unknown>
}

/** Says that the commit has come, or that it did not. */
type Release = () => Promise<unknown>
interface Keeper {
  hold(tags: readonly string[]): Promise<Release>
  end(tags: readonly string[]): Promise<unknown>
}
const keepers = new WeakMap<Database, Set<Keeper>>()

/**
 * Tells whoever writes in a database that copies are kept of what is in it. From `kwik/core`.
 *
 * @returns how to stop it
 * @example const stop = keepCopies(database, { hold: (tags) => engine.hold(tags), end: (tags, hold) => engine.end(tags, hold) })
 */
export function keepCopies<Held>(database: Database, copies: Copies<Held>): () => void {
  const keeper: Keeper = {
    hold: async (tags) => {
      const held = await copies.hold(tags)
      return () => copies.end(tags, held)
    },
    end: (tags) => copies.end(tags),
  }
  const all = keepers.get(database) ?? new Set()
  keepers.set(database, all.add(keeper))
  return () => void all.delete(keeper)
}

/** Whether anybody keeps copies: else whoever writes need not say what. */
export const hasCopies = (database: Database): boolean => (keepers.get(database)?.size ?? 0) > 0

/** The tags of one transaction, and what waits for its end. */
class Ending {
  readonly #all: readonly Keeper[]
  readonly #tags = new Set<string>()
  readonly #releases: Release[] = []
  #isHeld = false
  #isOver = false

  constructor(all: readonly Keeper[]) {
    this.#all = all
  }

  /** Those of a savepoint that was rolled back never come here. */
  gather(tags: readonly string[], database: Database): void | Promise<void> {
    for (const tag of tags) this.#tags.add(tag)
    if (this.#isHeld) return
    this.#isHeld = true
    // Behind all that is said before the commit: what others add there belongs to it.
    return database.beforeCommit(
      () => this.#hold(),
      () => this.end(),
    )
  }

  async #hold(): Promise<void> {
    const tags = [...this.#tags]
    this.#tags.clear()
    // What comes from here on is held by itself.
    this.#isHeld = false
    const held = await Promise.allSettled(this.#all.map((one) => one.hold(tags)))
    for (const one of held) if (one.status === 'fulfilled') this.#releases.push(one.value)
    throwFirst(held)
  }

  async end(): Promise<void> {
    if (this.#isOver) return
    this.#isOver = true
    throwFirst(await Promise.allSettled(this.#releases.map((release) => release())))
  }
}

const endings = new WeakMap<object, Ending>()

/**
 * Ends all copies of what is under the tags, as whoever has written in the database must: `products` is what depends on
 * any row of the table, `products:42` on that row. Inside a transaction it holds when that is committed, and `tx()` waits
 * for it; after a rollback nothing has ended. Without one it ends at once. From `kwik/core`.
 *
 * Await it: outside of transactions it resolves when nobody answers the copies any more. It does not throw there, for what
 * was written is: a failure is logged.
 *
 * @example
 * await db.tx(async () => {
 *   await db.execute('update products set price = price * 2')
 *   await endTags(db, ['products'])
 * })
 */
export function endTags(database: Database, tags: readonly string[]): void | Promise<void> {
  const all = [...(keepers.get(database) ?? [])]
  if (all.length === 0 || tags.length === 0) return
  const { transaction } = database
  if (transaction === undefined) return atOnce(database, all, tags)
  let ending = endings.get(transaction)
  if (ending === undefined) {
    ending = new Ending(all)
    endings.set(transaction, ending)
  }
  const mine = ending
  // The first of them ends all: hooks of the app that come after the write find nothing old.
  database.afterCommit(() => mine.end())
  return database.beforeCommit(() => mine.gather(tags, database))
}

/** As a hook after a commit, which has a log for what fails. */
function atOnce(database: Database, all: readonly Keeper[], tags: readonly string[]): Promise<void> {
  return new Promise((done) => {
    database.afterCommit(async () => {
      try {
        throwFirst(await Promise.allSettled(all.map((one) => one.end(tags))))
      } finally {
        done()
      }
    })
  })
}

function throwFirst(results: readonly PromiseSettledResult<unknown>[]): void {
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
