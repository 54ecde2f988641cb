import { describe, expect, test } from '#test'
import { defineTable, openDatabase } from '../../../plugins/database/index.ts'
import { type Change, resource } from '../../../plugins/resources/index.ts'
import { both, withDatabase, withPostgres } from '../../services.ts'
import { appOf, items, products, tables } from './app.ts'

const row = { sku: 'a', name: 'Pen' }
const mine = { scope: ({ user }: { user: { id: string } | null }) => ({ owner: user?.id ?? '' }) } as const
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error) => [error.status, error.problem?.errors?.[0].pointer],
  )

describe('an upsert', () => {
  both('makes the row, or writes the one with these unique values as a whole', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items, upsert: ['sku', ['shop', 'place']] })])
    const made = await ask('PUT', '/items?by=sku', { ...row, price: '1.50', stock: 3 })
    expect([made.status, made.headers.get('location'), made.headers.get('etag')]).toEqual([
      201,
      `/items/${made.body.id}`,
      '"1"',
    ])
    const again = await ask('PUT', '/items?by=sku', { ...row, name: 'Pencil' })
    expect([again.status, again.headers.get('location'), again.headers.get('etag')]).toEqual([200, null, '"2"'])
    expect(again.body).toMatchObject({ id: made.body.id, name: 'Pencil', price: null, stock: 0, version: 2 })
    const both = { sku: 'b', name: 'B', shop: 7, place: 1 }
    expect((await ask('PUT', '/items?by=shop,place', both)).status).toBe(201)
    expect((await ask('PUT', '/items?by=shop,place', { ...both, sku: 'c' })).body).toMatchObject({
      sku: 'c',
      version: 2,
    })
    // A value that another row has, beside those that it is found by.
    const taken = await ask('PUT', '/items?by=shop,place', { ...both, sku: 'a' })
    expect([taken.status, taken.body.errors[0].pointer]).toEqual([409, '/sku'])
    for (const query of ['', '?by=name']) {
      const refused = await ask('PUT', `/items${query}`, row)
      expect([query, refused.status]).toEqual([query, 400])
    }
    const empty = await ask('PUT', '/items?by=shop,place', { sku: 'd', name: 'D' })
    expect([empty.status, empty.body.errors.map((one: { pointer: string }) => one.pointer)]).toEqual([
      422,
      ['/shop', '/place'],
    ])
    expect((await ask('PUT', '/items?by=sku', row, 'seller')).status).toBe(200)
    expect((await ask('PUT', '/items?by=sku', row, 'writer')).status).toBe(403)
  })

  for (const hooks of [{}, { beforeCreate: () => {}, beforeUpdate: () => {} }])
    both(
      `of one key, 50 at once, makes one row${'beforeCreate' in hooks ? ', with hooks' : ''}`,
      [items],
      async (db) => {
        const told: Change<unknown>[] = []
        const shop = resource('items', {
          table: items,
          upsert: ['sku'],
          hooks: { ...hooks, afterCommit: (change) => void told.push(change) },
        })
        const { ask } = appOf(db, [shop])
        const all = await Promise.all(
          Array.from({ length: 50 }, (_, n) => ask('PUT', '/items?by=sku', { ...row, stock: n })),
        )
        expect(all.map(({ status }) => status).sort()).toEqual([...Array(49).fill(200), 201])
        expect(await db.values('select version from items')).toEqual([[50]])
        expect(told.filter(({ action }) => action === 'create')).toHaveLength(1)
        expect(told).toHaveLength(50)
      },
    )

  both('never changes a row out of scope: its value is taken', [items], async (db) => {
    const { ask } = appOf(db, [
      resource('items', { table: items, upsert: ['sku'], fields: { owner: { write: false } }, ...mine }),
    ])
    const { body } = await ask('POST', '/items', row, 'bob')
    const refused = await ask('PUT', '/items?by=sku', { ...row, name: 'stolen' })
    expect([refused.status, refused.body.errors]).toEqual([
      409,
      [{ code: 'taken', detail: 'sku is already taken', pointer: '/sku' }],
    ])
    expect((await ask('GET', `/items/${body.id}`, undefined, 'bob')).body).toEqual(body)
    expect((await ask('PUT', '/items?by=sku', { ...row, name: 'own' }, 'bob')).body).toMatchObject({ name: 'own' })
  })

  const labels = defineTable(
    'labels',
    (t) => ({ id: t.id(), tenant: t.string(40), slug: t.string(40), colour: t.string(20), ...t.version() }),
    (t) => [t.unique('tenant', 'slug')],
  )
  const ofTenant = { scope: ({ user }: { user: { id: string } | null }) => ({ tenant: user?.id ?? '' }) } as const
  for (const [kind, more] of Object.entries({
    '': {},
    ', with hooks': { hooks: { beforeCreate: () => {}, beforeUpdate: () => {} } },
  }))
    both(`finds the row by what the scope gives it${kind}`, [labels], async (db) => {
      const tags = resource('labels', {
        table: labels,
        permissions: false,
        upsert: [['tenant', 'slug']],
        fields: { tenant: { write: false } },
        ...ofTenant,
        ...more,
      })
      const { ask } = appOf(db, [tags])
      const bug = { slug: 'bug', colour: 'red' }
      const put = (body: object, who?: string, headers?: Record<string, string>) =>
        ask('PUT', '/labels?by=tenant,slug', body, who, headers)
      const made = await put(bug)
      expect([made.status, made.body.tenant]).toEqual([201, 'alice'])
      const again = await put({ ...bug, colour: 'blue' })
      expect([again.status, again.body.id, again.body.colour]).toEqual([200, made.body.id, 'blue'])
      const matched = await put({ ...bug, colour: 'green' }, 'alice', { 'if-match': '"2"' })
      expect([matched.status, matched.body.colour]).toEqual([200, 'green'])
      expect((await put(bug, 'alice', { 'if-none-match': '*' })).status).toBe(412)
      // The same word of another tenant is another row.
      const others = await put(bug, 'bob')
      expect([others.status, others.body.tenant]).toEqual([201, 'bob'])
      const caller = { db, user: { id: 'bob' } }
      expect((await tags.service.createIfNotExist(bug, { by: ['tenant', 'slug'] }, caller)).created).toBe(false)
      expect((await put({ ...bug, tenant: 'bob' })).status).toBe(422)
    })

  both('leaves fields that are written once as they are, and takes no field of the server', [items], async (db) => {
    const fields = { name: { write: 'create' }, stock: { write: 'items:stock' } } as const
    const { ask } = appOf(db, [resource('items', { table: items, upsert: ['sku'], fields })])
    await ask('PUT', '/items?by=sku', { ...row, stock: 5 })
    expect((await ask('PUT', '/items?by=sku', { ...row, name: 'x', price: '2.00' }, 'seller')).body).toMatchObject({
      name: 'Pen',
      stock: 5,
      price: '2.00',
    })
    const refused = await ask('PUT', '/items?by=sku', { ...row, stock: 6 }, 'seller')
    expect([refused.status, refused.body.detail]).toEqual([403, 'stock needs items:stock'])
  })

  both('of a key that only deleted rows have makes a new row', [items], async (db) => {
    const { ask } = appOf(db, [resource('items', { table: items, upsert: ['sku'] })])
    const { body } = await ask('PUT', '/items?by=sku', row)
    await ask('DELETE', `/items/${body.id}`)
    const again = await ask('PUT', '/items?by=sku', row)
    expect([again.status, again.body.id === body.id]).toEqual([201, false])
  })

  test('is of fields that are unique', () => {
    const wrong = (upsert: unknown) => () => resource('items', { table: items, upsert } as never)
    expect(wrong(['name'])).toThrow('upsert: name is not unique: say .unique() in the table')
    expect(wrong([['name', 'shop']])).toThrow(
      "name and shop together are not unique: say t.unique('name', 'shop') in the table's third argument",
    )
    expect(wrong(['skku'])).toThrow('no field "skku", did you mean "sku"?')
    expect(() => resource('items', { table: items, only: ['upsert'] })).toThrow(`needs the option upsert: ['sku']`)
    const options = { create: { auth: true } }
    expect(() => resource('items', { table: items, upsert: ['sku'], options })).toThrow('say it for upsert too')
  })
})

