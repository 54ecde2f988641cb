import { and, eq, gt, lte } from 'drizzle-orm'
import { networkOf } from '#core/internal/address'
import type { Database } from '#core/ports/database'
import type { Scope } from '#core/scope'
import type { Parts } from '../parts.ts'
import { accountNetworks, users } from '../tables.ts'

const day = 86_400_000
/** A network that was not used for so long belongs to somebody else by now. */
const known = 180 * day

/** From where a request comes, as far as guessers are told apart by it; `undefined` where nobody knows. */
export function networkIn(scope: Scope | undefined): string | undefined {
  return scope?.address === undefined ? undefined : networkOf(scope.address)
}

/** Networks from which people signed in. */
export class Networks {
  readonly #database: Database
  readonly #parts: Pick<Parts, 'clock'>

  constructor(database: Database, parts: Pick<Parts, 'clock'>) {
    this.#database = database
    this.#parts = parts
  }

  /** Whether the owner of an address signed in from there. One query, whether there is an owner or not. */
  async knows(email: string, network: string): Promise<boolean> {
    const [n, u] = [accountNetworks.for(this.#database), users.for(this.#database)]
    const since = new Date(this.#parts.clock.now() - known)
    const found = await this.#database.drizzle
      .select({ id: n.id })
      .from(n)
      .innerJoin(u, eq(u.id, n.userId))
      .where(and(eq(u.email, email), eq(n.network, network), gt(n.lastUsedAt, since)))
    return found.length > 0
  }

  /** Keeps a network of somebody who just proved who they are. It writes once a day. */
  async remember(userId: string, network: string): Promise<void> {
    const n = accountNetworks.for(this.#database)
    const { drizzle } = this.#database
    const now = this.#parts.clock.now()
    const mine = and(eq(n.userId, userId), eq(n.network, network))
    const [row] = await drizzle.select({ lastUsedAt: n.lastUsedAt }).from(n).where(mine)
    if (row !== undefined && row.lastUsedAt.getTime() > now - day) return
    const lastUsedAt = new Date(now)
    await drizzle.delete(n).where(and(eq(n.userId, userId), lte(n.lastUsedAt, new Date(now - known))))
    await drizzle
      .insert(n)
      .values({ userId, network, lastUsedAt })
      .onConflictDoUpdate({ target: [n.userId, n.network], set: { lastUsedAt } })
  }
}
