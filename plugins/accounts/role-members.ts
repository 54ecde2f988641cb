import { and, asc, desc, eq, gt, inArray, isNull, lt, notInArray, type SQL } from 'drizzle-orm'
import { type Actor, changeOfPower, doneBy, grantsOfRoles, mustHold } from './grants.ts'
import { limitOf, type Page, type PageRequest, pageOf } from './page.ts'
import { rolePermissions, userRoles, users } from './tables.ts'
import type { AccountRole, AccountUser } from './types.ts'
import { tell, type Workings } from './workings.ts'

/** Who has a role. */
export interface RoleMembers<User extends AccountUser = AccountUser> {
  usersOfRole(roleId: string, request?: PageRequest): Promise<Page<User>>
  /** Those who could be given the role: everybody who does not have it, whatever else they have. */
  usersWithoutRole(roleId: string, request?: PageRequest): Promise<Page<User>>
  /** Gives a role; somebody who has it keeps it. */
  addUserToRole(roleId: string, userId: string, by: Actor): Promise<AccountRole>
  /** Takes a role; somebody without it stays without it. */
  removeUserFromRole(roleId: string, userId: string, by: Actor): Promise<AccountRole>
  /** Takes a role from everybody. */
  removeAllUsersFromRole(roleId: string, by: Actor): Promise<AccountRole>
}

export function roleMembers(work: Workings): RoleMembers {
  const { database, standing, users: people, roles } = work
  const power = { database, principals: standing }

  const page = async (request: PageRequest, of: SQL | undefined): Promise<Page<AccountUser>> => {
    const u = work.columns.table.for(database)
    const { after, before } = request
    const rows = await database.drizzle
      .select()
      .from(u)
      .where(and(of, before !== undefined ? lt(u.id, before) : after !== undefined ? gt(u.id, after) : undefined))
      .orderBy(before !== undefined ? desc(u.id) : asc(u.id))
      .limit(limitOf(request) + 1)
    return pageOf(request, await people.shown(rows))
  }

  const holders = (roleId: string) => {
    const ur = userRoles.for(database)
    return database.drizzle.select({ id: ur.userId }).from(ur).where(everywhere(roleId))
  }

  /** Who has it in every tenant: in one of them it is given with `setRoles()`. */
  const everywhere = (roleId: string, userId?: string): SQL | undefined => {
    const ur = userRoles.for(database)
    return and(eq(ur.roleId, roleId), isNull(ur.tenant), userId === undefined ? undefined : eq(ur.userId, userId))
  }

  const changed = async (userId: string, by: Actor, added: readonly string[], removed: readonly string[]) => {
    await standing.over(userId)
    await tell(work.parts, { type: 'roles.changed', userId, ...doneBy(by), details: { added, removed } })
  }

  return {
    async usersOfRole(roleId, request = {}) {
      await roles.find(roleId)
      return page(request, inArray(users.for(database).id, holders(roleId)))
    },

    async usersWithoutRole(roleId, request = {}) {
      await roles.find(roleId)
      return page(request, notInArray(users.for(database).id, holders(roleId)))
    },

    addUserToRole: (roleId, userId, by) =>
      changeOfPower(power, by, async (actor) => {
        const { name } = await roles.find(roleId)
        await people.mayChange(userId, actor)
        mustHold(actor, await grantsOfRoles(database, [roleId]))
        const ur = userRoles.for(database)
        const held = await database.drizzle.select({ id: ur.id }).from(ur).where(everywhere(roleId, userId))
        if (held.length === 0) {
          await database.drizzle.insert(ur).values({ userId, roleId, tenant: null })
          await changed(userId, by, [name], [])
        }
        return roles.find(roleId)
      }),

    removeUserFromRole: (roleId, userId, by) =>
      changeOfPower(power, by, async (actor) => {
        const { name } = await roles.find(roleId)
        await people.mayChange(userId, actor)
        const ur = userRoles.for(database)
        const gone = await database.drizzle.delete(ur).where(everywhere(roleId, userId)).returning({ id: ur.id })
        if (gone.length > 0) await changed(userId, by, [], [name])
        return roles.find(roleId)
      }),

    removeAllUsersFromRole: (roleId, by) =>
      changeOfPower(power, by, async (actor) => {
        const { name } = await roles.find(roleId)
        mustHold(actor, await grantsOfHolders(work, roleId))
        const ur = userRoles.for(database)
        const gone = await database.drizzle.delete(ur).where(eq(ur.roleId, roleId)).returning({ userId: ur.userId })
        for (const userId of new Set(gone.map((row) => row.userId))) await changed(userId, by, [], [name])
        return roles.find(roleId)
      }),
  }
}

/** Everything that anybody with the role holds, by that role or another: who changes them must hold it too. */
async function grantsOfHolders({ database }: Workings, roleId: string): Promise<string[]> {
  const [ur, rp] = [userRoles.for(database), rolePermissions.for(database)]
  const holders = database.drizzle.select({ id: ur.userId }).from(ur).where(eq(ur.roleId, roleId))
  const rows = await database.drizzle
    .selectDistinct({ permission: rp.permission })
    .from(ur)
    .innerJoin(rp, eq(rp.roleId, ur.roleId))
    .where(inArray(ur.userId, holders))
  return rows.map(({ permission }) => permission)
}
