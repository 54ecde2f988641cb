/** What the checker knows of one value: who wrote what when, in milliseconds of its own clock. */
interface Write {
  readonly value: number
  readonly begun: number
  /** When it was answered that no old copy is answered any more. */
  acknowledged?: number
}

export interface Read {
  readonly id: number
  readonly value: number
  readonly begun: number
  readonly ended: number
  /** Which route of which node, as whom. */
  readonly by: string
}

/**
 * Holds reads against writes. A value is right when it is no older than the last write that was acknowledged before the
 * read began, was being written before the read ended, and was committed.
 */
export class History {
  readonly #writes = new Map<number, Write[]>()
  readonly faults: string[] = []
  reads = 0

  writing(id: number, value: number, begun: number): Write {
    const write: Write = { value, begun }
    this.#of(id).push(write)
    return write
  }

  /** The value that the next write of an id may have. */
  next(id: number): number {
    return (this.#of(id).at(-1)?.value ?? 0) + 1
  }

  /** What is wrong with a read; `undefined` when it is right. */
  fault(read: Read): string | undefined {
    this.reads++
    const writes = this.#of(read.id)
    let least = 0
    let most = 0
    for (const { value, begun, acknowledged } of writes) {
      if (acknowledged !== undefined && acknowledged < read.begun) least = Math.max(least, value)
      if (begun <= read.ended) most = Math.max(most, value)
    }
    if (read.value >= least && read.value <= most) return undefined
    const why = read.value < 0 ? 'was never committed' : read.value < least ? `is older than ${least}` : 'is of nobody'
    const near = writes.filter(({ begun }) => begun > read.begun - 5000).slice(-12)
    const last = this.faults.slice(-6).join('; ')
    return `${JSON.stringify(read)}: the value ${why}\n  writes: ${JSON.stringify(near)}\n  troubles: ${last}`
  }

  #of(id: number): Write[] {
    let writes = this.#writes.get(id)
    if (writes === undefined) this.#writes.set(id, (writes = []))
    return writes
  }
}
