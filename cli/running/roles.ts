import { grantsCovering } from '#core/grants'
import { nearest } from '#core/internal/spelling'
import type { Database } from '#core/ports/database'
import { rolePermissions, roles } from '../../plugins/accounts/index.ts'

/** A role as it is stored. */
export interface StoredRole {
  readonly name: string
  readonly isActive: boolean
  readonly permissions: readonly string[]
}

export async function storedRoles(database: Database): Promise<readonly StoredRole[]> {
  const [r, rp] = [roles.for(database), rolePermissions.for(database)]
  const all = await database.drizzle.select({ id: r.id, name: r.name, isActive: r.isActive }).from(r).orderBy(r.name)
  const granted = await database.drizzle
    .select({ roleId: rp.roleId, permission: rp.permission })
    .from(rp)
    .orderBy(rp.permission)
  return all.map(({ id, name, isActive }) => ({
    name,
    isActive,
    permissions: granted.filter(({ roleId }) => roleId === id).map(({ permission }) => permission),
  }))
}

/** A grant of a stored role that covers no permission of the app: one that was renamed, most likely. */
export interface StrayGrant {
  readonly role: string
  readonly permission: string
  readonly suggestion?: string
}

export function strayGrants(stored: readonly StoredRole[], declared: readonly string[]): readonly StrayGrant[] {
  const covering = new Set(declared.flatMap(grantsCovering))
  return stored.flatMap(({ name, permissions }) =>
    permissions
      .filter((permission) => permission !== '*' && !covering.has(permission))
      .map((permission) => {
        const suggestion = nearest(permission, declared)
        return { role: name, permission, ...(suggestion !== undefined && { suggestion }) }
      }),
  )
}
