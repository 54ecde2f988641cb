import { kwik } from 'kwik'
import { accountPermissions, accountsService } from 'kwik/accounts'
import { database } from './database.ts'
import { permissions } from './resources/index.ts'
import { secret, settings } from './settings.ts'

/** Users, roles and sign-in. */
export const accounts = accountsService(database, { permissions: [...permissions, ...accountPermissions] })

/** What the app is made of. Modules with routes of their own `.use(platform)` too: it is put in place once. */
export const platform = kwik({
  settings,
  database,
  accounts,
  permissions,
  tokens: { secret: secret.reveal() },
  redis: settings.current.redis.url,
  logging: settings.current.log,
  rateLimit: { routes: { limit: 600, per: '1m' } },
  openapi: { title: 'kwik-app' },
})
