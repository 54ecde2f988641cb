import { Elysia } from 'elysia'
import { kwik } from 'kwik'
import { accountPermissions, accountsService, accountTables } from 'kwik/accounts'
import { createTables, type Database, defineTable, openDatabase } from 'kwik/database'
import { resource } from 'kwik/resources'
import { factory, scenarios } from 'kwik/testing'
import { tokenTables } from 'kwik/tokens'

export const categories = defineTable('categories', (t) => ({ id: t.id(), name: t.string(80).unique() }))
export const products = defineTable('products', (t) => ({
  id: t.id(),
  name: t.string(200),
  price: t.decimal(10, 2),
  status: t.enum('draft', 'live').default('draft'),
  categoryId: t.ref('categories'),
  ...t.audit(),
}))
export const notes = defineTable('notes', (t) => ({ id: t.id(), text: t.text(), ownerId: t.ref('users') }))

export const tables = [...accountTables, ...tokenTables, categories, products, notes]
export const prepare = (db: Database): Promise<void> => createTables(db, tables)

const names = ['products:read', 'products:create', 'products:update', 'products:delete'] as const

/** A whole app over a database, as a person would write it. */
export function makeShop(url = 'sqlite::memory:') {
  const database = openDatabase({ url })
  const accounts = accountsService(database, { permissions: [...names, ...accountPermissions] })
  const platform = kwik({
    database,
    accounts,
    permissions: names,
    tokens: { secret: '8c1f0d6a3b9e4f72a5d0c6b1e8f39a47' },
    logging: false,
    signals: false,
  })
  const app = new Elysia().use(platform).use(
    resource('products', {
      table: products,
      list: { filter: { name: true, price: true, status: true }, sort: { keys: ['price', 'name'], default: 'name' } },
    }),
  )
  const Scenario = scenarios({
    database,
    accounts,
    factories: {
      categories: factory(categories),
      products: factory(products, ({ seq }) => ({ name: `Product ${seq}` }), {
        traits: { live: { status: 'live' }, cheap: { price: '0.99' } },
      }),
      notes: factory(notes),
    },
  })
  return { app, database, accounts, platform, Scenario }
}
