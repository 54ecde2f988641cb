import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { factory, scenarios, seededRandom } from 'kwik/testing'
import { accounts, database, folder } from './platform.ts'
import { categories, products } from './tables.ts'

const kinds = ['Tea', 'Coffee', 'Chocolate', 'Honey', 'Jam', 'Olive oil', 'Pasta', 'Spice']
const makers = ['Alder', 'Birch', 'Cedar', 'Elm', 'Hazel', 'Larch', 'Maple', 'Rowan']
const rows = 3000

export interface Login {
  readonly email: string
  readonly password: string
}

/** A few thousand rows and two users, once; the login is kept beside the shop's file, for this demonstration alone. */
export async function seed(): Promise<Login> {
  const kept = `${folder}/login.json`
  if (await accounts.hasAdmin()) {
    if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as Login
    throw new Error(`the shop has an admin, but ${kept} is gone: remove the database to begin again`)
  }
  const login = { email: 'admin@shop.example', password: randomBytes(9).toString('base64url') }
  await database.tx(async () => {
    await fill(login.password)
    await accounts.createAdmin(login)
  })
  writeFileSync(kept, JSON.stringify(login), { mode: 0o600 })
  return login
}

async function fill(password: string): Promise<void> {
  const Kinds = scenarios({
    database,
    accounts,
    factories: { categories: factory(categories, ({ seq }) => ({ name: kinds[seq - 1]! })) },
  })
  const made = await Kinds()
    .withRole('clerk', { permissions: ['products:read', 'products:update', 'categories:read'] })
    .withUser('clerk', { email: 'clerk@shop.example', roles: ['clerk'], password })
    .withCategories(kinds.length)
    .build()

  const rand = seededRandom('shop')
  const Products = scenarios({
    database,
    factories: {
      products: factory(products, ({ seq }) => {
        const category = made.categories[seq % kinds.length]!
        return {
          sku: `P-${String(seq).padStart(5, '0')}`,
          name: `${rand.pick(makers)} ${category.name.toLowerCase()} ${seq}`,
          price: (rand.int(100, 9999) / 100).toFixed(2),
          stock: rand.int(0, 200),
          status: rand.next() < 0.9 ? 'live' : 'draft',
          categoryId: category.id,
        }
      }),
    },
  })
  await Products().withProducts(rows).build()
}
