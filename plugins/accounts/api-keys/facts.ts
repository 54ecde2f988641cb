import { eq } from 'drizzle-orm'
import type { Database } from '#core/ports/database'
import { apiKeys } from './table.ts'

/** What is true of a key now. */
export interface KeyFact {
  readonly id: string
  readonly userId: string
  readonly hash: string
  readonly scopes: readonly string[]
  /** Milliseconds since 1970; `undefined` for one that does not expire. */
  readonly expiresAt: number | undefined
  readonly revoked: boolean
  readonly lastUsedAt: Date | null
}

/** What keys are, read from the database. */
export class KeyFacts {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async load(id: string): Promise<KeyFact | undefined> {
    const k = apiKeys.for(this.#database)
    const [row] = await this.#database.drizzle.select().from(k).where(eq(k.id, id))
    if (!row) return undefined
    const { userId, hash, scopes, expiresAt, revokedAt, lastUsedAt } = row
    return { id, userId, hash, scopes, expiresAt: expiresAt?.getTime(), revoked: revokedAt !== null, lastUsedAt }
  }

  /** A key changed: nothing that was believed of it is believed any more. */
  async over(_id: string): Promise<void> {}
}
