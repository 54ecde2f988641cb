import { and, eq } from 'drizzle-orm'
import type { Database } from '#core/ports/database'
import type { SecurityEvents } from '#core/ports/security-events'
import { normalEmail } from './email.ts'
import { loginRefused } from './errors.ts'
import type { Passwords } from './passwords.ts'
import { users } from './tables.ts'
import type { Credentials } from './types.ts'

/** Whom a login was for: what a token is issued to. */
export interface SignedIn {
  readonly id: string
  readonly tokenVersion: number
}

/**
 * Checks an address and a password. Every refusal is the same, and costs one query and one hash.
 * @throws {ProblemError} `KWIK_ACCOUNTS_LOGIN_REFUSED`, `KWIK_ACCOUNTS_BUSY`
 */
export async function login(
  database: Database,
  passwords: Passwords,
  given: Credentials,
  events?: SecurityEvents,
): Promise<SignedIn> {
  const u = users.for(database)
  const [user] = await database.drizzle
    .select({ id: u.id, hash: u.passwordHash, isActive: u.isActive, tokenVersion: u.tokenVersion })
    .from(u)
    .where(eq(u.email, normalEmail(given.email) ?? ''))
  const right = await passwords.verify(given.password, user?.hash)
  if (!right || !user?.isActive) {
    const reason = user === undefined ? 'unknown' : right ? 'disabled' : 'password'
    await events?.record({ type: 'login.failed', ...(user && { userId: user.id }), details: { reason } })
    throw loginRefused()
  }
  const { id, tokenVersion, hash } = user
  await events?.record({ type: 'login.succeeded', userId: id, actorId: id, details: { method: 'password' } })
  if (passwords.isOutdated(hash)) await renew(database, passwords, { id, hash }, given.password)
  return { id, tokenVersion }
}

/** A hash of another kind, or of weaker parameters, is replaced while the password is at hand. */
async function renew(
  database: Database,
  passwords: Passwords,
  { id, hash }: { id: string; hash: string },
  password: string,
): Promise<void> {
  // A password that is too short by now still signs in; its owner is not kept out.
  if (!passwords.takes(password)) return
  const passwordHash = await passwords.hash(password)
  const u = users.for(database)
  // Hashing takes its time: a password that was changed meanwhile stays.
  await database.drizzle
    .update(u)
    .set({ passwordHash })
    .where(and(eq(u.id, id), eq(u.passwordHash, hash)))
}
