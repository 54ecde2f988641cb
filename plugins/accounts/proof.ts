import { and, eq } from 'drizzle-orm'
import { unauthenticated } from '#core/access'
import type { Principal, Scope } from '#core/scope'
import { wrongPassword } from './errors.ts'
import { begin } from './login.ts'
import { users } from './tables.ts'
import { networkIn } from './throttle/networks.ts'
import { tell, type Workings } from './workings.ts'

/** Whoever said their password once more. */
export interface Proven {
  readonly email: string
  readonly name: string | null
  readonly passwordHash: string
}

/**
 * Asks somebody who is signed in for their password: a token that was stolen is not enough for what changes who they are.
 * Wrong ones count as at a sign-in.
 *
 * @param pointer where the password is in the body
 * @throws {ProblemError} `KWIK_INVALID` for a wrong one, `KWIK_ACCOUNTS_THROTTLED`, `KWIK_ACCOUNTS_BUSY`
 */
export async function provePassword(
  work: Workings,
  caller: Principal,
  password: string,
  pointer: string,
  scope?: Scope,
): Promise<Proven> {
  const { database, passwords, parts } = work
  const u = users.for(database)
  const [user] = await database.drizzle
    .select({ email: u.email, name: u.name, passwordHash: u.passwordHash })
    .from(u)
    .where(and(eq(u.id, caller.id), eq(u.isActive, true)))
  if (user === undefined) throw unauthenticated()
  const attempt = await begin(work, user.email, networkIn(scope), scope)
  const verdict = await passwords.verify(password, user.passwordHash, { pointer }).catch(async (error) => {
    await attempt?.unjudged()
    throw error
  })
  if (verdict === 'right') {
    await attempt?.right()
    return user
  }
  if (verdict === 'unreadable') await tell(parts, { type: 'hash.unreadable', userId: caller.id, details: {} }, scope)
  await tell(parts, { type: 'login.failed', userId: caller.id, details: { reason: 'password' } }, scope)
  throw wrongPassword(pointer)
}
