import { eq } from 'drizzle-orm'
import { Beliefs } from '#core/beliefs'
import type { Database } from '#core/ports/database'
import type { Parts } from '../parts.ts'
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

interface FactsParts {
  readonly database: Database
  readonly parts: Pick<Parts, 'announcements' | 'givenClock'>
  /** Milliseconds. */
  readonly believedFor: number
}

/** What keys are: believed while it is certain. What changes a key says so, and waits until everybody knows. */
export class KeyFacts {
  readonly #keys: Beliefs<KeyFact>

  constructor({ database, parts, believedFor }: FactsParts) {
    this.#keys = new Beliefs({
      database,
      topic: 'api-key',
      believedFor,
      read: (id) => readKey(database, id),
      announcements: () => parts.announcements,
      clock: () => parts.givenClock,
    })
  }

  /** Without waiting; `undefined` says: load it. */
  peek(id: string): KeyFact | undefined {
    return this.#keys.peek(id)
  }

  load(id: string): Promise<KeyFact | undefined> {
    return this.#keys.load(id)
  }

  /** What was true of a key is over when the caller's transaction is committed. */
  over(id: string): Promise<void> {
    return this.#keys.over([id])
  }
}

async function readKey(database: Database, id: string): Promise<KeyFact | undefined> {
  const k = apiKeys.for(database)
  const [row] = await database.drizzle.select().from(k).where(eq(k.id, id))
  if (!row) return undefined
  const { userId, hash, scopes, expiresAt, revokedAt, lastUsedAt } = row
  return { id, userId, hash, scopes, expiresAt: expiresAt?.getTime(), revoked: revokedAt !== null, lastUsedAt }
}
