import { systemClock } from '#core/adapters/clock'
import { refuse } from '#core/errors'
import { bytesIn, type Size } from '#core/internal/size'
import type { Clock } from '#core/ports/clock'
import type { Claim, KeyStore } from './key-store.ts'

export interface MemoryKeysOptions {
  /** Keys that are remembered; beyond them the oldest that is not running goes. @default 10000 */
  readonly maxKeys?: number
  /** Bytes of the answers that are kept; of the oldest beyond them stays only that they were given. @default '64MB' */
  readonly maxBytes?: Size
  /** @default the system's clock */
  readonly clock?: Clock
}

interface Entry {
  readonly fingerprint: string
  readonly token: string
  readonly until: number
  state: 'running' | 'done' | 'kept'
  answer?: string
}

/**
 * Idempotency keys in the memory of this process: a restart forgets them, other processes do not know them. From `kwik/resources`.
 * @example kwik({ idempotency: { store: memoryKeys({ maxKeys: 1000 }) } })
 */
export function memoryKeys(options: MemoryKeysOptions = {}): KeyStore {
  const { maxKeys = 10_000, maxBytes = '64MB', clock = systemClock } = options
  const room = bytesIn(maxBytes)
  const entries = new Map<string, Entry>()
  /** Those that have an answer, the oldest first. */
  const answered = new Set<Entry>()
  let size = 0
  const own = ({ id, token }: Claim): Entry | undefined => {
    const entry = entries.get(id)
    return entry?.token === token ? entry : undefined
  }

  const forget = (entry: Entry): void => {
    if (!answered.delete(entry)) return
    size -= entry.answer!.length
    delete entry.answer
    entry.state = 'done'
  }
  const remove = (id: string): void => {
    const entry = entries.get(id)
    if (entry) forget(entry)
    entries.delete(id)
  }
  const remember = (entry: Entry, answer: string): void => {
    forget(entry)
    Object.assign(entry, { state: 'kept', answer })
    answered.add(entry)
    size += answer.length
    for (const oldest of answered) {
      if (size <= room) return
      forget(oldest)
    }
  }

  /** A request that is running keeps its place: without it, its repeat would run too. */
  const makeRoom = (now: number): void => {
    for (const [id, { until, state }] of entries) {
      if (entries.size < maxKeys) return
      if (until <= now || state !== 'running') remove(id)
    }
    if (entries.size >= maxKeys)
      throw refuse('KWIK_UNAVAILABLE', { detail: 'Try again in a moment.' }, { 'retry-after': '1' })
  }

  return {
    transactional: false,
    async claim({ id, fingerprint, token, ttl }) {
      const now = clock.now()
      const known = entries.get(id)
      if (known && known.until > now)
        return known.state === 'kept'
          ? { state: 'kept', fingerprint: known.fingerprint, answer: known.answer! }
          : { state: known.state, fingerprint: known.fingerprint }
      remove(id)
      makeRoom(now)
      entries.set(id, { fingerprint, token, until: now + ttl, state: 'running' })
      return { state: 'taken' }
    },
    async keep(claim, answer) {
      const entry = own(claim)
      if (entry === undefined) return
      if (answer !== undefined) return remember(entry, answer)
      forget(entry)
      entry.state = 'done'
    },
    async release(claim) {
      if (own(claim)?.state === 'running') remove(claim.id)
    },
  }
}
