import { type AnyElysia, Elysia } from 'elysia'
import { kwik } from 'kwik'
import { accountsService } from 'kwik/accounts'
import { openDatabase } from 'kwik/database'
import { announce } from './announce.ts'
import { withRoutes } from './routes.ts'

/** W1 to W3 in an app with every plugin installed, their route options unused, without a log. */
const database = openDatabase({ url: 'sqlite::memory:' })
const platform = kwik({
  database,
  accounts: accountsService(database),
  tokens: { secret: crypto.getRandomValues(Buffer.alloc(32)).toString('base64url') },
  permissions: ['products:read'],
  rateLimit: {},
  openapi: {},
  logging: false,
})
export const app: AnyElysia = withRoutes(new Elysia().use(platform), { public: true }).listen({
  port: 0,
  hostname: '127.0.0.1',
})
announce(app.server?.port)
