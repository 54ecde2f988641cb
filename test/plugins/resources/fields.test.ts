import { Type } from '@sinclair/typebox'
import { describe, expect, test } from '#test'
import { defineTable } from '../../../plugins/database/index.ts'
import { resource } from '../../../plugins/resources/index.ts'
import { shape } from '../../../plugins/shaping/index.ts'
import { both } from '../../services.ts'
import { appOf } from './app.ts'

const table = defineTable('products', (t) => ({
  id: t.id(),
  name: t.string(40),
  sku: t.string(40).unique(),
  cost: t.decimal(8, 2).nullable(),
  margin: t.int().default(0),
  stock: t.int().default(0),
  secret: t.string(10).hidden().nullable(),
  rank: t.int().readonly().default(7),
  ...t.version(),
  ...t.softDelete(),
}))
const fields = {
  cost: { read: 'products:cost', filter: ['gte'], sort: true },
  sku: { write: 'create' },
  margin: { write: 'products:margin', filter: true },
  stock: { write: false, sort: true },
} as const
const actions = { archive: { body: Type.Object({ reason: Type.Optional(Type.String()) }), run: () => {} } }
const options = { table, fields, bulk: {}, upsert: ['sku'], actions } as const
const lists = {
  'its list in place': () => resource('products', { ...options, list: { filter: { name: true } } }),
  'a list that is a shape': () =>
    resource('products', {
      ...options,
      list: shape(table, { filter: { name: true }, fields: { permissions: { cost: 'products:cost' } } }),
    }),
}
const row = { name: 'Pen', sku: 'a' }

for (const [form, make] of Object.entries(lists))
  describe(`the rules of fields, with ${form}`, () => {
    both('make a field unknown to those who may not read it', [table], async (db) => {
      const { ask } = appOf(db, [make()])
      const { body } = await ask('POST', '/products', { ...row, cost: '5.00' })
      expect(body.cost).toBe('5.00')
      const path = `/products/${body.id}`
      for (const as of ['reader', 'writer']) {
        expect('cost' in (await ask('GET', path, undefined, as)).body).toBe(false)
        expect('cost' in (await ask('GET', '/products', undefined, as)).body.data[0]).toBe(false)
        for (const query of ['cost[gte]=1', 'sort=cost', 'fields=cost'])
          expect([query, (await ask('GET', `/products?${query}`, undefined, as)).status]).toEqual([query, 400])
      }
      for (const query of ['cost[gte]=1', 'sort=-cost', 'fields=cost', 'margin=0', 'sort=stock', 'name=Pen'])
        expect([query, (await ask('GET', `/products?${query}`)).body.data?.length]).toEqual([query, 1])
      expect((await ask('GET', '/products?cost[lte]=1')).status).toBe(400)
      const hidden = await ask('PATCH', path, { cost: '1.00' }, 'writer')
      expect([hidden.status, hidden.body.errors[0]]).toMatchObject([422, { code: 'unknown-field', pointer: '/cost' }])
      expect('cost' in (await ask('PATCH', path, { name: 'x' }, 'writer')).body).toBe(false)
    })

    both('name field and permission where somebody may read and not write', [table], async (db) => {
      const { ask } = appOf(db, [make()])
      const { body } = await ask('POST', '/products', { ...row, margin: 3 })
      const path = `/products/${body.id}`
      const bulk = {
        items: [
          { id: body.id, name: 'y' },
          { id: body.id, margin: 1 },
        ],
      }
      const calls = [
        ['PATCH', path, { margin: 1 }, ''],
        ['PUT', path, { name: 'x', margin: 1 }, ''],
        ['PATCH', '/products/bulk', bulk, '/items/1'],
      ] as const
      for (const [method, at, sent, place] of calls) {
        const refused = await ask(method, at, sent, 'writer')
        expect([method, refused.status, refused.body.code]).toEqual([method, 403, 'KWIK_FORBIDDEN'])
        expect(refused.body.detail).toBe('margin needs products:margin')
        expect(refused.body.errors).toEqual([
          {
            code: 'permission-missing',
            detail: 'margin needs products:margin',
            pointer: `${place}/margin`,
            allowed: ['products:margin'],
          },
        ])
      }
      const whole = await ask('PUT', path, { name: 'x' }, 'writer')
      expect([whole.status, whole.body.margin]).toEqual([200, 3])
      expect((await ask('PUT', path, { name: 'x' })).body.margin).toBe(0)
    })
  })

/** Fields that no client may write, with a value that fits the column. */
const forbidden: Readonly<Record<string, unknown>> = {
  id: '01890000-0000-7000-8000-000000000000',
  version: 99,
  deletedAt: null,
  deleted_at: '2020-01-01T00:00:00Z',
  secret: 'x',
  rank: 1,
  stock: 5,
  createdBy: 'mallory',
  created_by: 'mallory',
  owner_id: 1,
  is_active: true,
  roles: ['admin'],
  constructor: { prototype: { admin: true } },
  prototype: {},
  toString: 'x',
}

