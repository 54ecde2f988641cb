import { and, asc, desc, eq, gt, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm'
import { nearest } from '#core/internal/spelling'
import type { Database } from '#core/ports/database'
import type { ProblemIssue } from '#core/problem'
import { normalEmail } from './email.ts'
import { invalid, missing, taken, unlessTaken } from './errors.ts'
import {
  type Actor,
  authorOf,
  changeOfPower,
  doneBy,
  grantsOfRoles,
  grantsOfUser,
  mustHold,
  type Power,
} from './grants.ts'
import { mustBeInPerson } from './in-person.ts'
import type { OwnColumns } from './own-columns.ts'
import { limitOf, type Page, pageOf, type UserRequest } from './page.ts'
import type { Parts } from './parts.ts'
import type { Passwords } from './passwords.ts'
import type { Standing } from './standing.ts'
import { roles, userRoles, users } from './tables.ts'
import { difference, personNameOf, tenantNameOf } from './text.ts'
import type { AccountUser, InTenant, NewUser, UserChanges } from './types.ts'
import { tell } from './workings.ts'

/** People: who they are and which roles they have. */
export class Users {
  readonly #database: Database
  readonly #passwords: Passwords
  readonly #standing: Standing
  readonly #power: Power
  readonly #columns: OwnColumns
  readonly #parts: Parts

  constructor(database: Database, passwords: Passwords, standing: Standing, columns: OwnColumns, parts: Parts) {
    this.#database = database
    this.#columns = columns
    this.#parts = parts
    this.#passwords = passwords
    this.#standing = standing
    this.#power = { database, principals: standing }
  }

  async list(request: UserRequest, within: InTenant = {}): Promise<Page<AccountUser>> {
    const u = this.#columns.table.for(this.#database)
    const { after, before, email } = request
    const rows = await this.#database.drizzle
      .select()
      .from(u)
      .where(
        and(
          this.#membersOf(within),
          // Nobody has what is no address.
          email === undefined ? undefined : eq(u.email, normalEmail(email) ?? ''),
          before !== undefined ? lt(u.id, before) : after !== undefined ? gt(u.id, after) : undefined,
        ),
      )
      .orderBy(before !== undefined ? desc(u.id) : asc(u.id))
      .limit(limitOf(request) + 1)
    return pageOf(request, await this.shown(rows, within))
  }

  async find(id: string, within: InTenant = {}): Promise<AccountUser> {
    const u = this.#columns.table.for(this.#database)
    const where = and(eq(u.id, id), this.#membersOf(within))
    const [shown] = await this.shown(await this.#database.drizzle.select().from(u).where(where), within)
    if (!shown) throw missing('user', id)
    return shown
  }

  async create(user: NewUser, by: Actor): Promise<AccountUser> {
    mustBeInPerson(by, 'or-api-key')
    const { email: given, password, name = null, roles: names = [] } = user
    const email = addressOf(given)
    if (await this.#isUsed(email)) throw taken('users.email')
    const passwordHash = await this.#passwords.hashNew(password, { email, name })
    const author = authorOf(by)
    const own = this.#columns.rowOf(user, this.#columns.writable)
    return this.#database.tx(async () => {
      const u = this.#columns.table.for(this.#database)
      const [made] = await unlessTaken(
        'users.email',
        this.#database.drizzle
          .insert(u)
          .values({ ...own, email, name: personNameOf(name), passwordHash, createdBy: author, updatedBy: author })
          .returning({ id: u.id }),
      )
      await this.#standing.added()
      if (names.length > 0) await this.setRoles(made!.id, names, by)
      const details = { by: by === 'system' ? 'system' : 'administrator' } as const
      await tell(this.#parts, { type: 'user.created', userId: made!.id, ...doneBy(by), details })
      return this.find(made!.id)
    })
  }

  /** Makes a user with these values, by the program itself, unless somebody has the address. @returns their id */
  async insertUnlessKnown(
    values: { readonly email: string; readonly name: string | null; readonly passwordHash: string },
    names: readonly string[],
  ): Promise<string | undefined> {
    const u = this.#columns.table.for(this.#database)
    const [made] = await unlessTaken(
      'users.email',
      this.#database.drizzle.insert(u).values(values).onConflictDoNothing({ target: u.email }).returning({ id: u.id }),
    )
    if (made === undefined) return undefined
    await this.#standing.added()
    if (names.length > 0) await this.setRoles(made.id, names, 'system')
    return made.id
  }

  /** Changes a user; a new password signs them out everywhere, but for the session in which they change it themselves. */
  async update(id: string, changes: UserChanges, by: Actor): Promise<AccountUser> {
    const { email, name, password } = changes
    // An API key that could change what its owner signs in with would be its owner.
    mustBeInPerson(by, email === undefined && password === undefined ? 'or-api-key' : true)
    const before = await this.mayChange(id, by)
    const address = email === undefined ? undefined : addressOf(email)
    const owner = { email: address ?? before.email, name: name === undefined ? before.name : name }
    const passwordHash = password === undefined ? undefined : await this.#passwords.hashNew(password, owner)
    const own = this.#columns.rowOf(changes, this.#columns.writable)
    return changeOfPower(this.#power, by, async (actor) => {
      const u = this.#columns.table.for(this.#database)
      // Again, now that nobody else can change it: the password took its time.
      const { email: from } = await this.mayChange(id, actor)
      await unlessTaken(
        'users.email',
        this.#database.drizzle
          .update(u)
          .set({
            ...own,
            ...(address !== undefined && { email: address }),
            ...(name !== undefined && { name: personNameOf(name) }),
            ...(passwordHash !== undefined && { passwordHash, tokenVersion: sql`${u.tokenVersion} + 1` }),
            updatedBy: authorOf(by),
          })
          .where(eq(u.id, id)),
      )
      if (passwordHash !== undefined) await this.#signOut(id, 'password', actor)
      await this.#standing.over(id)
      const about = { userId: id, ...doneBy(by) }
      if (passwordHash !== undefined)
        await tell(this.#parts, { type: 'password.changed', ...about, details: { by: 'administrator' } })
      if (address !== undefined && address !== from)
        await tell(this.#parts, { type: 'email.changed', ...about, details: { from, to: address } })
      return this.find(id)
    })
  }

  /** A disabled user cannot sign in, and every token they have is refused from now on. */
  setActive(id: string, isActive: boolean, by: Actor): Promise<AccountUser> {
    return changeOfPower(this.#power, by, async (actor) => {
      const { isActive: wasActive } = await this.mayChange(id, actor)
      const u = users.for(this.#database)
      await this.#database.drizzle
        .update(u)
        .set({ isActive, updatedBy: authorOf(by), ...(!isActive && { tokenVersion: sql`${u.tokenVersion} + 1` }) })
        .where(eq(u.id, id))
      if (!isActive) await this.#signOut(id, 'disabled', 'system')
      await this.#standing.over(id)
      const type = isActive ? 'user.activated' : 'user.deactivated'
      if (isActive !== wasActive) await tell(this.#parts, { type, userId: id, ...doneBy(by), details: {} })
      return this.find(id)
    })
  }

  /**
   * Gives a user exactly the roles of these names, everywhere or in one tenant; what they have elsewhere stays. Whoever
   * gives roles in a tenant must hold there what these grant, and what the user holds there already.
   */
  async setRoles(id: string, names: readonly string[], by: Actor, tenant?: string): Promise<AccountUser> {
    if (tenant !== undefined) tenantNameOf(tenant)
    const change = async (actor: Actor): Promise<AccountUser> => {
      const before = rolesIn(await this.find(id), tenant)
      if (tenant === undefined) await this.mayChange(id, actor)
      else mustHold(actor, await grantsOfUser(this.#database, id, tenant))
      const wanted = await this.#roleIds(names)
      const ur = userRoles.for(this.#database)
      const { drizzle } = this.#database
      const there = and(eq(ur.userId, id), tenant === undefined ? isNull(ur.tenant) : eq(ur.tenant, tenant))
      const held = (await drizzle.select({ roleId: ur.roleId }).from(ur).where(there)).map((row) => row.roleId)
      const added = wanted.filter((roleId) => !held.includes(roleId))
      mustHold(actor, await grantsOfRoles(this.#database, added))
      await drizzle.delete(ur).where(there)
      if (wanted.length > 0)
        await drizzle.insert(ur).values(wanted.map((roleId) => ({ userId: id, roleId, tenant: tenant ?? null })))
      await this.#standing.over(id)
      const changed = await this.find(id)
      const details = difference(before, rolesIn(changed, tenant))
      if (details !== undefined) {
        const where = tenant === undefined ? {} : { tenant }
        await tell(this.#parts, { type: 'roles.changed', userId: id, ...doneBy(by), details: { ...details, ...where } })
      }
      return changed
    }
    return changeOfPower(this.#power, by, change, tenant)
  }

  /** Who has a role in the tenant. */
  #membersOf({ tenant }: InTenant): SQL | undefined {
    if (tenant === undefined) return undefined
    const [u, ur] = [users.for(this.#database), userRoles.for(this.#database)]
    const members = this.#database.drizzle.select({ id: ur.userId }).from(ur).where(eq(ur.tenant, tenant))
    return inArray(u.id, members)
  }

  /** Ends the sessions of somebody whose token version has just grown; one in which they act themselves goes on under it. */
  async #signOut(id: string, reason: 'password' | 'disabled', by: Actor): Promise<void> {
    const { sessions } = this.#parts
    if (sessions === undefined) return
    const own = by !== 'system' && by.id === id && by.actor === undefined ? by.sessionId : undefined
    const u = users.for(this.#database)
    const [row] = await this.#database.drizzle.select({ tokenVersion: u.tokenVersion }).from(u).where(eq(u.id, id))
    const except = own === undefined || !row ? undefined : { sessionId: own, tokenVersion: row.tokenVersion }
    await sessions.revokeAll(id, except, reason)
  }

  async #isUsed(email: string): Promise<boolean> {
    const u = users.for(this.#database)
    return (await this.#database.drizzle.select({ id: u.id }).from(u).where(eq(u.email, email))).length > 0
  }

  /** Who changes somebody must hold all that they hold, by inactive roles too. */
  async mayChange(
    id: string,
    by: Actor,
  ): Promise<{ readonly email: string; readonly name: string | null; readonly isActive: boolean }> {
    const u = users.for(this.#database)
    const [found] = await this.#database.drizzle
      .select({ email: u.email, name: u.name, isActive: u.isActive })
      .from(u)
      .where(eq(u.id, id))
    if (found === undefined) throw missing('user', id)
    mustHold(by, await grantsOfUser(this.#database, id))
    return found
  }

  async #roleIds(given: readonly string[]): Promise<string[]> {
    if (given.length === 0) return []
    const names = given.map((name) => name.normalize('NFC').trim())
    const r = roles.for(this.#database)
    const known = new Map(
      (await this.#database.drizzle.select({ id: r.id, name: r.name }).from(r)).map((row) => [row.name, row.id]),
    )
    const issues = names.flatMap((name, at) => (known.has(name) ? [] : [unknownRole(name, at, known.keys())]))
    if (issues.length > 0) throw invalid(issues)
    return [...new Set(names.map((name) => known.get(name)!))]
  }

  /** Users as clients see them. */
  async shown(rows: readonly (typeof users.$inferSelect)[], within: InTenant = {}): Promise<AccountUser[]> {
    if (rows.length === 0) return []
    const [r, ur] = [roles.for(this.#database), userRoles.for(this.#database)]
    const held = await this.#database.drizzle
      .select({ userId: ur.userId, name: r.name, tenant: ur.tenant })
      .from(ur)
      .innerJoin(r, eq(r.id, ur.roleId))
      .where(
        and(
          inArray(
            ur.userId,
            rows.map(({ id }) => id),
          ),
          within.tenant === undefined ? undefined : eq(ur.tenant, within.tenant),
        ),
      )
      .orderBy(r.name)
    const tenantsOf = (id: string): AccountUser['tenants'] => {
      const there = held.filter(({ userId, tenant }) => userId === id && tenant !== null)
      const names = [...new Set(there.map(({ tenant }) => tenant!))].sort()
      if (names.length === 0) return undefined
      return Object.fromEntries(
        names.map((name) => [name, there.filter(({ tenant }) => tenant === name).map((role) => role.name)]),
      )
    }
    return rows.map((row) => ({
      ...this.#columns.shownOf(row),
      id: row.id,
      email: row.email,
      name: row.name,
      isActive: row.isActive,
      isVerified: row.isVerified,
      roles: held.filter(({ userId, tenant }) => userId === row.id && tenant === null).map((role) => role.name),
      ...withTenants(tenantsOf(row.id)),
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    }))
  }
}

const withTenants = (tenants: AccountUser['tenants']): Pick<AccountUser, 'tenants'> => (tenants ? { tenants } : {})

const rolesIn = ({ roles, tenants }: AccountUser, tenant: string | undefined): readonly string[] =>
  tenant === undefined ? roles : (tenants?.[tenant] ?? [])

/** An address as it is kept. @throws {ProblemError} `KWIK_INVALID` for what is none */
export function addressOf(text: string): string {
  const email = normalEmail(text)
  if (email !== undefined) return email
  throw invalid([{ code: 'wrong-format', detail: 'must be an e-mail address', pointer: '/email' }])
}

function unknownRole(name: string, at: number, known: Iterable<string>): ProblemIssue {
  const suggestion = nearest(name, known)
  return {
    code: 'unknown-role',
    detail: `there is no role ${JSON.stringify(name)}${suggestion ? `, did you mean ${suggestion}?` : ''}`,
    pointer: `/roles/${at}`,
    ...(suggestion !== undefined && { suggestion }),
  }
}
