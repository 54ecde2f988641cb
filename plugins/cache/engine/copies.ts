import { LRUCache } from 'lru-cache'
import { wholeLife } from './age.ts'
import type { ResolvedEngineOptions } from './options.ts'
import type { Entry, Lifetime } from './types.ts'

/** Whether a tag has ended since a copy was made under it. Shared by all copies of one tag. */
interface Cell {
  over: boolean
  /** Copies that need it; with the last one it leaves the map. */
  uses: number
}

/** What a list, a map's entry, and the objects of a copy take, measured on Bun and rounded up. */
const overhead = 400
const overheadOfTag = 120

/** An entry in the memory of this process. */
export class Copy implements Entry {
  readonly payload: string
  readonly at: number
  readonly life: Lifetime
  readonly tags: readonly string[]
  /** From when on nothing of it may be answered. */
  readonly until: number
  made: unknown
  cells: readonly Cell[] = []
  /** Over Redis: which entry it is a copy of, and until when it is certain that Redis still has that. */
  id = ''
  stamp = ''
  certainUntil = 0
  epoch = 0

  constructor(tags: readonly string[], payload: string, at: number, life: Lifetime, made?: unknown) {
    this.payload = payload
    this.at = at
    this.life = life
    this.tags = tags
    this.until = at + wholeLife(life)
    this.made = made
  }
}

/** Copies of entries, bounded by their bytes and number. The one not used for longest goes first. */
export class Copies {
  readonly #copies: LRUCache<string, Copy>
  readonly #cells = new Map<string, Cell>()

  constructor({ maxBytes, maxEntries }: ResolvedEngineOptions) {
    this.#copies = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: sizeOf,
      dispose: (copy) => this.#release(copy),
    })
  }

  get(key: string): Copy | undefined {
    const copy = this.#copies.get(key)
    if (copy === undefined) return undefined
    for (const cell of copy.cells)
      if (cell.over) {
        this.#copies.delete(key)
        return undefined
      }
    return copy
  }

  set(key: string, copy: Copy): void {
    copy.cells = copy.tags.map((tag) => this.#cell(tag))
    this.#copies.set(key, copy)
    // One that is larger than everything is not taken, and then not given back either.
    if (this.#copies.peek(key) !== copy) this.#release(copy)
  }

  delete(key: string): void {
    this.#copies.delete(key)
  }

  /** What is kept of the tag stays in its place until it is looked at or something newer needs the place. */
  endTag(tag: string): void {
    const cell = this.#cells.get(tag)
    if (cell === undefined) return
    cell.over = true
    this.#cells.delete(tag)
  }

  clear(): void {
    this.#copies.clear()
  }

  /** For tests of what is kept. */
  get size(): { readonly entries: number; readonly bytes: number; readonly tags: number } {
    return { entries: this.#copies.size, bytes: this.#copies.calculatedSize, tags: this.#cells.size }
  }

  #cell(tag: string): Cell {
    let cell = this.#cells.get(tag)
    if (cell === undefined) this.#cells.set(tag, (cell = { over: false, uses: 0 }))
    cell.uses++
    return cell
  }

  #release(copy: Copy): void {
    copy.tags.forEach((tag, at) => {
      const cell = copy.cells[at]!
      if (--cell.uses === 0 && this.#cells.get(tag) === cell) this.#cells.delete(tag)
    })
    copy.cells = []
  }
}

/** Twice the payload: what its reader made of it is kept beside it, or it has characters of two bytes. */
function sizeOf({ payload, tags }: Copy, key: string): number {
  let size = overhead + key.length + 2 * payload.length
  for (const tag of tags) size += overheadOfTag + tag.length
  return size
}