describe('the service', () => {
  both('upserts, and makes what is not there', [items], async (db) => {
    const { service } = resource('items', { table: items })
    const by = { by: ['sku'] } as const
    const first = await service.upsert(row, by, { db })
    expect([first.created, (await service.upsert({ ...row, name: 'x' }, by, { db })).created]).toEqual([true, false])
    const kept = await service.createIfNotExist({ ...row, name: 'y' }, by, { db })
    expect(kept).toMatchObject({ created: false, row: { id: first.row.id, name: 'x', version: 2 } })
    expect((await service.createIfNotExist({ ...row, sku: 'b' }, by, { db })).created).toBe(true)
    await expect(service.upsert(row, { by: ['name'] }, { db })).rejects.toThrow(
      'rows cannot be found by name, only by what is unique: id; sku; mail; shop and place',
    )
  })

  for (const hooks of [{}, { beforeCreate: () => {} }])
    both(
      `makes one of 30 that are asked for at once${'beforeCreate' in hooks ? ', with a hook' : ''}`,
      [items],
      async (db) => {
        const { service } = resource('items', { table: items, hooks })
        const all = await Promise.all(
          Array.from({ length: 30 }, () => service.createIfNotExist(row, { by: ['sku'] }, { db })),
        )
        expect(all.filter(({ created }) => created)).toHaveLength(1)
        expect(new Set(all.map((one) => one.row.id)).size).toBe(1)
      },
    )

  both('makes nothing in the place of a row out of scope', [items], async (db) => {
    for (const hooks of [{}, { beforeCreate: () => {} }]) {
      const { service } = resource('items', { table: items, hooks, ...mine })
      await service.createIfNotExist({ ...row, owner: 'bob' }, { by: ['sku'] }, { db, user: { id: 'bob' } })
      const alice = { db, user: { id: 'alice' } }
      expect(await outcome(service.createIfNotExist(row, { by: ['sku'] }, alice))).toEqual([409, '/sku'])
      expect(await outcome(service.upsert(row, { by: ['sku'] }, alice))).toEqual([409, '/sku'])
    }
  })

  both('writes rows that say who wrote them for a user only', tables, async (db) => {
    const audited = resource('products', { table: products })
    const nobody = { db } as never
    await expect(audited.service.create({ name: 'a', sku: 'a' }, nobody)).rejects.toThrow(
      'resource "products": its rows say who wrote them: give the service a user, or say audit: false',
    )
    const quiet = resource('products', { table: products, audit: false })
    expect(await quiet.service.create({ name: 'a', sku: 'a' }, { db })).toMatchObject({ createdBy: null })
  })
})

