import { and, asc, count, desc, eq, gt, isNull, lt, or } from 'drizzle-orm'
import { type Duration, milliseconds } from '#core/internal/duration'
import { uuidv7 } from '#core/internal/uuid'
import type { Authenticator } from '#core/ports/authenticator'
import type { Database } from '#core/ports/database'
import type { Principals } from '#core/ports/principals'
import { permissionsIn } from '#core/tenancy'
import { apiKeyOver, missing, tooManyApiKeys } from '../errors.ts'
import { type Actor, checkGrants, doneBy, mustHold } from '../grants.ts'
import { mustBeInPerson } from '../in-person.ts'
import { limitOf, type Page, type PageRequest, pageOf } from '../page.ts'
import type { Parts } from '../parts.ts'
import { users } from '../tables.ts'
import { roleNameOf } from '../text.ts'
import { apiKeyAuthenticator } from './authenticator.ts'
import { KeyFacts } from './facts.ts'
import { defaultOverlap, momentAfter, overlapOf } from './moments.ts'
import { isGood, type Row, shownOf } from './rows.ts'
import { apiKeys } from './table.ts'
import { makeKey } from './text.ts'
import type { AccountApiKeys, ApiKey, MadeApiKey, NewApiKey } from './types.ts'
import { Usage } from './usage.ts'

export interface ResolvedApiKeysOptions {
  readonly on: boolean
  readonly perUser: number
}

/** How long keys that are over are still shown, in milliseconds. */
const shownFor = milliseconds('90d')

interface KeysParts {
  readonly database: Database
  readonly parts: Parts
  readonly principals: Principals
  readonly declared: readonly string[]
  /** Milliseconds. */
  readonly believedFor: number
}

/** Makes keys, shows them, ends them. */
export class ApiKeys implements AccountApiKeys {
  readonly authenticator: Authenticator | undefined
  readonly #perUser: number
  readonly #with: KeysParts
  readonly #facts: KeyFacts
  readonly #usage: Usage

