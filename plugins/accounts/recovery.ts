import { and, eq } from 'drizzle-orm'
import type { Scope } from '#core/scope'
import { normalEmail } from './email.ts'
import { missing, tokenRefused } from './errors.ts'
import type { Actor } from './grants.ts'
import { replacePassword } from './new-password.ts'
import { users } from './tables.ts'
import { networkIn } from './throttle/networks.ts'
import { tell, type Workings } from './workings.ts'

/** Forgotten passwords. */
export interface Recovery {
  /**
   * Mails a link for a new password, where somebody active has the address. It resolves before anything is looked up:
   * neither time nor answer tells whether somebody does.
   */
  forgotPassword(email: string, scope?: Scope): Promise<void>
  /** Sets the password of whoever was mailed the token, and ends their sessions. */
  resetPassword(token: string, password: string, scope?: Scope): Promise<void>
  /** Mails somebody a link for a new password. @returns whether a mail left: not while three links are open */
  sendPasswordReset(id: string, by: Actor, scope?: Scope): Promise<boolean>
}

export function recovery(work: Workings): Recovery {
  const { database, parts, users: people, passwords, tokens, letters, afterwards, networks } = work

  const send = async (owner: { id: string; email: string; passwordHash: string }, scope?: Scope, actorId?: string) => {
    const sent = await letters.sendLink('reset', owner)
    const about = { userId: owner.id, ...(actorId !== undefined && { actorId }), details: {} }
    if (sent) await tell(parts, { type: 'password.reset-requested', ...about }, scope)
    return sent
  }

  const find = async (by: ReturnType<typeof eq>) => {
    const u = users.for(database)
    const [owner] = await database.drizzle
      .select({ id: u.id, email: u.email, passwordHash: u.passwordHash })
      .from(u)
      .where(and(by, eq(u.isActive, true)))
    return owner
  }

  return {
    async forgotPassword(given, scope) {
      letters.mailer('reset')
      const email = normalEmail(given)
      if (email === undefined) return
      afterwards.run('mailing a link for a new password', async () => {
        const owner = await find(eq(users.for(database).email, email))
        if (owner !== undefined) await send(owner, scope)
      })
    },

    async resetPassword(token, password, scope) {
      // A token that cannot be used costs no hash, and a password that is refused no token.
      const { owner } = await tokens.look(token, 'reset')
      const hash = await passwords.hashNew(password, owner)
      await database.tx(async () => {
        const { owner: still } = await tokens.use(token, 'reset')
        const given = { userId: still.id, before: still.passwordHash, hash, by: 'reset', verifies: true } as const
        if (!(await replacePassword(work, given, scope))) throw tokenRefused()
      })
      const network = networkIn(scope)
      if (network !== undefined) await networks.remember(owner.id, network)
    },

    async sendPasswordReset(id, by, scope) {
      letters.mailer('reset')
      await people.mayChange(id, by)
      const owner = await find(eq(users.for(database).id, id))
      if (owner === undefined) throw missing('user', id)
      return send(owner, scope, by === 'system' ? undefined : by.id)
    },
  }
}
