/** How long a value is good, in milliseconds. */
export interface Lifetime {
  /** Fresh for this long after it was stored. */
  readonly fresh: number
  /** After that it is still answered for this long, while it is loaded anew beside. */
  readonly swr: number
  /** After `fresh` it is still answered for this long where loading it anew fails. */
  readonly staleIfError: number
}

/** What is kept under a key. */
export interface Entry {
  /** A text that whoever stored it can read: values of the codec, or an answer of HTTP. */
  readonly payload: string
  /** When it was stored, in milliseconds of the clock. */
  readonly at: number
  readonly life: Lifetime
  /** What its reader made of the payload, kept with the local copy only: parsing is done once. */
  made?: unknown
}

/**
 * Proves, when a value is stored, that nobody has ended it or one of its tags since it began to be loaded. Take one before
 * loading; whoever comes with an equal `shared` may share the load, unless they are `deaf`.
 */
export interface Ticket {
  readonly key: string
  readonly tags: readonly string[]
  /** The versions of the tags that were seen. */
  readonly stamp: string
  /** They and what was seen under the key. */
  readonly shared: string
  /** Nobody would tell this process what others end: a load is for those alone who came before it began. */
  readonly deaf: boolean
  /** Whether it may be stored: no tag is being ended now, and the store could be asked. */
  readonly storable: boolean
  /** Whether nobody of this process has heard since that it is over. */
  isGood(): boolean
}

export interface Look {
  /** Absent on a miss. It may be stale: see {@link ageOf}. */
  readonly entry?: Entry
  readonly ticket: Ticket
  /** The store could not be asked, and the entry is a copy that was good before: answered where `grace` allows it. */
  readonly grace?: boolean
}

/** `told`: nobody answers it any more. `noted`: the store is away; it is told when it is back, before anything is read. */
export type Ended = 'told' | 'noted'

/**
 * Entries under keys, with tags that end many at once. One algorithm, in memory or over Redis with local copies; all
 * times in milliseconds.
 */
export interface Engine {
  readonly backend: 'memory' | 'redis'
  /** The clock of {@link Entry.at}. It has nothing to do with the time of day. */
  now(): number
  /**
   * The local copy, without waiting; `undefined` where there is none that is certain to be good.
   * @param tags what it must have been stored under; whoever leaves them out must know that a key has always the same ones
   */
  peek(key: string, tags?: readonly string[]): Entry | undefined
  /** Asks the store too. Never throws: where the store is away it is a miss that cannot be stored. */
  look(key: string, tags: readonly string[], options?: { readonly grace?: number }): Look | Promise<Look>
  /** Stores, unless key or tags were ended since the ticket was taken, or the payload is too large. @returns whether it did */
  put(ticket: Ticket, payload: string, life: Lifetime, made?: unknown): boolean | Promise<boolean>
  /**
   * Says before a commit that tags are about to end: nobody stores under them until `end`, or for 30 s.
   * @throws {RedisUnavailable} only with `onInvalidateFail: 'fail-write'`
   */
  hold(tags: readonly string[]): Promise<Hold>
  /** Ends all entries of the tags. It resolves when no process answers them any more. */
  end(tags: readonly string[], hold?: Hold): Promise<Ended>
  /** Ends one entry. */
  delete(key: string): Promise<Ended>
  /** Ends everything. */
  clear(): Promise<Ended>
  /** One holder of a key in all processes, where loads are shared by all; `undefined`: somebody else has it. Memory: always. */
  lease(key: string, ms: number): Promise<(() => Promise<void>) | undefined>
  close(): Promise<void>
}

export interface Hold {
  readonly id: string
  readonly tags: readonly string[]
}
