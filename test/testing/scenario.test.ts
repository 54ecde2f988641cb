import { defineTable } from 'kwik/database'
import { factory, scenarios } from 'kwik/testing'
import { afterAll, beforeAll, describe, expect, test } from '#test'
import { both } from '../services.ts'
import { categories, makeShop, notes, prepare, products, tables } from './shop.ts'

const { Scenario, accounts, database } = makeShop()
beforeAll(() => prepare(database))
afterAll(() => database.close())
const count = async (table: string): Promise<number> =>
  Number((await database.values(`select count(*) from ${table}`))[0]![0])

describe('a scenario', () => {
  test('makes rows with values, traits and the rows they need', async () => {
    const s = await Scenario().withProducts(2, { name: 'Same' }, 'live', 'cheap').withProducts(1).build()
    expect(s.products.map(({ name, status, price }) => [name, status, price])).toEqual([
      ['Same', 'live', '0.99'],
      ['Same', 'live', '0.99'],
      ['Product 3', 'draft', s.products[2]!.price],
    ])
    expect(s.products[0]!.createdAt).toBeInstanceOf(Date)
  })

  test('gives rows that belong to somebody to its users, or to one made for them', async () => {
    const s = await Scenario().withUser('nora').withNotes(2).build()
    expect(s.notes.map((note) => note.ownerId)).toEqual([s.users.nora.id, s.users.nora.id])
    const alone = await Scenario().withNotes(1).build()
    expect((await accounts.findUser(alone.notes[0]!.ownerId)).email).toBe('somebody@example.com')
  })

  test('is the same for the same seed', async () => {
    const made = async (seed: string) =>
      (
        await scenarios({
          database,
          seed,
          factories: { categories: factory(categories), products: factory(products) },
        })()
          .withCategories(0)
          .withProducts(3, {
            categoryId: (
              await Scenario()
                .withCategories(1, { name: `${seed} ${Math.random()}` })
                .build()
            ).categories[0]!.id,
          })
          .build()
      ).products.map((one) => one.price)
    const [first, again, other] = [await made('a'), await made('a'), await made('b')]
    expect(first).toEqual(again)
    expect(first).not.toEqual(other)
  })

  test('leaves nothing when a step fails', async () => {
    const before = [await count('users'), await count('categories')]
    await expect(Scenario().withUser('zoe').withCategories(2, { name: 'twice' }).build()).rejects.toThrow()
    expect([await count('users'), await count('categories')]).toEqual(before)
  })

  test('gives roles that hold in one tenant alone', async () => {
    const { users } = await Scenario()
      .withRole('clerk', { permissions: ['products:update'] })
      .withUser('tim', { tenants: { acme: ['clerk'], other: [] } })
      .build()
    const account = await accounts.principals.load(users.tim.id)
    expect([...account!.permissions]).toEqual([])
    expect([...(account!.tenants ?? [])].map(([name, held]) => [name, ...held])).toEqual([['acme', 'products:update']])
    const wrong = Scenario().withUser('tom', { tenants: { acme: ['clrek'] } })
    await expect(wrong.build()).rejects.toThrow('did you mean')
  })

  test('shares steps', async () => {
    const withStaff = <S extends ReturnType<typeof Scenario>>(s: S) =>
      s.withUser('mia').withUser('ben', { email: 'ben@shop.example' })
    const s = await Scenario().using(withStaff).build()
    expect([s.users.mia.email, s.users.ben.email]).toEqual(['mia@example.com', 'ben@shop.example'])
  })

  test('does not change what its caller gives', async () => {
    const roles: readonly string[] = Object.freeze(['reader'])
    await Scenario()
      .withRole('reader', { permissions: ['products:read'] })
      .withUser('lea', { admin: true, roles })
      .build()
    expect(roles).toEqual(['reader'])
  })

  test('names what it does not know', async () => {
    const loose = Scenario() as unknown as Record<string, (...given: unknown[]) => never>
    expect(() => loose['withProduct']!(1)).toThrow('Scenario has no withProduct(), did you mean withProducts()?')
    await expect((loose['withProducts']!(1, {}, 'lvie') as { build(): Promise<unknown> }).build()).rejects.toThrow(
      'did you mean "live"',
    )
    await expect(
      scenarios({ database, factories: { products: factory(products) } })()
        .withProducts(1)
        .build(),
    ).rejects.toThrow('products.categoryId needs a row of categories')
    const wrong = factory(categories, () => ({ nmae: 'x' }) as {})
    await expect(scenarios({ database, factories: { wrong } })().withWrong(1).build()).rejects.toThrow(
      'wrong has no field "nmae", did you mean "name"?',
    )
    await expect(scenarios({ database })().withUser('x').build()).rejects.toThrow('scenarios({ accounts })')
    await expect(
      Scenario()
        .withUser('kim', { roles: ['nobody'] })
        .build(),
    ).rejects.toThrow('nobody')
  })
})

both('sample values fit their fields', tables, async (db) => {
  const kinds = scenarios({
    database: db,
    factories: { categories: factory(categories), products: factory(products), notes: factory(notes) },
  })
  const s = await kinds().withCategories(600).withProducts(3).build()
  expect([s.categories.length, new Set(s.categories.map((one) => one.name)).size, s.products.length]).toEqual([
    600, 600, 3,
  ])
})

const everything = defineTable('everything', (t) => ({
  id: t.id(),
  short: t.string(3).unique(),
  text: t.text(),
  int: t.int(),
  bigint: t.bigint(),
  decimal: t.decimal(4, 3),
  whole: t.decimal(6, 0),
  float: t.float(),
  bool: t.bool(),
  date: t.date(),
  datetime: t.datetime(),
  uuid: t.uuid().unique(),
  email: t.email().unique(),
  url: t.url(),
  json: t.json(),
  kind: t.enum('a', 'b'),
  tags: t.list('string'),
  file: t.file(),
}))
both('every type of field has sample values, unique where they must be', [everything], async (db) => {
  const { everything: rows } = await scenarios({ database: db, factories: { everything: factory(everything) } })()
    .withEverything(120)
    .build()
  expect(rows).toHaveLength(120)
  expect(rows[0]!.json).toEqual({ sample: 1 })
  expect(rows[0]!.tags).toHaveLength(1)
})
