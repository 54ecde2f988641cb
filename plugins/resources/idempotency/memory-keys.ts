import { systemClock } from '#core/adapters/clock'
import { refuse } from '#core/errors'
import type { Clock } from '#core/ports/clock'
import type { Claim, KeyStore } from './key-store.ts'

export interface MemoryKeysOptions {
  /** Keys that are remembered; beyond them the oldest that is not running goes. @default 10000 */
  readonly maxKeys?: number
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
export function memoryKeys({ maxKeys = 10_000, clock = systemClock }: MemoryKeysOptions = {}): KeyStore {
  const entries = new Map<string, Entry>()
  const own = ({ id, token }: Claim): Entry | undefined => {
    const entry = entries.get(id)
    return entry?.token === token ? entry : undefined
  }

  /** A request that is running keeps its place: without it, its repeat would run too. */
  const makeRoom = (now: number): void => {
    for (const [id, { until, state }] of entries) {
      if (entries.size < maxKeys) return
      if (until <= now || state !== 'running') entries.delete(id)
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
      entries.delete(id)
      makeRoom(now)
      entries.set(id, { fingerprint, token, until: now + ttl, state: 'running' })
      return { state: 'taken' }
    },
    async keep(claim, answer) {
      const entry = own(claim)
      if (entry) Object.assign(entry, answer === undefined ? { state: 'done' } : { state: 'kept', answer })
    },
    async release(claim) {
      if (own(claim)?.state === 'running') entries.delete(claim.id)
    },
  }
}
