import { and, asc, desc, eq, gt, gte, inArray, lt } from 'drizzle-orm'
import { currentScope } from '#core/context'
import { orderedUuids } from '#core/internal/uuid'
import type { Database } from '#core/ports/database'
import type { SecurityEvent } from '#core/ports/security-events'
import type { Scope } from '#core/scope'
import { limitOf, type Page, pageOf } from '../page.ts'
import type { Parts } from '../parts.ts'
import { bounded, type Circumstances, circumstancesOf } from './circumstances.ts'
import { maskedDetails } from './masking.ts'
import { securityEvents } from './table.ts'
import { type AccountSecurityEvents, levels, type SecurityEventRequest, type StoredSecurityEvent } from './types.ts'

export interface EventsOptions {
  /** Milliseconds; `undefined` keeps them for ever. */
  readonly keptFor: number | undefined
  readonly onEvent: ((event: StoredSecurityEvent) => unknown) | undefined
}

type Row = typeof securityEvents.$inferSelect

/** Between two looks for events that are kept no longer, in milliseconds. */
const sweepEvery = 3_600_000
/** How many one look deletes: nobody waits behind it for long. */
const sweptAtOnce = 1000

/** Stores events, writes a line for each, and hands them on. */
export class SecurityEventLog implements AccountSecurityEvents {
  readonly #database: Database
  readonly #parts: Pick<Parts, 'logger' | 'clock'>
  readonly #options: EventsOptions
  readonly #ids = orderedUuids()
  #swept = Number.NEGATIVE_INFINITY

  constructor(database: Database, parts: Pick<Parts, 'logger' | 'clock'>, options: EventsOptions) {
    this.#database = database
    this.#parts = parts
    this.#options = options
  }

  async record(event: SecurityEvent, scope: Scope | undefined = currentScope()): Promise<void> {
    const circumstances = circumstancesOf(scope)
    const row = this.#rowOf(event, circumstances)
    const logger = circumstances.logger ?? this.#parts.logger
    const tell = (): void => {
      const { type, at, userAgent: _, ...rest } = shownOf(row)
      // What the program does by itself, such as filling a database, is said on purpose: its output is not for that.
      const byItself = scope === undefined && row.actorId === null && levels[event.type] === 'info'
      logger[byItself ? 'debug' : levels[event.type]](`security: ${type}`, { event: type, ...present(rest) })
      this.#handOn(shownOf(row))
      this.#sweep(row.at.getTime())
    }
    if (this.#database.inTransaction) {
      await this.#store(row)
      this.#database.afterCommit(tell)
      return
    }
    try {
      await this.#store(row)
    } catch (error) {
      logger.error('a security event could not be stored', { event: row.type, error: messageOf(error) })
    }
    tell()
  }

  async list(request: SecurityEventRequest = {}): Promise<Page<StoredSecurityEvent>> {
    const e = securityEvents.for(this.#database)
    const { after, before, userId, type, since } = request
    const rows = await this.#database.drizzle
      .select()
      .from(e)
      .where(
        and(
          userId === undefined ? undefined : eq(e.userId, userId),
          type === undefined ? undefined : eq(e.type, type),
          since === undefined ? undefined : gte(e.at, since),
          before !== undefined ? gt(e.id, before) : after !== undefined ? lt(e.id, after) : undefined,
        ),
      )
      .orderBy(before !== undefined ? asc(e.id) : desc(e.id))
      .limit(limitOf(request) + 1)
    return pageOf(request, rows.map(shownOf))
  }

  #rowOf(event: SecurityEvent, circumstances: Circumstances): Row {
    const now = this.#parts.clock.now()
    return {
      id: this.#ids(now),
      at: new Date(now),
      type: event.type,
      userId: bounded(event.userId),
      actorId: bounded(event.actorId ?? circumstances.actorId),
      sessionId: bounded(event.sessionId ?? circumstances.sessionId),
      apiKeyId: bounded(circumstances.apiKeyId),
      address: bounded(circumstances.address),
      userAgent: bounded(circumstances.userAgent),
      requestId: bounded(circumstances.requestId),
      tenant: bounded(circumstances.tenant),
      details: maskedDetails(event.details),
    }
  }

  async #store(row: Row): Promise<void> {
    await this.#database.drizzle.insert(securityEvents.for(this.#database)).values(row)
  }

  #handOn(event: StoredSecurityEvent): void {
    const { onEvent } = this.#options
    if (onEvent === undefined) return
    Promise.resolve(event)
      .then(onEvent)
      .catch((error) =>
        this.#parts.logger.error('onSecurityEvent failed', { event: event.type, error: messageOf(error) }),
      )
  }

  #sweep(now: number): void {
    const { keptFor } = this.#options
    if (keptFor === undefined || now - this.#swept < sweepEvery) return
    this.#swept = now
    const e = securityEvents.for(this.#database)
    const { drizzle } = this.#database
    const old = drizzle
      .select({ id: e.id })
      .from(e)
      .where(lt(e.at, new Date(now - keptFor)))
      .limit(sweptAtOnce)
    Promise.resolve(drizzle.delete(e).where(inArray(e.id, old)).returning({ id: e.id }))
      .then((gone) => {
        // There may be more of them: the next event looks again.
        if (gone.length === sweptAtOnce) this.#swept = Number.NEGATIVE_INFINITY
      })
      // What fails here is done an hour later.
      .catch(() => {})
  }
}

const shownOf = ({ at, ...row }: Row): StoredSecurityEvent =>
  ({ ...row, at: at.toISOString() }) as unknown as StoredSecurityEvent

const present = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
