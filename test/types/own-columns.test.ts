import { expect, test } from '#test'
import { compile } from './compile.ts'

const program = (use: string): string => `import { kwik } from 'kwik'
import { accountsService, usersWith } from 'kwik/accounts'
import { openDatabase } from 'kwik/database'
const users = usersWith((t) => ({ phone: t.string(40).nullable(), bornAt: t.datetime().nullable() }))
const database = openDatabase({ url: 'sqlite::memory:' })
const accounts = accountsService(database, { users, selfWritable: ['phone'] })
export const platform = kwik({ database, accounts, tokens: { secret: 'x' } })
export const user = await accounts.createUser({ email: 'a@example.com', password: 'some phrase', phone: '1' }, 'system')
export const phone: string | null = user.phone
export const bornAt: string | null = user.bornAt
export const row: Date | null = users.$inferSelect.bornAt
export const plain = (await accountsService(database).findUser('x')).name
${use}
`

test("users have an app's columns, and only those", async () => {
  const { right, misspelt, unwritable, plain } = await compile({
    right: program(''),
    misspelt: program('export const x = user.phnoe'),
    unwritable: program("accountsService(database, { users, selfWritable: ['email'] })"),
    plain: program("export const y = (await accountsService(database).findUser('x')).phone"),
  })
  expect(right.messages).toBe('')
  expect(misspelt.messages).toContain("'phnoe'")
  expect(unwritable.messages).toContain('"email"')
  expect(plain.messages).toContain("'phone'")
}, 60_000)