const coupons = defineTable('items', (t) => ({
  id: t.id(),
  sku: t.string(40).unique(),
  code: t.string(40).defaultFn(() => crypto.randomUUID()),
  name: t.string(40).nullable(),
  ...t.version(),
}))

both('an upsert that expects the row leaves a default that code makes as it is', [coupons], async (db) => {
  const { ask } = appOf(db, [resource('items', { table: coupons, upsert: ['sku'] })])
  const { code } = (await ask('PUT', '/items?by=sku', { sku: 'a', name: 'A' })).body
  for (const tag of [{}, { 'if-match': '*' }, { 'if-match': '"3"' }])
    expect(await ask('PUT', '/items?by=sku', { sku: 'a' }, 'alice', tag as Record<string, string>)).toMatchObject({
      status: 200,
      body: { code, name: null },
    })
})

withPostgres.test('a hook is told of the row that is written, where another took its place meanwhile', () =>
  withDatabase('PostgreSQL', [items], async (db, url) => {
    const other = openDatabase({ url })
    const next = '01890000-0000-7000-8000-000000000000'
    const told: string[] = []
    const shop = resource('items', {
      table: items,
      upsert: ['sku'],
      hooks: {
        beforeUpdate: async (values, _, id) => {
          told.push(id)
          if (told.length > 1) return values
          await other.execute('delete from items')
          await other.execute(`insert into items (id, sku, name, version) values ('${next}', 'a', 'Other', 1)`)
          return values
        },
      },
    })
    const { ask } = appOf(db, [shop])
    const { id } = (await ask('POST', '/items', row)).body
    expect(await ask('PUT', '/items?by=sku', { ...row, name: 'New' })).toMatchObject({
      status: 200,
      body: { id: next, name: 'New', version: 2 },
    })
    expect(told).toEqual([id, next])
    await other.close()
  }),
)
