import { and, eq } from 'drizzle-orm'
import type { ProblemError } from '#core/problem'
import type { Scope } from '#core/scope'
import { normalEmail } from './email.ts'
import { loginRefused } from './errors.ts'
import { users } from './tables.ts'
import { networkIn } from './throttle/networks.ts'
import type { Try } from './throttle/throttle.ts'
import type { Credentials } from './types.ts'
import { tell, type Workings } from './workings.ts'

/** Whom a login was for: what a token is issued to. */
export interface SignedIn {
  readonly id: string
  readonly tokenVersion: number
}

type Refusal = 'unknown' | 'password' | 'disabled' | 'unverified'

/**
 * Checks an address and a password. Every refusal is the same, and costs one query and one hash.
 * @throws {ProblemError} `KWIK_ACCOUNTS_LOGIN_REFUSED`, `KWIK_ACCOUNTS_THROTTLED`, `KWIK_ACCOUNTS_BUSY`
 */
export async function login(work: Workings, given: Credentials, scope?: Scope): Promise<SignedIn> {
  const leave = await work.passwords.keepPlace()
  try {
    return await judged(work, given, leave, scope)
  } finally {
    leave()
  }
}

/** @param leave gives the place at the turnstile back: the password takes one of its own */
async function judged(work: Workings, given: Credentials, leave: () => void, scope?: Scope): Promise<SignedIn> {
  const { database, passwords, parts, networks, register } = work
  const email = normalEmail(given.email)
  const network = networkIn(scope)
  const attempt = await begin(work, email ?? given.email, network, scope)
  const u = users.for(database)
  const [user] = await database.drizzle
    .select({
      id: u.id,
      email: u.email,
      passwordHash: u.passwordHash,
      isActive: u.isActive,
      isVerified: u.isVerified,
      tokenVersion: u.tokenVersion,
    })
    .from(u)
    .where(eq(u.email, email ?? ''))
  const verdict = await passwords.verify(given.password, user?.passwordHash, { leave }).catch(async (error) => {
    await attempt?.unjudged()
    throw error
  })
  const refuse = async (reason: Refusal): Promise<ProblemError> => {
    await tell(parts, { type: 'login.failed', ...(user && { userId: user.id }), details: { reason } }, scope)
    return loginRefused()
  }
  if (user === undefined) throw await refuse('unknown')
  const { id, tokenVersion, passwordHash } = user
  if (verdict === 'unreadable') await tell(parts, { type: 'hash.unreadable', userId: id, details: {} }, scope)
  if (verdict !== 'right') throw await refuse('password')
  if (!user.isActive) throw await refuse('disabled')
  if (register?.verify && !user.isVerified) {
    // Said by mail alone: an answer of its own would tell that the password is right.
    work.afterwards.run('mailing the link of a registration', () => work.letters.sendLink('verify', user))
    throw await refuse('unverified')
  }
  await attempt?.right()
  if (network !== undefined) await networks.remember(id, network)
  if (passwords.isOutdated(passwordHash)) await renew(work, { id, passwordHash }, given.password)
  await tell(parts, { type: 'login.succeeded', userId: id, details: { method: 'password' } }, scope)
  return { id, tokenVersion }
}

/** Counts a try at somebody's password; one that came too soon is told. @throws {ProblemError} `KWIK_ACCOUNTS_THROTTLED` */
export async function begin(
  { throttle, parts }: Workings,
  email: string,
  network: string | undefined,
  scope?: Scope,
): Promise<Try | undefined> {
  try {
    return await throttle?.begin(email, network)
  } catch (error) {
    await tell(parts, { type: 'login.failed', details: { reason: 'throttled' } }, scope)
    throw error
  }
}

/** A hash of another kind, or of weaker parameters, is replaced while the password is at hand. */
async function renew(
  { database, passwords }: Workings,
  { id, passwordHash: before }: { id: string; passwordHash: string },
  password: string,
): Promise<void> {
  const passwordHash = await passwords.rehash(password)
  const u = users.for(database)
  // Hashing takes its time: a password that was changed meanwhile stays.
  await database.drizzle
    .update(u)
    .set({ passwordHash })
    .where(and(eq(u.id, id), eq(u.passwordHash, before)))
}
