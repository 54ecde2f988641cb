import { and, eq } from 'drizzle-orm'
import { LRUCache } from 'lru-cache'
import type { Clock } from '#core/ports/clock'
import type { Database } from '#core/ports/database'
import type { Account, Principals } from '#core/ports/principals'
import { rolePermissions, roles, userRoles, users } from './tables.ts'

interface Believed {
  readonly account: Account
  readonly until: number
}
/** What is believed of the rows of one engine: a test's clone of a database has its own. */
interface Beliefs {
  readonly accounts: LRUCache<string, Believed>
  readonly loading: Map<string, Promise<Account | undefined>>
}

const mostAccounts = 10_000
/** As ids are kept. PostgreSQL would read other spellings too, and fail at anything else. */
const idForm = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/**
 * What is true of each account, remembered for a moment and forgotten at once when this process changes it.
 * A load that began before a change is never remembered after it.
 */
export class Standing implements Principals {
  readonly #database: Database
  readonly #clock: Clock
  readonly #believedFor: number
  readonly #beliefs = new WeakMap<object, Beliefs>()

  constructor(database: Database, clock: Clock, believedFor: number) {
    this.#database = database
    this.#clock = clock
    this.#believedFor = believedFor
  }

  peek(id: string): Account | undefined {
    const believed = this.#mine().accounts.get(id)
    if (believed === undefined) return undefined
    const left = believed.until - this.#clock.now()
    // More than was given is left when the clock was set back.
    return left > 0 && left <= this.#believedFor ? believed.account : undefined
  }

  load(id: string): Promise<Account | undefined> {
    if (!idForm.test(id)) return Promise.resolve(undefined)
    // What a transaction sees may never come true.
    if (this.#database.inTransaction) return readAccount(this.#database, id)
    const { accounts, loading } = this.#mine()
    const known = loading.get(id)
    if (known) return known
    const load = readAccount(this.#database, id)
      .then((account) => {
        if (account && loading.get(id) === load)
          accounts.set(id, { account, until: this.#clock.now() + this.#believedFor })
        return account
      })
      .finally(() => {
        if (loading.get(id) === load) loading.delete(id)
      })
    loading.set(id, load)
    return load
  }

  /** Forgets one account, or all of them, when the caller's transaction is committed. */
  forgetAfterCommit(id?: string): void {
    const { accounts, loading } = this.#mine()
    this.#database.afterCommit(() => {
      if (id === undefined) {
        accounts.clear()
        loading.clear()
      } else {
        accounts.delete(id)
        loading.delete(id)
      }
    })
  }

  #mine(): Beliefs {
    const engine = this.#database.engine ?? this.#database
    let mine = this.#beliefs.get(engine)
    if (mine === undefined) {
      mine = { accounts: new LRUCache({ max: mostAccounts }), loading: new Map() }
      this.#beliefs.set(engine, mine)
    }
    return mine
  }
}

/** `undefined` for somebody who is unknown or disabled. Inactive roles grant nothing. */
async function readAccount(database: Database, id: string): Promise<Account | undefined> {
  const [u, r, rp, ur] = [
    users.for(database),
    roles.for(database),
    rolePermissions.for(database),
    userRoles.for(database),
  ]
  const [found] = await database.drizzle
    .select({ id: u.id, email: u.email, name: u.name, tokenVersion: u.tokenVersion })
    .from(u)
    .where(and(eq(u.id, id), eq(u.isActive, true)))
  if (!found) return undefined
  const held = await database.drizzle
    .select({ role: r.name, permission: rp.permission, tenant: ur.tenant })
    .from(ur)
    .innerJoin(r, and(eq(r.id, ur.roleId), eq(r.isActive, true)))
    .leftJoin(rp, eq(rp.roleId, r.id))
    .where(eq(ur.userId, id))
    .orderBy(r.name)
  const { tokenVersion, ...user } = found
  const everywhere = held.filter(({ tenant }) => tenant === null)
  const tenants = new Map<string, Set<string>>()
  for (const { tenant, permission } of held) {
    if (tenant === null) continue
    const there = tenants.get(tenant) ?? new Set()
    if (permission !== null) there.add(permission)
    tenants.set(tenant, there)
  }
  return {
    // Many requests share it: what a handler writes on its user would be there in the next one.
    user: Object.freeze({ ...user, roles: Object.freeze([...new Set(everywhere.map(({ role }) => role))]) }),
    permissions: new Set(everywhere.flatMap(({ permission }) => permission ?? [])),
    tenants,
    tokenVersion,
  }
}