describe('mass assignment', () => {
  both('is refused in every kind of body', [table], async (db) => {
    const { ask } = appOf(db, [lists['its list in place']()])
    const { body: made } = await ask('POST', '/products', row)
    const item = { id: made.id, version: 1, name: 'x' }
    /** Each kind of body: a call that is right, and where its fields are. */
    const bodies = [
      ['POST', '/products', (more: object) => ({ name: 'x', sku: 'b', ...more }), '', []],
      ['PATCH', `/products/${made.id}`, (more: object) => ({ name: 'x', ...more }), '', []],
      ['PUT', `/products/${made.id}`, (more: object) => ({ name: 'x', ...more }), '', []],
      ['PUT', '/products?by=sku', (more: object) => ({ ...row, ...more }), '', []],
      ['POST', '/products/bulk', (more: object) => ({ items: [{ name: 'x', sku: 'c', ...more }] }), '/items/0', []],
      ['PATCH', '/products/bulk', (more: object) => ({ items: [{ ...item, ...more }] }), '/items/0', ['id', 'version']],
      [
        'DELETE',
        '/products/bulk',
        (more: object) => ({ items: [{ id: made.id, ...more }] }),
        '/items/0',
        ['id', 'version'],
      ],
      ['POST', `/products/${made.id}/archive`, (more: object) => ({ ...more }), '', []],
    ] as const
    for (const [method, path, bodyWith, place, known] of bodies) {
      for (const [field, value] of Object.entries(forbidden)) {
        if ((known as readonly string[]).includes(field)) continue
        const refused = await ask(method, path, bodyWith({ [field]: value }))
        expect([method, path, field, refused.status]).toEqual([method, path, field, 422])
        const code = Object.hasOwn(made, field) && !path.endsWith('/archive') ? 'read-only' : 'unknown-field'
        if (method !== 'DELETE') expect(refused.body.errors).toMatchObject([{ code, pointer: `${place}/${field}` }])
      }
      const proto = JSON.stringify(bodyWith({ mark: 1 })).replace('"mark":1', '"__proto__":{"admin":true}')
      expect([method, path, (await ask(method, path, proto)).status]).toEqual([method, path, 422])
    }
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
    expect((await ask('GET', `/products/${made.id}`)).body).toEqual(made)
    expect(await db.values('select count(*) from products').then(([one]) => Number(one![0]))).toBe(1)
  })
})

describe('the rules', () => {
  test('are of fields that are there, and not of the key', () => {
    const ruled = (fields: object) => () => resource('products', { table, fields } as never)
    expect(ruled({ csot: { read: 'a:b' } })).toThrow('no field "csot"')
    expect(ruled({ id: { read: 'products:id' } })).toThrow('is the primary key')
    expect(ruled({ secret: { filter: true } })).toThrow('"secret" is hidden')
    expect(ruled({ name: { filter: ['gte'] } })).toThrow('has no operator "gte"')
  })
})

const people = defineTable('items', (t) => ({
  id: t.id(),
  email: t.email().unique(),
  name: t.string(40).lowercase().unique().nullable(),
}))
describe('one e-mail address', () => {
  both('that is asked for 50 times at once, in every spelling, is made once', [people], async (db) => {
    const { ask } = appOf(db, [
      resource('items', { table: people, upsert: ['email'], list: { filter: { email: true } } }),
    ])
    const spellings = ['josé@example.com', 'JOSÉ@Example.com', 'jose\u0301@example.com', 'JOSE\u0301@EXAMPLE.COM']
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, n) => ask('POST', '/items', { email: spellings[n % spellings.length] })),
    )
    expect(all.map(({ status }) => status).sort()).toEqual([201, ...Array(49).fill(409)])
    const refused = all.find(({ status }) => status === 409)!
    expect(refused.body.errors).toEqual([{ code: 'taken', detail: 'email is already taken', pointer: '/email' }])
    for (const email of spellings) {
      const found = await ask('GET', `/items?email=${encodeURIComponent(email)}`)
      expect(found.body.data.map((one: { email: string }) => one.email)).toEqual(['josé@example.com'])
      expect((await ask('PUT', '/items?by=email', { email })).status).toBe(200)
    }
    const { id } = (await ask('POST', '/items', { email: 'other@example.com' })).body
    expect((await ask('PATCH', `/items/${id}`, { email: 'José@example.com' })).status).toBe(409)
    for (const email of ['a\u200b@b.cd', 'a b@c.de', 'a@b', `${'x'.repeat(250)}@b.cd`])
      expect([email.slice(0, 9), (await ask('POST', '/items', { email })).status]).toEqual([email.slice(0, 9), 422])
  })
})

test('who sees which rows and fields is said in a list that others may lead to', () => {
  const list = shape(table, { filter: { name: true } })
  const hidden = () => resource('products', { table, list, fields: { cost: { read: 'products:cost' } } })
  expect(hidden).toThrow("say it there, shape(..., { fields: { permissions: { cost: 'products:cost' } } })")
  const scoped = () => resource('products', { table, list, scope: () => ({ name: 'x' }) })
  expect(scoped).toThrow('resource "products": scope: other lists may lead to its list')
  const whole = shape(table, { scope: () => ({ name: 'x' }) })
  expect(() => resource('products', { table, list: whole, scope: () => ({ name: 'x' }) })).not.toThrow()
})
