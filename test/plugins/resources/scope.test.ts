import { eq } from 'drizzle-orm'
import { describe, expect } from '#test'
import { defineTable } from '../../../plugins/database/index.ts'
import { resource } from '../../../plugins/resources/index.ts'
import { type AnyShape, many, one, shape } from '../../../plugins/shaping/index.ts'
import { both } from '../../services.ts'
import { appOf, items as rows } from './app.ts'

const items = defineTable('items', (t) => ({
  id: t.id(),
  name: t.string(40),
  owner: t.string(40),
  cost: t.decimal(8, 2).nullable(),
}))

const scopes = {
  'its list': () =>
    resource('items', { table: items, list: shape(items, { scope: ({ user }) => ({ owner: user?.id ?? '' }) }) }),
  'fields and values': () =>
    resource('items', {
      table: items,
      scope: ({ user }) => ({ owner: user?.id ?? '' }),
      list: { filter: { owner: true, name: true } },
    }),
  'drizzle’s SQL': (db: never) =>
    resource('items', { table: items, scope: ({ user }) => eq(items.for(db).owner, user?.id ?? '') }),
}

for (const [form, make] of Object.entries(scopes))
  describe(`rows in a scope of ${form}`, () => {
    both('are out of reach for others: not there, not changed, not given away', [items], async (db) => {
      const { ask } = appOf(db, [make(db as never)])
      const { body: mine } = await ask('POST', '/items', { name: 'a', owner: 'alice' })
      const { body: other } = await ask('POST', '/items', { name: 'b', owner: 'bob' }, 'bob')
      expect((await ask('GET', '/items')).body.data).toEqual([mine])
      expect((await ask('GET', `/items/${mine.id}`)).status).toBe(200)
      for (const method of ['GET', 'DELETE']) expect((await ask(method, `/items/${other.id}`)).status).toBe(404)
      expect((await ask('PATCH', `/items/${other.id}`, { name: 'x' })).status).toBe(404)
      expect((await ask('PUT', `/items/${other.id}`, { name: 'x', owner: 'alice' })).status).toBe(404)
      const stolen = await ask('PATCH', `/items/${mine.id}`, { owner: 'bob' })
      expect([stolen.status, stolen.body.code]).toEqual([403, 'KWIK_RESOURCE_OUT_OF_SCOPE'])
      expect((await ask('POST', '/items', { name: 'c', owner: 'bob' })).status).toBe(403)
      expect(await db.values('select name, owner from items order by name')).toEqual([
        ['a', 'alice'],
        ['b', 'bob'],
      ])
    })
  })

const owned = ({ user }: { user: { id: string } | null }) => ({ owner: user?.id ?? '' })
const more = {
  table: rows,
  upsert: ['sku'],
  bulk: {},
  actions: {
    archive: {
      run: ({ row, service, caller }: never) =>
        (service as never as Updates).update((row as Keyed).id, { name: 'x' }, caller),
    },
  },
} as const
interface Keyed {
  readonly id: string
}
interface Updates {
  update(id: string, values: object, caller: unknown): Promise<unknown>
}
const everyScope = {
  'its list': () => resource('items', { ...more, list: shape(rows, { scope: owned }) } as never),
  'fields and values': () => resource('items', { ...more, scope: owned } as never),
  'drizzle’s SQL': (db: never) =>
    resource('items', {
      ...more,
      scope: ({ user }: never) => eq(rows.for(db).owner, (user as Keyed | null)?.id ?? ''),
    } as never),
}

