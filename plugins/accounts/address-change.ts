import { eq } from 'drizzle-orm'
import type { Principal, Scope } from '#core/scope'
import { unlessTaken } from './errors.ts'
import { provePassword } from './proof.ts'
import { users } from './tables.ts'
import { addressOf } from './users.ts'
import type { Workings } from './workings.ts'

/** Mails the link to the new address, unless somebody has it, and the notice to the old one. */
export async function changeAddress(
  work: Workings,
  caller: Principal,
  { email, password }: { readonly email: string; readonly password: string },
  scope?: Scope,
): Promise<void> {
  const { database, letters, afterwards } = work
  letters.mailer('email')
  const address = addressOf(email)
  const before = await provePassword(work, caller, password, '/password', scope)
  if (address === before.email) return
  afterwards.run('mailing about a new address', async () => {
    await letters.sendEmailAsked(before.email, address)
    const u = users.for(database)
    const [other] = await database.drizzle.select({ id: u.id }).from(u).where(eq(u.email, address))
    if (other === undefined) await letters.sendLink('email', { ...before, id: caller.id }, { address })
  })
}

/** @throws {ProblemError} `KWIK_ACCOUNTS_TOKEN_REFUSED`; `KWIK_ACCOUNTS_TAKEN` when somebody took the address meanwhile */
export function confirmAddress(
  { database, tokens, standing }: Workings,
  token: string,
): Promise<{ readonly userId: string; readonly from: string; readonly to: string }> {
  return database.tx(async () => {
    const { owner, address } = await tokens.use(token, 'email')
    const u = users.for(database)
    await unlessTaken(
      'users.email',
      database.drizzle
        .update(u)
        .set({ email: address!, isVerified: true, updatedBy: owner.id })
        .where(eq(u.id, owner.id)),
    )
    await standing.over(owner.id)
    return { userId: owner.id, from: owner.email, to: address! }
  })
}
