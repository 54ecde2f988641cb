import { and, eq, isNull } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import type { Database } from '#core/ports/database'
import type { SecurityEvent } from '#core/ports/security-events'
import type { Scope } from '#core/scope'
import type { Parts } from '../parts.ts'
import type { KeyFact } from './facts.ts'
import { apiKeys } from './table.ts'

const minute = 60_000
const hour = 3_600_000
const mostKeys = 10_000

/** Notes that keys are used, and that keys which are over are tried: behind the request, and seldom. */
export class Usage {
  readonly #database: Database
  readonly #parts: Parts
  readonly #noted = new LRUCache<string, number>({ max: mostKeys })
  readonly #refused = new LRUCache<string, number>({ max: mostKeys })
  readonly #pending = new Set<Promise<void>>()

  constructor(database: Database, parts: Parts) {
    this.#database = database
    this.#parts = parts
  }

  /** One write a minute and key at most, of all processes: a write for each request would queue them. */
  used(key: KeyFact, scope: Scope): void {
    const now = this.#parts.clock.now()
    const last = Math.max(this.#noted.get(key.id) ?? 0, key.lastUsedAt?.getTime() ?? 0)
    if (Math.abs(now - last) < minute) return
    this.#noted.set(key.id, now)
    this.#behind(scope, () => this.#note(key, now, scope))
  }

  /** Somebody has the secret of a key that is over. Once a minute, however often they try. */
  refused({ id: keyId, userId }: KeyFact, reason: 'revoked' | 'expired' | 'owner', scope: Scope): void {
    const now = this.#parts.clock.now()
    if (Math.abs(now - (this.#refused.get(keyId) ?? Number.NEGATIVE_INFINITY)) < minute) return
    this.#refused.set(keyId, now)
    this.#behind(scope, async () => this.#tell({ type: 'api-key.refused', userId, details: { keyId, reason } }, scope))
  }

  /** When everything that was begun is done. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending)
  }

  async #note({ id, userId, lastUsedAt }: KeyFact, now: number, scope: Scope): Promise<void> {
    const k = apiKeys.for(this.#database)
    // Of processes that notice it together one writes, and tells.
    const unchanged = lastUsedAt === null ? isNull(k.lastUsedAt) : eq(k.lastUsedAt, lastUsedAt)
    const written = await this.#database.drizzle
      .update(k)
      .set({ lastUsedAt: new Date(now) })
      .where(and(eq(k.id, id), unchanged))
      .returning({ id: k.id })
    const hourOf = (moment: number): number => Math.floor(moment / hour)
    if (written.length > 0 && (lastUsedAt === null || hourOf(lastUsedAt.getTime()) !== hourOf(now)))
      await this.#tell({ type: 'api-key.used', userId, details: { keyId: id } }, scope)
  }

  async #tell(event: SecurityEvent, scope: Scope): Promise<void> {
    await this.#parts.events?.record(event, scope)
  }

  #behind(scope: Scope, work: () => Promise<void>): void {
    // Found now: a request that is over has no peer any more.
    void scope.address
    const logger = scope.logger ?? this.#parts.logger
    const pending = work()
      .catch((error) => logger.warning('the use of an API key could not be noted', { error: String(error) }))
      .finally(() => this.#pending.delete(pending))
    this.#pending.add(pending)
  }
}