for (const [form, make] of Object.entries(everyScope))
  describe(`every other operation, in a scope of ${form},`, () => {
    both('finds no row of somebody else, and gives none away', [rows], async (db) => {
      const { ask } = appOf(db, [make(db as never)])
      const [live, gone] = await Promise.all(
        ['live', 'gone'].map(
          async (sku) => (await ask('POST', '/items', { sku, name: sku, owner: 'bob' }, 'bob')).body,
        ),
      )
      await ask('DELETE', `/items/${gone.id}`, undefined, 'bob')
      const before = await db.values('select * from items order by sku')
      const calls = [
        [404, 'POST', `/items/${live.id}/archive`, undefined],
        [404, 'POST', `/items/${gone.id}/restore`, undefined],
        [404, 'DELETE', `/items/${gone.id}/purge`, undefined],
        [404, 'PATCH', '/items/bulk', { items: [{ id: live.id, name: 'x' }] }],
        [404, 'DELETE', '/items/bulk', { items: [live.id] }],
        [409, 'PUT', '/items?by=sku', { sku: 'live', name: 'x', owner: 'alice' }],
        [403, 'PUT', '/items?by=sku', { sku: 'new', name: 'x', owner: 'bob' }],
        [403, 'POST', '/items/bulk', { items: [{ sku: 'new', name: 'x', owner: 'bob' }] }],
      ] as const
      for (const [status, method, path, body] of calls)
        expect([method, path, (await ask(method, path, body)).status]).toEqual([method, path, status])
      // A version that is not theirs to know is no answer either.
      const tags = { 'if-match': '"9"' }
      for (const method of ['PATCH', 'DELETE']) {
        const sent = method === 'PATCH' ? { name: 'x' } : undefined
        expect((await ask(method, `/items/${live.id}`, sent, 'alice', tags)).status).toBe(404)
      }
      expect(
        (await ask('PUT', '/items?by=sku', { sku: 'live', name: 'x', owner: 'alice' }, 'alice', tags)).status,
      ).toBe(412)
      expect((await ask('GET', '/items/deleted')).body.data).toEqual([])
      expect(await db.values('select * from items order by sku')).toEqual(before)
      const moved = await ask('PUT', '/items?by=sku', { sku: 'live', name: 'x', owner: 'alice' }, 'bob')
      expect([moved.status, moved.body.code]).toEqual([403, 'KWIK_RESOURCE_OUT_OF_SCOPE'])
      expect((await ask('PUT', '/items?by=sku', { sku: 'live', name: 'y', owner: 'bob' }, 'bob')).status).toBe(200)
      expect((await ask('POST', `/items/${live.id}/archive`, undefined, 'bob')).body.name).toBe('x')
    })
  })

const nodes = defineTable('items', (t) => ({
  id: t.id(),
  name: t.string(40),
  owner: t.string(40).default('alice'),
  rank: t.int().default(0),
  parentId: t.ref('items').nullable(),
}))
const list: AnyShape = shape(nodes, {
  filter: { name: true },
  sort: { keys: ['rank'] },
  relations: { parent: one(() => list, 'parentId'), children: many(() => list, 'parentId') },
} as never) as never

describe('a relation that leads back to the table of a resource', () => {
  both('shows and tells nothing of rows that are out of its scope', [nodes], async (db) => {
    const tree = { table: nodes, list: list.declaration, scope: owned, export: ['ndjson'], permissions: 'products' }
    const { ask } = appOf(db, [resource('items', tree as never)])
    const other = (await ask('POST', '/items', { name: 'secret', owner: 'bob' }, 'bob')).body
    const mine = (await ask('POST', '/items', { name: 'mine', parentId: other.id })).body
    await ask('POST', '/items', { name: 'hers', parentId: mine.id })
    await ask('POST', '/items', { name: 'his', owner: 'bob', parentId: mine.id }, 'bob')
    const [row] = (await ask('GET', '/items?name=mine&expand=parent,children')).body.data
    expect(row.parent).toBeNull()
    expect(row.children.data.map((one: { name: string }) => one.name)).toEqual(['hers'])
    for (const query of ['parent.name=secret', 'children.any.name=his', 'where=children.any(name eq his)'])
      expect([query, (await ask('GET', `/items?${encodeURI(query)}`)).body.data]).toEqual([query, []])
    const deep = (await ask('GET', '/items?name=hers&expand=parent.parent')).body.data[0]
    expect([deep.parent.name, deep.parent.parent]).toEqual(['mine', null])
    const exported = (await ask('GET', '/items/export?name=mine&expand=parent')).body
    expect(exported.parent).toBeNull()
    expect((await ask('GET', '/items?name=his&expand=parent', undefined, 'bob')).body.data[0].parent).toBeNull()
  })
})

