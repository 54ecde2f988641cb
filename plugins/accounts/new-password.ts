import { and, eq, sql } from 'drizzle-orm'
import type { Principal, Scope } from '#core/scope'
import { users } from './tables.ts'
import { tell, type Workings } from './workings.ts'

interface NewPassword {
  readonly userId: string
  /** The hash that it takes the place of: one that was changed meanwhile stays. */
  readonly before: string
  readonly hash: string
  readonly by: 'self' | 'reset' | 'administrator'
  /** The address was proven with it. */
  readonly verifies?: boolean
  /** Whose session goes on. */
  readonly keeps?: Principal
  readonly actorId?: string
}

/**
 * Puts a new password in its place and ends the sessions of its owner: all, or all but one.
 * @returns whether the one before was still there
 */
export function replacePassword(work: Workings, given: NewPassword, scope?: Scope): Promise<boolean> {
  const { database, parts, standing } = work
  const { userId, before, hash, by, verifies = false, keeps, actorId } = given
  return database.tx(async () => {
    const u = users.for(database)
    const [changed] = await database.drizzle
      .update(u)
      .set({
        passwordHash: hash,
        tokenVersion: sql`${u.tokenVersion} + 1`,
        updatedBy: actorId ?? userId,
        ...(verifies && { isVerified: true }),
      })
      .where(and(eq(u.id, userId), eq(u.passwordHash, before)))
      .returning({ tokenVersion: u.tokenVersion })
    if (changed === undefined) return false
    const kept = keeps?.sessionId && { sessionId: keeps.sessionId, tokenVersion: changed.tokenVersion }
    await parts.sessions?.revokeAll(userId, kept || undefined, 'password')
    await standing.over(userId)
    const about = { userId, ...(actorId !== undefined && { actorId }), details: { by } }
    await tell(parts, { type: 'password.changed', ...about }, scope)
    return true
  })
}
