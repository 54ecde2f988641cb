import { and, eq, inArray } from 'drizzle-orm'
import { unauthenticated } from '#core/access'
import { covers, grantsCovering, isGrant } from '#core/grants'
import { nearest } from '#core/internal/spelling'
import type { Database } from '#core/ports/database'
import type { Principals } from '#core/ports/principals'
import type { ProblemIssue } from '#core/problem'
import type { Principal } from '#core/scope'
import { invalid, lastAdmin, refuse } from './errors.ts'
import { mustBeInPerson } from './in-person.ts'
import { rolePermissions, roles, userRoles, users } from './tables.ts'

/** Who makes a change: a caller, who cannot give more than they have, or the program itself. */
export type Actor = Principal | 'system'

/** What audit columns say of an actor. */
export const authorOf = (actor: Actor): string | null => (actor === 'system' ? null : actor.id)

/** Who makes a change, for a security event. Nothing is said of the program itself. */
export const doneBy = (actor: Actor): { readonly actorId?: string } =>
  actor === 'system' ? {} : { actorId: actor.actor?.id ?? actor.id }

/**
 * Keeps power from growing: whoever gives grants, or changes somebody who has them, must hold them too.
 * @throws {ProblemError} `KWIK_ACCOUNTS_ESCALATION`
 */
export function mustHold(actor: Actor, grants: Iterable<string>): void {
  if (actor === 'system') return
  const lacking = [...new Set(grants)].filter((grant) => !covers(actor.permissions, grant)).sort()
  if (lacking.length === 0) return
  const detail = `needs ${lacking.join(' and ')}`
  throw refuse('KWIK_ACCOUNTS_ESCALATION', {
    detail,
    errors: [{ code: 'permission-missing', detail, allowed: lacking }],
  })
}

/**
 * A role grants permissions of the app, or patterns that cover one of them at least; so do the scopes of an API key.
 * @param field of the body that they stand in
 * @throws {ProblemError} `KWIK_INVALID` naming each that is neither
 */
export function checkGrants(grants: readonly string[], declared: readonly string[], field = 'permissions'): void {
  const known = new Set(declared.flatMap(grantsCovering))
  const issues = grants.flatMap((grant, at): ProblemIssue[] => {
    if (isGrant(grant) && known.has(grant)) return []
    const suggestion = nearest(grant, declared)
    return [
      {
        code: 'unknown-permission',
        detail: `${JSON.stringify(grant)} is no permission of this app${suggestion ? `, did you mean ${suggestion}?` : ''}`,
        pointer: `/${field}/${at}`,
        ...(suggestion !== undefined && { suggestion }),
      },
    ]
  })
  if (issues.length > 0) throw invalid(issues)
}

/** Everything that the roles grant, inactive ones too: they may be switched on again. */
export async function grantsOfRoles(database: Database, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const rp = rolePermissions.for(database)
  const rows = await database.drizzle
    .select({ permission: rp.permission })
    .from(rp)
    .where(inArray(rp.roleId, [...ids]))
  return rows.map(({ permission }) => permission)
}

export async function grantsOfUser(database: Database, id: string): Promise<string[]> {
  const ur = userRoles.for(database)
  const held = await database.drizzle.select({ roleId: ur.roleId }).from(ur).where(eq(ur.userId, id))
  return grantsOfRoles(
    database,
    held.map(({ roleId }) => roleId),
  )
}

/** Whether somebody active holds everything, by an active role. */
export async function hasAdmin(database: Database): Promise<boolean> {
  const [u, r, rp, ur] = [
    users.for(database),
    roles.for(database),
    rolePermissions.for(database),
    userRoles.for(database),
  ]
  const found = await database.drizzle
    .select({ id: u.id })
    .from(u)
    .innerJoin(ur, eq(ur.userId, u.id))
    .innerJoin(r, and(eq(r.id, ur.roleId), eq(r.isActive, true)))
    .innerJoin(rp, and(eq(rp.roleId, r.id), eq(rp.permission, '*')))
    .where(eq(u.isActive, true))
    .limit(1)
  return found.length > 0
}

/** Where power is changed, and who knows what an actor holds by now. */
export interface Power {
  readonly database: Database
  readonly principals: Principals
}

/**
 * Runs a change of who may do what, one at a time for the whole database: two administrators cannot each remove the
 * other. It is taken back when it would leave nobody who holds everything.
 *
 * @param change is told what the actor holds at that time: what was believed of them may be over, and must not become
 *   a change that stays
 * @throws {ProblemError} `KWIK_ACCOUNTS_LAST_ADMIN`; `KWIK_UNAUTHENTICATED` for an actor who is disabled by now;
 *   `KWIK_ACCOUNTS_IMPERSONATED` for one who acts for somebody else
 */
export function changeOfPower<T>(
  { database, principals }: Power,
  by: Actor,
  change: (actor: Actor) => Promise<T>,
): Promise<T> {
  return database.tx(async () => {
    mustBeInPerson(by, 'or-api-key')
    // SQLite has one writer anyhow.
    if (database.dialect === 'postgresql')
      await database.values("select pg_advisory_xact_lock(hashtext('kwik.accounts.power'))")
    const before = await hasAdmin(database)
    const changed = await change(await asOfNow(principals, by))
    if (before && !(await hasAdmin(database))) throw lastAdmin()
    return changed
  })
}

/** Inside a transaction principals read the database. Of a credential's own, smaller set what is still covered stays. */
async function asOfNow(principals: Principals, by: Actor): Promise<Actor> {
  if (by === 'system') return by
  const account = await principals.load(by.id)
  if (account === undefined) throw unauthenticated()
  return { ...by, permissions: new Set([...by.permissions].filter((grant) => covers(account.permissions, grant))) }
}
