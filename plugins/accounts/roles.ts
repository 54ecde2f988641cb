import { asc, count, desc, eq, gt, inArray, lt } from 'drizzle-orm'
import type { Database } from '#core/ports/database'
import { missing, refuse, unlessTaken } from './errors.ts'
import {
  type Actor,
  authorOf,
  changeOfPower,
  checkGrants,
  doneBy,
  grantsOfRoles,
  mustHold,
  type Power,
} from './grants.ts'
import { mustBeInPerson } from './in-person.ts'
import { limitOf, type Page, type PageRequest, pageOf } from './page.ts'
import type { Parts } from './parts.ts'
import type { Standing } from './standing.ts'
import { rolePermissions, roles, userRoles } from './tables.ts'
import { descriptionOf, difference, roleNameOf } from './text.ts'
import type { AccountRole, NewRole, RoleChanges } from './types.ts'
import { tell } from './workings.ts'

/** Roles and what they grant. */
export class Roles {
  readonly #database: Database
  readonly #standing: Standing
  readonly #power: Power
  readonly #declared: readonly string[]
  readonly #parts: Pick<Parts, 'events'>

  constructor(database: Database, standing: Standing, declared: readonly string[], parts: Pick<Parts, 'events'>) {
    this.#database = database
    this.#parts = parts
    this.#standing = standing
    this.#power = { database, principals: standing }
    this.#declared = declared
  }

