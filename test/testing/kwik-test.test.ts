import { Elysia } from 'elysia'
import { kwik } from 'kwik'
import { kwikTest } from 'kwik/testing'
import { afterAll, describe, expect, test as plain } from '#test'
import { makeShop, prepare } from './shop.ts'

const { app, database, platform, Scenario } = makeShop()
const test = kwikTest(app, { platform, Scenario, prepare })
afterAll(() => database.close())

describe('kwikTest', () => {
  test('gives a test the app, users and rows', async ({ client, scenario }) => {
    const { users, products, categories } = await scenario()
      .withUser('alice', { admin: true })
      .withUser('bob', { permissions: ['products:read'] })
      .withCategories(2)
      .withProducts(5)
      .build()
    expect(users.alice.email).toBe('alice@example.com')
    expect(products).toHaveLength(5)
    expect(new Set(products.map((one) => one.categoryId))).toEqual(new Set(categories.map((one) => one.id)))
    const page = await client.getAs(users.bob, '/products', { query: { limit: 2, sort: '-price' } })
    expect([page.status, page.body.data.length, page.body.page.hasMore]).toEqual([200, 2, true])
    expect((await client.deleteAs(users.bob, `/products/${products[0]!.id}`)).status).toBe(403)
    expect((await client.deleteAs(users.alice, `/products/${products[0]!.id}`)).status).toBe(204)
    expect((await client.get('/products')).status).toBe(401)
  })

  for (const name of ['one', 'two', 'three'])
    test.concurrent(`leaves nothing behind (${name})`, async ({ scenario, db }) => {
      const { users } = await scenario().withUser('alice').withProducts(3).build()
      const made = await db.values('select count(*) from products')
      await new Promise((done) => setTimeout(done, 10))
      expect([Number(made[0]![0]), users.alice.name]).toEqual([3, 'alice'])
      expect(Number((await db.values('select count(*) from users'))[0]![0])).toBe(1)
    })

  test('lets the app write, read and refuse as it would', async ({ client, scenario }) => {
    const { users, categories } = await scenario().withUser('alice', { admin: true }).withCategories(1).build()
    const values = { name: 'Tea', price: '4.50', categoryId: categories[0]!.id }
    const made = await client.postAs(users.alice, '/products', values)
    expect([made.status, made.body.price, made.body.createdBy]).toEqual([201, '4.50', users.alice.id])
    const changed = await client.patchAs(users.alice, `/products/${made.body.id}`, { price: '5.00' })
    expect([changed.status, changed.body.name, changed.body.price]).toEqual([200, 'Tea', '5.00'])
    const refused = await client.postAs(users.alice, '/products', { ...values, colour: 'green' })
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, '/colour'])
  })
})

plain('the database of the app itself was never touched', async () => {
  const rows = await database.values("select name from sqlite_master where type = 'table' and name = 'products'")
  expect(rows).toEqual([])
})

const bare = kwik({ logging: false, signals: false })
const bareTest = kwikTest(
  new Elysia().use(bare).get('/', () => 'x', { public: true }),
  { platform: bare },
)
bareTest('a platform without a database has a client, and says what is missing', async ({ client, db, scenario }) => {
  expect((await client.get('/', { query: { a: [1, 2] } })).body).toBe('x')
  expect(() => db.values('select 1')).toThrow('this platform has no database')
  expect(() => scenario()).toThrow('kwikTest needs { Scenario }')
  await expect(client.getAs({ id: 'nobody', email: '', name: '' }, '/')).rejects.toThrow('no active user nobody')
})
