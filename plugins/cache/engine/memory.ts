import { Copies, Copy } from './copies.ts'
import { Ends, everything, LocalTicket, nameOfKey, nameOfTag, namesOf } from './ends.ts'
import { Holds } from './holds.ts'
import { type EngineOptions, monotonic, resolveEngineOptions } from './options.ts'
import { areSame, fits, tagsOf } from './terms.ts'
import type { Ended, Engine, Entry, Hold, Lifetime, Look, Ticket } from './types.ts'

/** Names that are held for longer than anybody holds them are looked through this often. */
const sweepEvery = 1000

/**
 * Entries in the memory of this process alone.
 *
 * @throws {RangeError} when a number is out of its range
 */
export function memoryEngine(options: EngineOptions = {}): Engine {
  return new MemoryEngine(options)
}

class MemoryEngine implements Engine {
  readonly backend = 'memory'
  readonly now: () => number
  readonly #copies: Copies
  readonly #ends = new Ends()
  readonly #holds = new Holds()
  readonly #holdFor: number
  readonly #holdStore: number
  readonly #maxEntryBytes: number
  #count = 0

  constructor(options: EngineOptions) {
    const resolved = resolveEngineOptions(options)
    const clock = options.clock ?? monotonic
    this.now = () => clock.now()
    this.#copies = new Copies(resolved)
    this.#holdFor = resolved.holdFor
    this.#holdStore = resolved.holdStore
    this.#maxEntryBytes = resolved.maxEntryBytes
  }

  peek(key: string, tags?: readonly string[]): Entry | undefined {
    const copy = this.#copies.get(key)
    if (copy === undefined || (tags && !areSame(tags, copy.tags))) return undefined
    const now = this.now()
    if (now < copy.until && now >= copy.at) return copy
    this.#copies.delete(key)
    return undefined
  }

  look(key: string, given: readonly string[]): Look {
    const tags = tagsOf(given)
    const entry = this.peek(key, tags)
    const names = namesOf(key, tags)
    const ends = this.#ends
    const stamp = String(ends.latest(names))
    const ticket = new LocalTicket(
      { ends, since: ends.count, names },
      { key, tags, stamp, storable: !this.#isHeld(names) },
    )
    return entry ? { entry, ticket } : { ticket }
  }

  put(ticket: Ticket, payload: string, life: Lifetime, made?: unknown): boolean {
    const { key, tags } = ticket
    if (!ticket.storable || !ticket.isGood() || !fits(payload, this.#maxEntryBytes)) return false
    if (this.#isHeld(namesOf(key, tags))) return false
    this.#copies.set(key, new Copy(tags, payload, this.now(), life, made))
    return true
  }

  async hold(tags: readonly string[]): Promise<Hold> {
    const id = String(++this.#count)
    const now = this.now()
    if (this.#count % sweepEvery === 0) this.#holds.sweep(now)
    this.#holds.add(tags.map(nameOfTag), id, now + this.#holdFor)
    return { id, tags }
  }

  async end(tags: readonly string[], hold?: Hold): Promise<Ended> {
    if (hold) this.#holds.release(hold.tags.map(nameOfTag), hold.id)
    for (const tag of tags) {
      this.#copies.endTag(tag)
      this.#ends.end(nameOfTag(tag))
    }
    this.#lag(tags.map(nameOfTag))
    return 'told'
  }

  async delete(key: string): Promise<Ended> {
    this.#copies.delete(key)
    this.#ends.end(nameOfKey(key))
    this.#lag([nameOfKey(key)])
    return 'told'
  }

  async clear(): Promise<Ended> {
    this.#copies.clear()
    this.#ends.endAll()
    this.#lag([everything])
    return 'told'
  }

  async lease(): Promise<() => Promise<void>> {
    return async () => {}
  }

  async close(): Promise<void> {
    this.#copies.clear()
  }

  readonly #isHeld = (names: readonly string[]): boolean => this.#holds.isHeld([everything, ...names], this.now())

  #lag(names: readonly string[]): void {
    if (this.#holdStore === 0) return
    const now = this.now()
    if (++this.#count % sweepEvery === 0) this.#holds.sweep(now)
    this.#holds.add(names, 'lag', now + this.#holdStore)
  }
}
