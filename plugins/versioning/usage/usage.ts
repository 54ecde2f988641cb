/** How often a client used a version on a day. */
export interface Usage {
  /** UTC: `2026-11-25`. */
  readonly day: string
  readonly version: string
  /** `GET /invoices/:id`. */
  readonly route: string
  /** `user:<id>`, `key:<id>`, or `anonymous`. */
  readonly client: string
  readonly requests: number
}

/** Keeps who uses which version. */
export interface UsageStore {
  /** Takes requests in, without waiting: what is not stored yet may be lost with the process. */
  add(usage: Usage): void
  /** What was stored since a day. */
  read(since?: string): Promise<readonly Usage[]>
  /** Stores what was taken in. */
  flush(): Promise<void>
}

/** Sums of what was taken in. */
export class Tally {
  private sums = new Map<string, Usage>()

  add(usage: Usage): void {
    const key = `${usage.day} ${usage.version} ${usage.client} ${usage.route}`
    const known = this.sums.get(key)
    this.sums.set(key, known ? { ...known, requests: known.requests + usage.requests } : usage)
  }

  get size(): number {
    return this.sums.size
  }

  /** Hands all sums over, and begins anew. */
  take(): Usage[] {
    const all = [...this.sums.values()]
    this.sums = new Map()
    return all
  }

  all(): Usage[] {
    return [...this.sums.values()]
  }
}

/** Keeps usage in the memory of this process, for a test or a single server. From `kwik/versioning`. */
export function memoryUsage(): UsageStore {
  const tally = new Tally()
  return {
    add: (usage) => tally.add(usage),
    read: async (since = '') => tally.all().filter(({ day }) => day >= since),
    flush: async () => {},
  }
}
