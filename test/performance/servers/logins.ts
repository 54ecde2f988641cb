import { Elysia } from 'elysia'
import { kwik } from 'kwik'
import { accountsService, accountTables, bunHashing } from 'kwik/accounts'
import { createTables, openDatabase } from 'kwik/database'
import { tokenTables } from 'kwik/tokens'
import { announce } from './announce.ts'

/** An app that people sign in to, and a route that has nothing to do with it. KWIK_BENCH_USERS have one password. */
const database = openDatabase({ url: 'sqlite::memory:' })
await createTables(database, [...accountTables, ...tokenTables])
const accounts = accountsService(database)
const platform = kwik({
  database,
  accounts,
  tokens: { secret: crypto.getRandomValues(Buffer.alloc(32)).toString('base64url') },
  logging: false,
})
const passwordHash = await bunHashing.hash('correct horse battery')
await accounts.importAccounts(
  {
    roles: [],
    users: Array.from({ length: Number(process.env['KWIK_BENCH_USERS'] ?? 500) }, (_, at) => ({
      email: `user-${at}@example.com`,
      passwordHash,
      roles: [],
    })),
  },
  { apply: true },
)
const app = new Elysia().use(platform).get('/other', () => 'other', { public: true })
app.listen({ port: 0, hostname: '127.0.0.1' })
announce(app.server?.port)
