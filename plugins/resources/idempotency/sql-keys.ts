import { systemClock } from '#core/adapters/clock'
import { type Duration, milliseconds } from '#core/internal/duration'
import type { Clock } from '#core/ports/clock'
import type { Database } from '#core/ports/database'
import { refuse } from '../errors.ts'
import type { Claim, KeyStore, Taken } from './key-store.ts'

export interface SqlKeysOptions {
  /**
   * How long a request may hold a key before its repeat takes the key over. The first can then no longer commit: its
   * work is undone. Longer than the timeout of the routes. @default '2m'
   */
  readonly lease?: Duration
  /** @default the system's clock */
  readonly clock?: Clock
}

const table = '"kwik_idempotency_keys"'
/** Between two sweeps of keys that have expired, in milliseconds. */
const sweepEvery = 60_000

/**
 * Idempotency keys in the app's own database, in {@link idempotencyKeys}. That the work is done is written in the
 * transaction of the work: whatever dies when, it is done once. Routes need `transaction: true`. From `kwik/resources`.
 *
 * @param database the one that the work is done in
 * @example kwik({ database, idempotency: { store: sqlKeys(database) } })
 */
export function sqlKeys(database: Database, { lease = '2m', clock = systemClock }: SqlKeysOptions = {}): KeyStore {
  const patience = milliseconds(lease)
  const sqlite = database.dialect === 'sqlite'
  const place = (at: number): string => (sqlite ? `?${at}` : `$${at}`)
  const [$1, $2, $3, $4, $5, $6] = [1, 2, 3, 4, 5, 6].map(place)
  let swept = 0

  // Only a key whose time is over, or whose request died with the same thing to do, is taken from another.
  const take = `insert into ${table} ("id", "fingerprint", "token", "state", "answer", "lease_until", "expires_at")
    values (${$1}, ${$2}, ${$3}, 'running', null, ${$4}, ${$5})
    on conflict ("id") do update set "fingerprint" = excluded."fingerprint", "token" = excluded."token",
      "state" = 'running', "answer" = null, "lease_until" = excluded."lease_until", "expires_at" = excluded."expires_at"
    where ${table}."expires_at" <= ${$6} or (${table}."state" = 'running' and ${table}."lease_until" <= ${$6}
      and ${table}."fingerprint" = excluded."fingerprint")
    returning 1`
  const look = `select "state", "fingerprint", "answer" from ${table} where "id" = ${$1}`
  const done = `update ${table} set "state" = 'done' where "id" = ${$1} and "token" = ${$2} returning 1`
  const keep = `update ${table} set "state" = ${$3}, "answer" = ${$4} where "id" = ${$1} and "token" = ${$2}`
  const release = `delete from ${table} where "id" = ${$1} and "token" = ${$2} and "state" = 'running'`

  const sweep = (now: number): void => {
    if (now - swept < sweepEvery) return
    swept = now
    // Whoever takes an expired key does not need it gone: what fails here is done a minute later.
    database.execute(`delete from ${table} where "expires_at" <= ${$1}`, [now]).catch(() => {})
  }

  return {
    transactional: true,
    async claim({ id, fingerprint, token, ttl }): Promise<Taken> {
      for (;;) {
        const now = clock.now()
        const taken = await database.values(take, [id, fingerprint, token, now + patience, now + ttl, now])
        if (taken.length > 0) return { state: 'taken' }
        const [row] = await database.values(look, [id])
        // Given back since: it is free.
        if (row === undefined) continue
        const [state, before, answer] = row.map(String) as [string, string, string]
        if (state === 'kept') return { state, fingerprint: before, answer }
        return { state: state === 'done' ? state : 'running', fingerprint: before }
      }
    },
    async commit({ id, token }: Claim) {
      if ((await database.values(done, [id, token])).length === 0)
        throw refuse('KWIK_IDEMPOTENCY_LOST', {
          detail: 'This took longer than the key is held, and a repeat of the request does it now. Send it again.',
        })
    },
    async keep({ id, token }, answer) {
      await database.execute(keep, [id, token, answer === undefined ? 'done' : 'kept', answer ?? null])
      sweep(clock.now())
    },
    async release({ id, token }) {
      await database.execute(release, [id, token])
    },
  }
}
