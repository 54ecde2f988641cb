import { and, eq } from 'drizzle-orm'
import type { Scope } from '#core/scope'
import { normalEmail } from './email.ts'
import { users } from './tables.ts'
import { personNameOf } from './text.ts'
import type { Registration } from './types.ts'
import { addressOf } from './users.ts'
import { tell, type Workings } from './workings.ts'

/** People who make their account themselves. */
export interface Registrations<Own extends object = {}> {
  /**
   * Makes an account, or mails whoever has one with this address already that they do: the answer and its work are the
   * same. Where addresses are verified, nobody signs in before they followed the link they were mailed.
   */
  register(registration: Registration & Partial<Own>, scope?: Scope): Promise<void>
  /** Ends a registration by the token that was mailed. */
  verifyEmail(token: string, scope?: Scope): Promise<void>
  /** Mails the link of an open registration again. Resolves before anything is looked up. */
  resendVerification(email: string, scope?: Scope): Promise<void>
}

export function registrations(work: Workings): Registrations {
  const { database, parts, columns, passwords, tokens, letters, afterwards, users: people, register } = work
  const u = () => users.for(database)

  const unverified = async (email: string) => {
    const { id, email: address, passwordHash, isActive, isVerified } = u()
    const [found] = await database.drizzle
      .select({ id, email: address, passwordHash })
      .from(u())
      .where(and(eq(address, email), eq(isActive, true), eq(isVerified, false)))
    return found
  }

  /** Makes the account, or tells its owner. Several registrations of one address are open until a link of one is followed. */
  const settle = async (person: Registration & { email: string }, passwordHash: string, scope?: Scope) => {
    const { email, name = null } = person
    const isVerified = !register?.verify
    const made = await database.tx(async () => {
      const own = columns.rowOf(person, columns.self)
      const values = { ...own, email, name: personNameOf(name), passwordHash, isVerified }
      const id = await people.insertUnlessKnown(values, register?.roles ?? [])
      if (id !== undefined)
        await tell(parts, { type: 'user.created', userId: id, details: { by: 'registration' } }, scope)
      return id
    })
    const waiting = isVerified ? undefined : await unverified(email)
    if (waiting !== undefined) await letters.sendLink('verify', waiting, { passwordHash })
    else if (made === undefined && parts.mailer !== undefined)
      afterwards.run('mailing somebody that they have an account', () => letters.sendKnown(email))
  }

  return {
    async register(registration, scope) {
      if (register === undefined)
        throw new TypeError('nobody registers here: accountsService(database, { register: true }) allows it')
      if (register.verify) letters.mailer('verify')
      const email = addressOf(registration.email)
      personNameOf(registration.name ?? null)
      const passwordHash = await passwords.hashNew(registration.password, { ...registration, email })
      const person = { ...registration, email }
      if (register.verify) afterwards.run('a registration', () => settle(person, passwordHash, scope))
      else await settle(person, passwordHash, scope)
    },

    async verifyEmail(token, scope) {
      const id = await database.tx(async () => {
        const { owner, passwordHash } = await tokens.use(token, 'verify')
        await database.drizzle
          .update(u())
          .set({ isVerified: true, ...(passwordHash && { passwordHash }) })
          .where(eq(u().id, owner.id))
        await tokens.end(owner.id, 'verify')
        await work.standing.over(owner.id)
        return owner.id
      })
      await tell(parts, { type: 'email.verified', userId: id, details: {} }, scope)
    },

    async resendVerification(given) {
      letters.mailer('verify')
      const email = normalEmail(given)
      if (email === undefined) return
      afterwards.run('mailing the link of a registration', async () => {
        const waiting = await unverified(email)
        if (waiting !== undefined) await letters.sendLink('verify', waiting, await tokens.newest(waiting.id))
      })
    },
  }
}
