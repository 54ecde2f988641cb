import { type AnyElysia, Elysia } from 'elysia'
import { kwik } from 'kwik'
import { openDatabase } from 'kwik/database'
import { resource } from 'kwik/resources'
import { person } from '../seed.ts'
import { announce } from './announce.ts'
import { products } from './products.ts'

/** W4 as an app of Kwik has it: one resource, everything that a production route carries. */
const account = { user: { id: person.id }, permissions: new Set(['products:read']), tokenVersion: person.tokenVersion }
const principals = { load: async () => account, peek: () => account }
const platform = kwik({
  database: openDatabase({ url: `sqlite:${process.env['BENCH_DATABASE']}` }),
  tokens: { secret: process.env['BENCH_SECRET']!, principals },
  permissions: ['products:read', 'products:create', 'products:update', 'products:delete'],
  rateLimit: {},
})
export const app: AnyElysia = new Elysia().use(platform).use(
  resource('products', {
    table: products,
    list: {
      filter: { status: true, price: ['gte', 'lte'] },
      sort: { keys: ['price', 'createdAt'], default: '-createdAt' },
      limit: { default: 20, max: 100 },
    },
    rateLimit: { limit: 10_000_000, per: '1m' },
  }),
)
app.listen({ port: 0, hostname: '127.0.0.1' })
announce(app.server?.port)
