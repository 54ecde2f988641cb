import { and, desc, eq, inArray } from 'drizzle-orm'
import type { Database } from '#core/ports/database'
import type { Principal } from '#core/scope'
import { securityEvents } from '../events/table.ts'
import { users } from '../tables.ts'
import type { Impersonation } from './types.ts'

/** Who a caller is, and who really acts: since when and why is what was told when it began. */
export async function impersonationOf(
  database: Database,
  { id, actor, sessionId }: Pick<Principal, 'id' | 'actor' | 'sessionId'>,
): Promise<Impersonation> {
  const u = users.for(database)
  const ids = actor === undefined ? [id] : [id, actor.id]
  const rows = await database.drizzle.select({ id: u.id, email: u.email }).from(u).where(inArray(u.id, ids))
  const personOf = (wanted: string) => ({ id: wanted, email: rows.find((row) => row.id === wanted)?.email ?? '' })
  if (actor === undefined) return { impersonating: false, user: personOf(id) }
  const begun = sessionId === undefined ? undefined : await beginningOf(database, id, sessionId)
  return { impersonating: true, user: personOf(id), actor: personOf(actor.id), ...begun }
}

async function beginningOf(database: Database, userId: string, sessionId: string) {
  const e = securityEvents.for(database)
  const [begun] = await database.drizzle
    .select({ at: e.at, details: e.details })
    .from(e)
    .where(and(eq(e.userId, userId), eq(e.type, 'impersonation.started'), eq(e.sessionId, sessionId)))
    .orderBy(desc(e.id))
    .limit(1)
  if (begun === undefined) return undefined
  const { reason, seconds } = begun.details as { reason: string; seconds: number }
  return { since: begun.at.toISOString(), until: new Date(begun.at.getTime() + seconds * 1000).toISOString(), reason }
}