  constructor(works: KeysParts, { on, perUser }: ResolvedApiKeysOptions) {
    this.#perUser = perUser
    this.#with = works
    this.#facts = new KeyFacts(works)
    this.#usage = new Usage(works.database, works.parts)
    this.authenticator = on ? apiKeyAuthenticator({ ...works, facts: this.#facts, usage: this.#usage }) : undefined
  }

  async list(userId: string, request: PageRequest = {}): Promise<Page<ApiKey>> {
    await this.#mustExist(userId)
    const { database } = this.#with
    const k = apiKeys.for(database)
    const { after, before } = request
    const rows = await database.drizzle
      .select()
      .from(k)
      .where(
        and(
          eq(k.userId, userId),
          before !== undefined ? lt(k.id, before) : after !== undefined ? gt(k.id, after) : undefined,
        ),
      )
      .orderBy(before !== undefined ? desc(k.id) : asc(k.id))
      .limit(limitOf(request) + 1)
    return pageOf(request, rows.map(shownOf))
  }

  async find(userId: string, id: string): Promise<ApiKey> {
    return shownOf(await this.#row(userId, id))
  }

  async create(userId: string, { name, scopes, expiresAt = null }: NewApiKey, by: Actor): Promise<MadeApiKey> {
    this.#mustBeOn()
    mustBeInPerson(by)
    const { database, declared, parts } = this.#with
    const now = parts.clock.now()
    const until = expiresAt === null ? null : momentAfter(expiresAt, now)
    checkGrants(scopes, declared, 'scopes')
    return database.tx(async () => {
      await this.#lock(userId)
      await this.#mustCover(userId, scopes, by)
      await this.#makeRoom(userId, now)
      const made = await this.#insert({ userId, name: roleNameOf(name), scopes: [...new Set(scopes)] }, now, until)
      const details = { keyId: made.id, scopes: made.scopes }
      await parts.events?.record({ type: 'api-key.created', userId, ...doneBy(by), details })
      return made
    })
  }

  async rename(userId: string, id: string, { name }: { readonly name: string }, by: Actor): Promise<ApiKey> {
    mustBeInPerson(by)
    await this.#row(userId, id)
    const { database } = this.#with
    const k = apiKeys.for(database)
    await database.drizzle
      .update(k)
      .set({ name: roleNameOf(name) })
      .where(and(eq(k.id, id), eq(k.userId, userId)))
    return this.find(userId, id)
  }

  async rotate(
    userId: string,
    id: string,
    { overlap = defaultOverlap }: { readonly overlap?: Duration },
    by: Actor,
  ): Promise<MadeApiKey> {
    this.#mustBeOn()
    mustBeInPerson(by)
    const { database, parts } = this.#with
    const more = overlapOf(overlap)
    return database.tx(async () => {
      await this.#lock(userId)
      const now = parts.clock.now()
      const old = await this.#row(userId, id)
      if (!isGood(old, now) || old.replacedById !== null) throw apiKeyOver()
      // It lives as long as the old one was made to.
      const until = old.expiresAt && new Date(now + old.expiresAt.getTime() - old.createdAt.getTime())
      const made = await this.#insert(old, now, until)
      const end = Math.min(now + more, old.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY)
      const k = apiKeys.for(database)
      await database.drizzle
        .update(k)
        .set({ replacedById: made.id, ...(more > 0 ? { expiresAt: new Date(end) } : { revokedAt: new Date(now) }) })
        .where(eq(k.id, id))
      await this.#facts.over(id)
      const details = { keyId: id, replacedBy: made.id }
      await parts.events?.record({ type: 'api-key.rotated', userId, ...doneBy(by), details })
      return made
    })
  }

  async revoke(userId: string, id: string, by: Actor): Promise<void> {
    mustBeInPerson(by)
    const { database, parts } = this.#with
    const now = new Date(parts.clock.now())
    await database.tx(async () => {
      await this.#row(userId, id)
      const k = apiKeys.for(database)
      const ended = await database.drizzle
        .update(k)
        .set({ revokedAt: now })
        .where(and(eq(k.id, id), isNull(k.revokedAt)))
        .returning({ id: k.id })
      if (ended.length === 0) return
      await this.#facts.over(id)
      await parts.events?.record({ type: 'api-key.revoked', userId, ...doneBy(by), details: { keyId: id } })
    })
  }

  settled(): Promise<void> {
    return this.#usage.settled()
  }

  async #insert(
    { userId, name, scopes }: Pick<Row, 'userId' | 'name' | 'scopes'>,
    now: number,
    expiresAt: Date | null,
  ): Promise<MadeApiKey> {
    const { database } = this.#with
    const id = uuidv7(now)
    const { key, hash, lastFour } = makeKey(id)
    const row: Row = {
      ...{ id, userId, name, hash, lastFour, scopes, createdAt: new Date(now), expiresAt },
      ...{ revokedAt: null, lastUsedAt: null, replacedById: null },
    }
    await database.drizzle.insert(apiKeys.for(database)).values(row)
    return { ...shownOf(row), key }
  }

  async #row(userId: string, id: string): Promise<Row> {
    const { database } = this.#with
    const k = apiKeys.for(database)
    const [row] = await database.drizzle
      .select()
      .from(k)
      .where(and(eq(k.id, id), eq(k.userId, userId)))
    if (!row) throw missing('API key', id)
    return row
  }

  /**
   * A key may do no more than its owner: what it is made for is what they hold, and what its maker holds, everywhere or in
   * the tenant that it is made in. In each tenant it can do there what its owner can.
   */
  async #mustCover(userId: string, scopes: readonly string[], by: Actor): Promise<void> {
    const owner = await this.#with.principals.load(userId)
    if (owner === undefined) throw missing('user', userId)
    const permissions = permissionsIn(owner, by === 'system' ? undefined : by.tenant)
    mustHold({ id: userId, via: 'bearer', user: owner.user, permissions }, scopes)
    mustHold(by, scopes)
  }

  /** One change of somebody's keys at a time: two that ask at once would both find room for one more. */
  async #lock(userId: string): Promise<void> {
    const { database } = this.#with
    // SQLite has one writer anyhow.
    if (database.dialect === 'postgresql')
      await database.values('select pg_advisory_xact_lock(hashtext($1))', [`kwik.accounts.keys.${userId}`])
  }

  async #makeRoom(userId: string, now: number): Promise<void> {
    const { database } = this.#with
    const k = apiKeys.for(database)
    const { drizzle } = database
    const long = new Date(now - shownFor)
    await drizzle.delete(k).where(and(eq(k.userId, userId), or(lt(k.revokedAt, long), lt(k.expiresAt, long))))
    const good = and(isNull(k.revokedAt), or(isNull(k.expiresAt), gt(k.expiresAt, new Date(now))))
    const [held] = await drizzle
      .select({ keys: count() })
      .from(k)
      .where(and(eq(k.userId, userId), good))
    if (held!.keys >= this.#perUser) throw tooManyApiKeys(this.#perUser)
  }

  async #mustExist(userId: string): Promise<void> {
    const { database } = this.#with
    const u = users.for(database)
    if ((await database.drizzle.select({ id: u.id }).from(u).where(eq(u.id, userId))).length === 0)
      throw missing('user', userId)
  }

  #mustBeOn(): void {
    if (this.authenticator === undefined)
      throw new TypeError('API keys are switched off: accountsService(database, { apiKeys: {} })')
  }
}
