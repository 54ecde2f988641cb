import { and, eq } from 'drizzle-orm'
import { Beliefs } from '#core/beliefs'
import type { Database } from '#core/ports/database'
import type { Account, Principals } from '#core/ports/principals'
import { endTags } from '#core/tags'
import type { Parts } from './parts.ts'
import { rolePermissions, roles, userRoles, users } from './tables.ts'

/** As ids are kept. PostgreSQL would read other spellings too, and fail at anything else. */
const idForm = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/** What is true of each account, believed while it is certain; what changes an account or a role says so, and waits. */
export class Standing implements Principals {
  readonly #accounts: Beliefs<Account>
  readonly #database: Database

  constructor(database: Database, parts: Parts, believedFor: number) {
    this.#database = database
    this.#accounts = new Beliefs({
      database,
      topic: 'account',
      believedFor,
      read: (id) => readAccount(database, id),
      announcements: () => parts.announcements,
      clock: () => parts.givenClock,
    })
  }

  peek(id: string): Account | undefined {
    return this.#accounts.peek(id)
  }

  load(id: string): Promise<Account | undefined> {
    return idForm.test(id) ? this.#accounts.load(id) : Promise.resolve(undefined)
  }

  /**
   * What is true of an account, or of what roles grant, is over when the caller's transaction is committed; so is what a
   * cache has kept of its row.
   */
  async over(id?: string): Promise<void> {
    if (id !== undefined) await endTags(this.#database, ['users', `users:${id}`])
    await this.#accounts.over(id === undefined ? undefined : [id])
  }

  /** There is another row of users. */
  async added(): Promise<void> {
    await endTags(this.#database, ['users'])
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