  async list(request: PageRequest): Promise<Page<AccountRole>> {
    const r = roles.for(this.#database)
    const { after, before } = request
    const rows = await this.#database.drizzle
      .select()
      .from(r)
      .where(before !== undefined ? lt(r.id, before) : after !== undefined ? gt(r.id, after) : undefined)
      .orderBy(before !== undefined ? desc(r.id) : asc(r.id))
      .limit(limitOf(request) + 1)
    return pageOf(request, await this.#shown(rows))
  }

  /** All of them, by name: an app has as many as people can keep apart. */
  async all(): Promise<readonly AccountRole[]> {
    const r = roles.for(this.#database)
    return this.#shown(await this.#database.drizzle.select().from(r).orderBy(asc(r.name)))
  }

  async ofUser(userId: string): Promise<readonly AccountRole[]> {
    const [r, ur] = [roles.for(this.#database), userRoles.for(this.#database)]
    const { drizzle } = this.#database
    const held = drizzle.select({ id: ur.roleId }).from(ur).where(eq(ur.userId, userId))
    return this.#shown(await drizzle.select().from(r).where(inArray(r.id, held)).orderBy(asc(r.name)))
  }

  async find(id: string): Promise<AccountRole> {
    const r = roles.for(this.#database)
    const [shown] = await this.#shown(await this.#database.drizzle.select().from(r).where(eq(r.id, id)))
    if (!shown) throw missing('role', id)
    return shown
  }

  async findByName(name: string): Promise<AccountRole | undefined> {
    const r = roles.for(this.#database)
    const [shown] = await this.#shown(
      await this.#database.drizzle
        .select()
        .from(r)
        .where(eq(r.name, roleNameOf(name))),
    )
    return shown
  }

  create({ name, description = null, permissions = [] }: NewRole, by: Actor): Promise<AccountRole> {
    const author = authorOf(by)
    return this.#database.tx(async () => {
      mustBeInPerson(by, 'or-api-key')
      const r = roles.for(this.#database)
      const [made] = await unlessTaken(
        'roles.name',
        this.#database.drizzle
          .insert(r)
          .values({
            name: roleNameOf(name),
            description: descriptionOf(description),
            createdBy: author,
            updatedBy: author,
          })
          .returning({ id: r.id }),
      )
      if (permissions.length > 0) await this.setPermissions(made!.id, permissions, by)
      return this.find(made!.id)
    })
  }

  update(id: string, { name, description, isActive }: RoleChanges, by: Actor): Promise<AccountRole> {
    return changeOfPower(this.#power, by, async (actor) => {
      await this.#mayChange(id, actor)
      const before = await this.find(id)
      const r = roles.for(this.#database)
      await unlessTaken(
        'roles.name',
        this.#database.drizzle
          .update(r)
          .set({
            ...(name !== undefined && { name: roleNameOf(name) }),
            ...(description !== undefined && { description: descriptionOf(description) }),
            ...(isActive !== undefined && { isActive }),
            updatedBy: authorOf(by),
          })
          .where(eq(r.id, id)),
      )
      await this.#standing.over()
      const changed = await this.find(id)
      const details = {
        ...(changed.name !== before.name && { from: before.name }),
        ...(changed.isActive !== before.isActive && { isActive: changed.isActive }),
      }
      if (Object.keys(details).length > 0)
        await tell(this.#parts, { type: 'role.changed', ...doneBy(by), details: { role: changed.name, ...details } })
      return changed
    })
  }

  /** Makes a role grant exactly these. */
  setPermissions(id: string, grants: readonly string[], by: Actor): Promise<AccountRole> {
    return this.#grant(id, grants, by, () => checkGrants(grants, this.#declared))
  }

  /** The same without a look at what the app declares: what is left when one grant is taken may be from another time. */
  replacePermissions(id: string, grants: readonly string[], by: Actor): Promise<AccountRole> {
    return this.#grant(id, grants, by)
  }

  #grant(id: string, grants: readonly string[], by: Actor, check?: () => void): Promise<AccountRole> {
    return changeOfPower(this.#power, by, async (actor) => {
      const held = await this.#mayChange(id, actor)
      check?.()
      const wanted = [...new Set(grants)]
      mustHold(
        actor,
        wanted.filter((grant) => !held.includes(grant)),
      )
      const [r, rp] = [roles.for(this.#database), rolePermissions.for(this.#database)]
      const { drizzle } = this.#database
      await drizzle.delete(rp).where(eq(rp.roleId, id))
      if (wanted.length > 0) await drizzle.insert(rp).values(wanted.map((permission) => ({ roleId: id, permission })))
      await drizzle
        .update(r)
        .set({ updatedBy: authorOf(by) })
        .where(eq(r.id, id))
      await this.#standing.over()
      const changed = await this.find(id)
      const details = difference(held, changed.permissions)
      if (details !== undefined)
        await tell(this.#parts, {
          type: 'permissions.changed',
          ...doneBy(by),
          details: { role: changed.name, ...details },
        })
      return changed
    })
  }

  /** Deletes a role that nobody has. */
  delete(id: string, by: Actor): Promise<void> {
    return changeOfPower(this.#power, by, async (actor) => {
      await this.#mayChange(id, actor)
      const { name: role } = await this.find(id)
      const [r, ur] = [roles.for(this.#database), userRoles.for(this.#database)]
      const { drizzle } = this.#database
      if ((await drizzle.select({ id: ur.id }).from(ur).where(eq(ur.roleId, id)).limit(1)).length > 0) throw inUse()
      await drizzle.delete(r).where(eq(r.id, id))
      await tell(this.#parts, { type: 'role.deleted', ...doneBy(by), details: { role } })
    })
  }

  /** What the role grants now. Who changes it must hold all of that. */
  async #mayChange(id: string, by: Actor): Promise<readonly string[]> {
    const { permissions } = await this.find(id)
    mustHold(by, await grantsOfRoles(this.#database, [id]))
    return permissions
  }

  async #shown(rows: readonly (typeof roles.$inferSelect)[]): Promise<AccountRole[]> {
    if (rows.length === 0) return []
    const rp = rolePermissions.for(this.#database)
    const granted = await this.#database.drizzle
      .select({ roleId: rp.roleId, permission: rp.permission })
      .from(rp)
      .where(
        inArray(
          rp.roleId,
          rows.map(({ id }) => id),
        ),
      )
      .orderBy(rp.permission)
    const ur = userRoles.for(this.#database)
    const counted = await this.#database.drizzle
      .select({ roleId: ur.roleId, users: count() })
      .from(ur)
      .where(
        inArray(
          ur.roleId,
          rows.map(({ id }) => id),
        ),
      )
      .groupBy(ur.roleId)
    return rows.map(({ id, name, description, isActive, createdAt, updatedAt }) => ({
      id,
      name,
      description,
      isActive,
      userCount: Number(counted.find(({ roleId }) => roleId === id)?.users ?? 0),
      permissions: granted.filter(({ roleId }) => roleId === id).map(({ permission }) => permission),
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
    }))
  }
}

const inUse = () =>
  refuse('KWIK_ACCOUNTS_ROLE_IN_USE', {
    detail: 'Take it from everybody who has it first.',
    errors: [{ code: 'in-use', detail: 'somebody has this role', parameter: 'id' }],
  })
