import type { Ticket } from './types.ts'

/** Names that ended last, which tickets are held against. An older ticket is no longer good. */
const most = 20_000

export const nameOfTag = (tag: string): string => `t:${tag}`
export const nameOfKey = (key: string): string => `k:${key}`
/** Ends with whatever ends everything. */
export const everything = '*'

/**
 * What has ended in which order. Unlike entries, tickets are never given back, so nothing is kept for each of them: they
 * remember how many ends there were.
 */
export class Ends {
  readonly #last = new Map<string, number>()
  #count = 0
  /** Of what ended earlier than this it is no longer known what it was. */
  #floor = 0
  #allAt = 0

  end(name: string): void {
    this.#last.delete(name)
    this.#last.set(name, ++this.#count)
    if (this.#last.size <= most) return
    const [oldest, at] = this.#last.entries().next().value!
    this.#last.delete(oldest)
    this.#floor = at
  }

  endAll(): void {
    this.#floor = this.#allAt = ++this.#count
    this.#last.clear()
  }

  get count(): number {
    return this.#count
  }

  /** The last end that any of the names had; equal as long as none of them ends. */
  latest(names: readonly string[]): number {
    let latest = this.#allAt
    for (const name of names) latest = Math.max(latest, this.#last.get(name) ?? 0)
    return latest
  }

  /** Whether none of the names has ended since. */
  isQuiet(names: readonly string[], since: number): boolean {
    return since >= this.#floor && this.latest(names) <= since
  }
}

/** What this process knows of a look, beside what was seen in a store. */
export class LocalTicket implements Ticket {
  readonly key: string
  readonly tags: readonly string[]
  readonly stamp: string
  readonly shared: string
  readonly deaf: boolean
  readonly storable: boolean
  readonly #names: readonly string[]
  readonly #since: number
  readonly #ends: Ends

  constructor(local: { readonly ends: Ends; readonly since: number; readonly names: readonly string[] }, seen: Seen) {
    this.key = seen.key
    this.tags = seen.tags
    this.stamp = seen.stamp
    this.shared = seen.shared ?? seen.stamp
    this.deaf = seen.deaf ?? false
    this.storable = seen.storable
    this.#names = local.names
    this.#since = local.since
    this.#ends = local.ends
  }

  isGood(): boolean {
    return this.#ends.isQuiet(this.#names, this.#since)
  }
}

type Seen = Pick<Ticket, 'key' | 'tags' | 'stamp' | 'storable'> & Partial<Pick<Ticket, 'shared' | 'deaf'>>

/** The names whose ends make what is stored under a key untrue. */
export const namesOf = (key: string, tags: readonly string[]): readonly string[] => [
  nameOfKey(key),
  ...tags.map(nameOfTag),
]
