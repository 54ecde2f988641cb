import { eq } from 'drizzle-orm'
import type { Principal, Scope } from '#core/scope'
import { changeAddress, confirmAddress } from './address-change.ts'
import { unlessTaken, wrongPassword } from './errors.ts'
import { mustBeInPerson } from './in-person.ts'
import { replacePassword } from './new-password.ts'
import { provePassword } from './proof.ts'
import { personNameOf } from './text.ts'
import type { AccountRole, AccountUser, OwnChanges } from './types.ts'
import { tell, type Workings } from './workings.ts'

/** What people do with their own account. */
export interface OwnAccount<Own extends object = {}> {
  /** Changes the name, and the columns that the app lets people write of themselves. Nothing else. */
  updateOwn(caller: Principal, changes: OwnChanges & Partial<Own>): Promise<AccountUser & Own>
  /** Changes the password of somebody who knows the one before. Their session goes on, all others end. */
  changeOwnPassword(
    caller: Principal,
    passwords: { readonly current: string; readonly password: string },
    scope?: Scope,
  ): Promise<void>
  /**
   * Mails a link to a new address, and a notice to the one from before. It changes when the link is followed. The answer
   * is the same for an address that somebody else has.
   */
  changeOwnEmail(
    caller: Principal,
    change: { readonly email: string; readonly password: string },
    scope?: Scope,
  ): Promise<void>
  /** Makes the address that a token was mailed to the one of its owner. */
  confirmEmail(token: string, scope?: Scope): Promise<void>
  /** What somebody may do now: grants of their active roles, sorted. Nothing for who is disabled. */
  permissionsOf(id: string): Promise<readonly string[]>
  /** The roles of somebody, inactive ones too. */
  rolesOf(id: string): Promise<readonly AccountRole[]>
}

export function ownAccount(work: Workings): OwnAccount {
  const { database, columns, users: people, roles, passwords, standing } = work
  return {
    async updateOwn(caller, changes) {
      mustBeInPerson(caller)
      const u = columns.table.for(database)
      const own = columns.rowOf(changes, columns.self)
      const name = changes.name === undefined ? undefined : personNameOf(changes.name)
      return database.tx(async () => {
        await unlessTaken(
          'users.email',
          database.drizzle
            .update(u)
            .set({ ...own, ...(name !== undefined && { name }), updatedBy: caller.id })
            .where(eq(u.id, caller.id)),
        )
        await standing.over(caller.id)
        return people.find(caller.id)
      })
    },

    async changeOwnPassword(caller, { current, password }, scope) {
      mustBeInPerson(caller)
      const before = await provePassword(work, caller, current, '/current', scope)
      const hash = await passwords.hashNew(password, before)
      const given = { userId: caller.id, before: before.passwordHash, hash, by: 'self', keeps: caller } as const
      // It was changed by somebody else while it was hashed.
      if (!(await replacePassword(work, given, scope))) throw wrongPassword('/current')
    },

    changeOwnEmail(caller, change, scope) {
      mustBeInPerson(caller)
      return changeAddress(work, caller, change, scope)
    },

    async confirmEmail(token, scope) {
      const { userId, from, to } = await confirmAddress(work, token)
      await tell(work.parts, { type: 'email.changed', userId, details: { from, to } }, scope)
    },

    async permissionsOf(id) {
      await people.find(id)
      const account = await standing.load(id)
      return [...(account?.permissions ?? [])].sort()
    },

    async rolesOf(id) {
      await people.find(id)
      return roles.ofUser(id)
    },
  }
}