const counters = defineTable('counters', (t) => ({ id: t.bigint().primaryKey(), owner: t.string(40) }))

describe('a scope', () => {
  both('knows rows by keys of 64 bits', [counters], async (db) => {
    const own = resource('things', {
      table: counters,
      scope: ({ user }) => ({ owner: user?.id ?? '' }),
      fields: { owner: { write: false } },
      hooks: { beforeUpdate: () => {} },
    })
    const { ask } = appOf(db, [own])
    for (const id of ['9007199254740993', '9223372036854775807', '-9223372036854775808']) {
      expect(await ask('POST', '/things', { id })).toMatchObject({ status: 201, body: { id, owner: 'alice' } })
      expect((await ask('GET', `/things/${id}`)).body.id).toBe(id)
      expect((await ask('DELETE', `/things/${id}`, undefined, 'bob')).status).toBe(404)
      expect((await ask('DELETE', `/things/${id}`)).status).toBe(204)
    }
  })

  both('fills in its fields when a row is created', [items], async (db) => {
    const own = resource('items', {
      table: items,
      scope: ({ user }) => ({ owner: user?.id ?? '' }),
      fields: { owner: { write: false } },
    })
    const { ask } = appOf(db, [own])
    const { status, body } = await ask('POST', '/items', { name: 'a' })
    expect([status, body.owner]).toEqual([201, 'alice'])
    expect((await ask('POST', '/items', { name: 'a', owner: 'bob' })).status).toBe(422)
    expect((await ask('PUT', `/items/${body.id}`, { name: 'b' })).body).toMatchObject({ name: 'b', owner: 'alice' })
  })
})

const things = defineTable('products', (t) => ({ id: t.id(), name: t.string(40), cost: t.decimal(8, 2).nullable() }))
describe('a field', () => {
  both(
    'that needs a permission does not exist without it: neither to read, nor to write, nor to empty',
    [things],
    async (db) => {
      const list = { fields: { permissions: { cost: 'products:cost' } } } as const
      const { ask } = appOf(db, [resource('products', { table: things, list, permissions: 'products' })])
      const { body } = await ask('POST', '/products', { name: 'a', cost: '5.00' })
      expect(body.cost).toBe('5.00')
      expect((await ask('GET', `/products/${body.id}`, undefined, 'reader')).body).toEqual({ id: body.id, name: 'a' })
      expect((await ask('GET', '/products', undefined, 'reader')).body.data).toEqual([{ id: body.id, name: 'a' }])
      const refused = await ask('PATCH', `/products/${body.id}`, { cost: '1.00' }, 'writer')
      expect([refused.status, refused.body.errors[0]]).toMatchObject([422, { code: 'unknown-field', pointer: '/cost' }])
      const whole = await ask('PUT', `/products/${body.id}`, { name: 'b' }, 'writer')
      expect(whole.body).toEqual({ id: body.id, name: 'b' })
      expect((await ask('GET', `/products/${body.id}`)).body).toEqual({ id: body.id, name: 'b', cost: '5.00' })
    },
  )

  both('that the list hides is written, and leaves with no answer', [items], async (db) => {
    const list = { fields: { hidden: ['cost'] } } as const
    const { ask } = appOf(db, [resource('items', { table: items, list })])
    const { status, body } = await ask('POST', '/items', { name: 'a', owner: 'x', cost: '5.00' })
    expect([status, Object.keys(body)]).toEqual([201, ['id', 'name', 'owner']])
    const changed = await ask('PATCH', `/items/${body.id}`, { cost: '6.00' })
    for (const row of [changed.body, (await ask('GET', `/items/${body.id}`)).body]) expect(row).toEqual(body)
    expect((await ask('GET', '/items')).body.data).toEqual([body])
    expect((await ask('GET', '/items?fields=cost')).status).toBe(400)
  })
})
