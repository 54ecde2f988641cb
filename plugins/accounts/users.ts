import { asc, desc, eq, gt, inArray, lt, sql } from 'drizzle-orm'
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
import { limitOf, type Page, type PageRequest, pageOf } from './page.ts'
import type { Parts } from './parts.ts'
import type { Passwords } from './passwords.ts'
import type { Standing } from './standing.ts'
import { roles, userRoles, users } from './tables.ts'
import { difference, personNameOf } from './text.ts'
import type { AccountUser, NewUser, UserChanges } from './types.ts'

/** People: who they are and which roles they have. */
export class Users {
  readonly #database: Database
  readonly #passwords: Passwords
  readonly #standing: Standing
  readonly #power: Power
  readonly #parts: Parts

  constructor(database: Database, passwords: Passwords, standing: Standing, parts: Parts) {
    this.#database = database
    this.#passwords = passwords
    this.#standing = standing
    this.#parts = parts
    this.#power = { database, principals: standing }
  }

  async list(request: PageRequest): Promise<Page<AccountUser>> {
    const u = users.for(this.#database)
    const { after, before } = request
    const rows = await this.#database.drizzle
      .select()
      .from(u)
      .where(before !== undefined ? lt(u.id, before) : after !== undefined ? gt(u.id, after) : undefined)
      .orderBy(before !== undefined ? desc(u.id) : asc(u.id))
      .limit(limitOf(request) + 1)
    return pageOf(request, await this.#shown(rows))
  }

  async find(id: string): Promise<AccountUser> {
    const u = users.for(this.#database)
    const [shown] = await this.#shown(await this.#database.drizzle.select().from(u).where(eq(u.id, id)))
    if (!shown) throw missing('user', id)
    return shown
  }

  async create({ email: given, password, name = null, roles: names = [] }: NewUser, by: Actor): Promise<AccountUser> {
    mustBeInPerson(by, 'or-api-key')
    const email = addressOf(given)
    if (await this.#isUsed(email)) throw taken('users.email')
    const passwordHash = await this.#passwords.hash(password)
    const author = authorOf(by)
    return this.#database.tx(async () => {
      const u = users.for(this.#database)
      const [made] = await unlessTaken(
        'users.email',
        this.#database.drizzle
          .insert(u)
          .values({ email, name: personNameOf(name), passwordHash, createdBy: author, updatedBy: author })
          .returning({ id: u.id }),
      )
      const details = { by: by === 'system' ? by : 'administrator' } as const
      await this.#parts.events?.record({ type: 'user.created', userId: made!.id, ...doneBy(by), details })
      if (names.length > 0) await this.setRoles(made!.id, names, by)
      return this.find(made!.id)
    })
  }

  /** Changes a user; a new password signs them out everywhere, but for the session in which they change it themselves. */
  async update(id: string, { email, name, password }: UserChanges, by: Actor): Promise<AccountUser> {
    // An API key that could change what its owner signs in with would be its owner.
    mustBeInPerson(by, email === undefined && password === undefined ? 'or-api-key' : true)
    await this.#mayChange(id, by)
    const address = email === undefined ? undefined : addressOf(email)
    const passwordHash = password === undefined ? undefined : await this.#passwords.hash(password)
    return changeOfPower(this.#power, by, async (actor) => {
      const u = users.for(this.#database)
      // Again, now that nobody else can change it: the password took its time.
      await this.#mayChange(id, actor)
      await unlessTaken(
        'users.email',
        this.#database.drizzle
          .update(u)
          .set({
            ...(address !== undefined && { email: address }),
            ...(name !== undefined && { name: personNameOf(name) }),
            ...(passwordHash !== undefined && { passwordHash, tokenVersion: sql`${u.tokenVersion} + 1` }),
            updatedBy: authorOf(by),
          })
          .where(eq(u.id, id)),
      )
      if (passwordHash !== undefined) await this.#signOut(id, 'password', actor)
      await this.#standing.over(id)
      return this.find(id)
    })
  }

  /** A disabled user cannot sign in, and every token they have is refused from now on. */
  setActive(id: string, isActive: boolean, by: Actor): Promise<AccountUser> {
    return changeOfPower(this.#power, by, async (actor) => {
      await this.#mayChange(id, actor)
      const u = users.for(this.#database)
      await this.#database.drizzle
        .update(u)
        .set({ isActive, updatedBy: authorOf(by), ...(!isActive && { tokenVersion: sql`${u.tokenVersion} + 1` }) })
        .where(eq(u.id, id))
      if (!isActive) await this.#signOut(id, 'disabled', 'system')
      const type = isActive ? 'user.activated' : 'user.deactivated'
      await this.#parts.events?.record({ type, userId: id, ...doneBy(by), details: {} })
      await this.#standing.over(id)
      return this.find(id)
    })
  }

  /** Gives a user exactly the roles of these names. */
  setRoles(id: string, names: readonly string[], by: Actor): Promise<AccountUser> {
    return changeOfPower(this.#power, by, async (actor) => {
      await this.#mayChange(id, actor)
      const before = (await this.find(id)).roles
      const wanted = await this.#roleIds(names)
      const ur = userRoles.for(this.#database)
      const { drizzle } = this.#database
      const held = (await drizzle.select({ roleId: ur.roleId }).from(ur).where(eq(ur.userId, id))).map(
        (row) => row.roleId,
      )
      const added = wanted.filter((roleId) => !held.includes(roleId))
      mustHold(actor, await grantsOfRoles(this.#database, added))
      await drizzle.delete(ur).where(eq(ur.userId, id))
      if (wanted.length > 0) await drizzle.insert(ur).values(wanted.map((roleId) => ({ userId: id, roleId })))
      await this.#standing.over(id)
      const changed = await this.find(id)
      const details = difference(before, changed.roles)
      if (details !== undefined)
        await this.#parts.events?.record({ type: 'roles.changed', userId: id, ...doneBy(by), details })
      return changed
    })
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
  async #mayChange(id: string, by: Actor): Promise<void> {
    const u = users.for(this.#database)
    const found = await this.#database.drizzle.select({ id: u.id }).from(u).where(eq(u.id, id))
    if (found.length === 0) throw missing('user', id)
    mustHold(by, await grantsOfUser(this.#database, id))
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

  async #shown(rows: readonly (typeof users.$inferSelect)[]): Promise<AccountUser[]> {
    if (rows.length === 0) return []
    const [r, ur] = [roles.for(this.#database), userRoles.for(this.#database)]
    const held = await this.#database.drizzle
      .select({ userId: ur.userId, name: r.name })
      .from(ur)
      .innerJoin(r, eq(r.id, ur.roleId))
      .where(
        inArray(
          ur.userId,
          rows.map(({ id }) => id),
        ),
      )
      .orderBy(r.name)
    return rows.map(({ id, email, name, isActive, createdAt, updatedAt }) => ({
      id,
      email,
      name,
      isActive,
      roles: held.filter(({ userId }) => userId === id).map((role) => role.name),
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
    }))
  }
}

function addressOf(text: string): string {
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
