import { eq } from 'drizzle-orm'
import { holds, isGrant } from '#core/grants'
import { missing } from './errors.ts'
import { type Actor, changeOfPower, isGrantable } from './grants.ts'
import { rolePermissions } from './tables.ts'
import type { AccountRole, DeclaredPermission } from './types.ts'
import type { Workings } from './workings.ts'

/** What roles grant, one by one, and seen from the permissions. Permissions are declared in code: none is made or changed here. */
export interface RoleGrants {
  /** Every permission of the app, with the names of the roles that grant it; inactive roles are among them. */
  listPermissions(): Promise<readonly DeclaredPermission[]>
  findPermission(name: string): Promise<DeclaredPermission>
  /** Roles that grant a permission, by its name or by a pattern. */
  rolesWithPermission(name: string): Promise<readonly AccountRole[]>
  rolesWithoutPermission(name: string): Promise<readonly AccountRole[]>
  /** Permissions of the app that a role does not grant. */
  permissionsWithoutRole(roleId: string): Promise<readonly string[]>
  addPermission(roleId: string, grant: string, by: Actor): Promise<AccountRole>
  /** Takes a grant that a role has by this name; what a pattern grants stays. */
  removePermission(roleId: string, grant: string, by: Actor): Promise<AccountRole>
  /**
   * Takes a grant of this name from all roles, also one that the app no longer declares.
   * @returns how many roles had it
   */
  purgePermission(grant: string, by: Actor): Promise<number>
}

export function roleGrants(work: Workings, declared: readonly string[]): RoleGrants {
  const { database, roles, standing } = work
  const power = { database, principals: standing }
  const grants = (role: AccountRole, permission: string): boolean => holds(new Set(role.permissions), permission)

  const known = (name: string): string => {
    if (declared.includes(name)) return name
    throw missing('permission', name, 'name')
  }
  const of = (name: string, all: readonly AccountRole[]): DeclaredPermission => ({
    name,
    roles: all.filter((role) => grants(role, name)).map((role) => role.name),
  })

  return {
    async listPermissions() {
      const all = await roles.all()
      return [...declared].sort().map((name) => of(name, all))
    },

    findPermission: async (name) => of(known(name), await roles.all()),

    rolesWithPermission: async (name) => {
      known(name)
      return (await roles.all()).filter((role) => grants(role, name))
    },

    rolesWithoutPermission: async (name) => {
      known(name)
      return (await roles.all()).filter((role) => !grants(role, name))
    },

    async permissionsWithoutRole(roleId) {
      const role = await roles.find(roleId)
      return declared.filter((name) => !grants(role, name)).sort()
    },

    addPermission: (roleId, grant, by) =>
      changeOfPower(power, by, async () => {
        if (!isGrantable(grant, declared)) throw missing('permission', grant, 'name')
        const { permissions } = await roles.find(roleId)
        return roles.replacePermissions(roleId, [...permissions, grant], by)
      }),

    removePermission: (roleId, grant, by) =>
      changeOfPower(power, by, async () => {
        const { permissions } = await roles.find(roleId)
        return roles.replacePermissions(
          roleId,
          permissions.filter((one) => one !== grant),
          by,
        )
      }),

    purgePermission: (grant, by) =>
      changeOfPower(power, by, async () => {
        if (!isGrant(grant)) throw missing('permission', grant, 'name')
        const rp = rolePermissions.for(database)
        const having = await database.drizzle.select({ id: rp.roleId }).from(rp).where(eq(rp.permission, grant))
        for (const { id } of having) {
          const { permissions } = await roles.find(id)
          await roles.replacePermissions(
            id,
            permissions.filter((one) => one !== grant),
            by,
          )
        }
        return having.length
      }),
  }
}
