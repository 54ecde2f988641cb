import { fileURLToPath } from 'node:url'
import { t } from 'elysia'
import { kwik } from 'kwik'
import { accountPermissions, accountsService } from 'kwik/accounts'
import { openDatabase } from 'kwik/database'
import { definePermissions } from 'kwik/permissions'
import { defineSettings, developmentSecret, kwikSettings } from 'kwik/settings'

const here = fileURLToPath(new URL('./data', import.meta.url))
const settings = defineSettings(
  t.Object({
    ...kwikSettings,
    database: t.Object({ url: t.Optional(t.String({ env: 'DATABASE_URL' })) }),
    shop: t.Object({ folder: t.String({ env: 'SHOP_FOLDER', default: here }) }),
  }),
)
export const { server, redis, tokens } = settings.current

/** Where the shop keeps its file and its secret. */
export const { folder } = settings.current.shop

export const permissions = definePermissions({
  products: ['read', 'create', 'update', 'delete', 'export'],
  categories: ['read', 'create', 'update', 'delete'],
})
export const database = openDatabase({ url: settings.current.database.url ?? `sqlite:${folder}/shop.sqlite` })
export const accounts = accountsService(database, { permissions: [...permissions, ...accountPermissions] })

export const platform = kwik({
  database,
  accounts,
  permissions,
  tokens: { secret: (tokens.secret ?? developmentSecret(folder)).reveal(), accessTtl: '8h' },
  rateLimit: { routes: { limit: 600, per: '1m' } },
  openapi: { title: 'Kwik shop', version: '1.0.0' },
  ...(redis.url !== undefined && { redis: redis.url }),
})
