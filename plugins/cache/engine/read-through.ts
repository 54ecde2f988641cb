import { ageOf } from './age.ts'
import type { Seat } from './engines.ts'
import type { Engine, Entry, Lifetime, Look, Ticket } from './types.ts'

/** What was loaded. Without `payload` or `life` it is answered and not stored. */
export interface Loaded<L> {
  readonly value: L
  readonly payload?: string
  readonly life?: Lifetime
  /** Kept with the local copy: {@link Entry.made}. */
  readonly made?: unknown
}

/** Where a value comes from. Times are milliseconds. */
export interface Source<T, L = T> {
  readonly key: string
  readonly tags: readonly string[]
  /** What an entry holds. What it throws makes the entry a miss. */
  read(entry: Entry): T
  load(signal: AbortSignal): Promise<Loaded<L>>
  /** What one of those who share a load gets of it. */
  share(loaded: Loaded<L>): T
  /** How long a caller waits for a fresh value where a stale one may be answered instead. @default until it is there */
  readonly timeout?: number
  /** For how long after it was fresh a copy is answered while the store is away. @default 0 */
  readonly grace?: number
  /** One load in all processes, for which this process waits for so long at most. */
  readonly lease?: number
  /** Says when the caller leaves. */
  readonly signal?: AbortSignal
  /** Told of a load that failed with nobody waiting for it. */
  failed?(error: unknown): void
}

export interface Reading<T> {
  readonly value: T
  /** `fresh`: as stored. `stale`: older, while it is loaded anew or because that failed. `grace`: the store is away. */
  readonly from: 'fresh' | 'stale' | 'grace' | 'loaded'
  /** What it was read from, when it was not loaded. */
  readonly entry?: Entry
}

/** What a flight brings: loaded by it, or stored by another process meanwhile. */
type Brought<L> = { readonly loaded: Loaded<L> } | { readonly entry: Entry }

/** Answers what is stored under a key, or loads and stores it; stale-while-revalidate and stale-if-error as in RFC 5861. */
export async function readThrough<T, L>(seat: Seat, source: Source<T, L>): Promise<Reading<T>> {
  const { engine, flights } = seat
  const came = flights.begun
  const local = engine.peek(source.key, source.tags)
  if (local !== undefined && ageOf(local, engine.now()) === 'fresh') {
    const reading = read(source, local, 'fresh')
    if (reading) return reading
  }
  const look = await engine.look(source.key, source.tags, { grace: source.grace ?? 0 })
  const old = look.entry && read(source, look.entry, look.grace ? 'grace' : 'stale')
  if (look.entry === undefined || old === undefined) return fresh(seat, source, look, came)
  if (look.grace) return old
  switch (ageOf(look.entry, engine.now())) {
    case 'fresh':
      return { ...old, from: 'fresh' }
    case 'stale':
      flights.join(look.ticket, (signal) => renew(engine, source, look, signal)).catch(() => {})
      return old
    case 'failing':
      return orOld(seat, source, look, old, came)
    default:
      return fresh(seat, source, look, came)
  }
}

function read<T, L>(source: Source<T, L>, entry: Entry, from: Reading<T>['from']): Reading<T> | undefined {
  try {
    return { value: source.read(entry), from, entry }
  } catch {
    return undefined
  }
}

async function fresh<T, L>(
  { engine, flights }: Seat,
  source: Source<T, L>,
  look: Look,
  came: number,
): Promise<Reading<T>> {
  for (;;) {
    const earlier = flights.earlier(look.ticket, came)
    if (earlier === undefined) break
    await earlier
    source.signal?.throwIfAborted()
  }
  const brought = await flights.join(look.ticket, (signal) => bring(engine, source, look, signal), source.signal)
  if ('loaded' in brought) return { value: source.share(brought.loaded), from: 'loaded' }
  return { value: source.read(brought.entry), from: 'fresh', entry: brought.entry }
}

/** A fresh value, or the old one where that fails or takes too long. */
async function orOld<T, L>(
  seat: Seat,
  source: Source<T, L>,
  look: Look,
  old: Reading<T>,
  came: number,
): Promise<Reading<T>> {
  const loading = fresh(seat, source, look, came).catch((error): Reading<T> => {
    source.failed?.(error)
    return old
  })
  if (source.timeout === undefined) return loading
  const { promise: late, resolve } = Promise.withResolvers<Reading<T>>()
  const timer = setTimeout(() => resolve(old), source.timeout)
  try {
    return await Promise.race([loading, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Loads anew beside an answer that is stale. Where that fails, the old value stays only as long as errors allow. */
async function renew<T, L>(engine: Engine, source: Source<T, L>, look: Look, signal: AbortSignal): Promise<Brought<L>> {
  try {
    return await bring(engine, source, look, signal, look.entry)
  } catch (error) {
    source.failed?.(error)
    const { at, life } = look.entry!
    if (engine.now() - at >= life.fresh + life.staleIfError) await engine.delete(source.key)
    throw error
  }
}

/** @param old is kept where another process loads already */
async function bring<T, L>(
  engine: Engine,
  source: Source<T, L>,
  look: Look,
  signal: AbortSignal,
  old?: Entry,
): Promise<Brought<L>> {
  const { key, tags, lease } = source
  if (lease === undefined || !look.ticket.storable) return load(engine, source, look.ticket, signal)
  const until = performance.now() + lease
  for (;;) {
    const release = await engine.lease(key, lease)
    // Between the look and the lease another process may have stored it.
    const again = await engine.look(key, tags)
    try {
      if (again.entry && ageOf(again.entry, engine.now()) === 'fresh' && read(source, again.entry, 'fresh'))
        return { entry: again.entry }
      if (release || performance.now() >= until) return await load(engine, source, again.ticket, signal)
    } finally {
      await release?.()
    }
    if (old) return { entry: old }
    await new Promise((resolve) => setTimeout(resolve, 20 + 20 * Math.random()))
  }
}

async function load<T, L>(
  engine: Engine,
  source: Source<T, L>,
  ticket: Ticket,
  signal: AbortSignal,
): Promise<Brought<L>> {
  const loaded = await source.load(signal)
  const { payload, life, made } = loaded
  if (payload !== undefined && life !== undefined) await engine.put(ticket, payload, life, made)
  return { loaded }
}
