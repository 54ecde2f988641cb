import { describe, expect, test } from '#test'
import { defineTable } from '../../../plugins/database/index.ts'
import { resource } from '../../../plugins/resources/index.ts'
import { both, withDatabase } from '../../services.ts'
import { appOf, products, tables } from './app.ts'

interface Issue {
  readonly pointer: string
  readonly code: string
}
const lists = defineTable('lists', (t) => ({
  id: t.id(),
  amounts: t.list('decimal'),
  moments: t.list('datetime'),
  keys: t.list('uuid'),
  counts: t.list('bigint'),
}))
const valid = { name: 'Pen', sku: 'p1' }
const api = () => [
  resource('products', { table: products, fields: { sku: { write: 'create' }, live: { write: false } } }),
]

/** Fields that a client must not be able to write, with a value that would fit the column. */
const forbidden: Record<string, unknown> = {
  id: '01890000-0000-7000-8000-000000000000',
  createdAt: '2020-01-01T00:00:00Z',
  updatedAt: '2020-01-01T00:00:00Z',
  createdBy: 'mallory',
  updatedBy: 'mallory',
  version: 99,
  secret: 'x',
  rank: 1,
  live: true,
  roles: ['admin'],
  is_active: true,
  created_by: 'mallory',
  constructor: { prototype: { admin: true } },
  prototype: {},
}

describe('what clients may write', () => {
  both('is never a field of the server, hidden, read-only or unknown', tables, async (db) => {
    const { ask } = appOf(db, api())
    const { body: row } = await ask('POST', '/products', valid)
    const calls = [
      ['POST', '/products', { name: 'Pen', sku: 'p2' }],
      ['PATCH', `/products/${row.id}`, { name: 'Pencil' }],
      ['PUT', `/products/${row.id}`, { name: 'Pencil' }],
    ] as const
    for (const [method, path, body] of calls)
      for (const [field, value] of Object.entries(forbidden)) {
        const answer = await ask(method, path, { ...body, [field]: value })
        expect([method, field, answer.status]).toEqual([method, field, 422])
        // Of what clients see, that it is there is no secret.
        const code = Object.hasOwn(row, field) ? 'read-only' : 'unknown-field'
        expect(answer.body.errors).toMatchObject([{ code, pointer: `/${field}` }])
      }
    const proto = await ask('POST', '/products', '{"name":"Pen","sku":"p2","__proto__":{"admin":true}}')
    expect([proto.status, proto.body.errors[0].pointer]).toEqual([422, '/__proto__'])
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
    expect((await ask('GET', `/products/${row.id}`)).body).toEqual(row)
    expect((await ask('GET', '/products')).body.data).toHaveLength(1)
  })

  both('is once, for a field that is written at create', tables, async (db) => {
    const { ask } = appOf(db, api())
    const { body } = await ask('POST', '/products', valid)
    for (const method of ['PATCH', 'PUT']) {
      const answer = await ask(method, `/products/${body.id}`, { name: 'Pen', sku: 'p2' })
      expect([answer.status, answer.body.errors]).toEqual([
        422,
        [{ code: 'read-only', detail: 'sku cannot be written here', pointer: '/sku' }],
      ])
    }
    expect((await ask('PUT', `/products/${body.id}`, { name: 'Pencil' })).body).toMatchObject({ sku: 'p1' })
  })

  both('is refused all at once, with place and reason, and nothing is stored', tables, async (db) => {
    const { ask } = appOf(db, api())
    const { status, body } = await ask('POST', '/products', {
      name: 'x'.repeat(41),
      price: '1.234',
      stock: 2 ** 31,
      views: '9223372036854775808',
      weight: 'heavy',
      status: 'sold',
      soldOn: '2026-02-30',
      soldAt: '2026-06-30T23:59:60Z',
      mail: 'nobody',
      link: 'javascript:alert(1)',
      tags: ['a', 1],
      shopId: 'x',
      nmae: 'x',
    })
    expect(status).toBe(422)
    const found = Object.fromEntries(body.errors.map((one: Issue) => [one.pointer, one.code]))
    expect(found).toEqual({
      '/sku': 'required',
      '/name': 'too-long',
      '/price': 'wrong-format',
      '/stock': 'too-large',
      '/views': 'wrong-format',
      '/weight': 'wrong-type',
      '/status': 'not-allowed',
      '/soldOn': 'wrong-format',
      '/soldAt': 'wrong-format',
      '/mail': 'wrong-format',
      '/link': 'wrong-format',
      '/tags/1': 'wrong-type',
      '/shopId': 'wrong-format',
      '/nmae': 'unknown-field',
    })
    expect((await ask('GET', '/products')).body.data).toEqual([])
  })

  both('is kept exactly, at the ends of every type', tables, async (db) => {
    const { ask } = appOf(db, api())
    const extremes = [
      { price: '99999999.99', stock: 2147483647, views: '9223372036854775807', weight: 5e-324 },
      { price: '-99999999.99', stock: -2147483648, views: '-9223372036854775808', weight: -1.7e308 },
      { price: '0.10', weight: 0.1 + 0.2, soldAt: '2026-01-31T23:59:59.999Z', soldOn: '2028-02-29', name: '' },
      { tags: [], extra: { color: '"\\é😀' }, name: "'; drop table products; --" },
    ]
    for (const [n, values] of extremes.entries()) {
      const { status, body } = await ask('POST', '/products', { ...valid, ...values, sku: `e${n}` })
      expect([n, status]).toEqual([n, 201])
      expect(body).toMatchObject(values)
      expect((await ask('GET', `/products/${body.id}`)).body).toEqual(body)
    }
  })

  both('is JSON that both databases keep', tables, async (db) => {
    const { ask } = appOf(db, api())
    for (const field of ['extra', 'tags'])
      for (const text of [
        String.raw`["a\u0000"]`,
        String.raw`["\\\u0000"]`,
        String.raw`["\ud800"]`,
        String.raw`["\udc00\ud800"]`,
      ]) {
        const { status, body } = await ask('POST', '/products', `{"name":"Pen","sku":"p1","${field}":${text}}`)
        expect([text, status, body.errors?.[0].pointer.slice(0, field.length + 1)]).toEqual([text, 422, `/${field}`])
      }
    for (const [n, text] of [
      String.raw`["\\u0000"]`,
      String.raw`["\ud83d\ude00\u0001"]`,
      String.raw`{"\\ud800":"\\"}`,
    ].entries()) {
      const { status, body } = await ask('POST', '/products', `{"name":"Pen","sku":"p${n}","extra":${text}}`)
      expect([status, body.extra]).toEqual([201, JSON.parse(text)])
    }
  })

  both('is found in a list in whichever spelling', [lists], async (db) => {
    const list = { filter: { amounts: true, moments: true, keys: true, counts: true } } as const
    const { ask } = appOf(db, [resource('things', { table: lists, list })])
    const { status, body } = await ask('POST', '/things', {
      amounts: ['1.5', '2'],
      moments: ['2026-01-31T12:00:00+02:00'],
      keys: ['018F3A2E-0000-7000-8000-00000000000A'],
      counts: ['9007199254740993'],
    })
    expect([status, body.amounts, body.moments]).toEqual([201, ['1.50', '2.00'], ['2026-01-31T10:00:00.000Z']])
    const queries = [
      'amounts[has]=1.50',
      'amounts[has]=1.5',
      'amounts[hasAll]=2,1.50',
      'amounts[hasAny]=7,2.0',
      'moments[has]=2026-01-31T10:00:00Z',
      'moments[hasAny]=2026-01-31T11:00:00%2B01:00',
      'keys[has]=018f3a2e-0000-7000-8000-00000000000a',
      'counts[has]=9007199254740993',
    ]
    for (const query of queries)
      expect([query, (await ask('GET', `/things?${query}`)).body.data]).toEqual([query, [body]])
    for (const query of ['amounts[has]=1.51', 'counts[has]=9007199254740992'])
      expect([query, (await ask('GET', `/things?${query}`)).body.data]).toEqual([query, []])
    expect((await ask('GET', '/things?amounts[has]=1.501')).body.errors[0].code).toBe('too-precise')
  })

  test('is what the document says, in bodies that are closed', () =>
    withDatabase('SQLite in memory', tables, async (db) => {
      const { ask } = appOf(db, api())
      const { paths, components } = (await ask('GET', '/openapi/json')).body
      const { ProductCreate, ProductUpdate, ProductReplace, Product } = components.schemas
      expect(ProductCreate.additionalProperties).toBe(false)
      expect(ProductCreate.required).toEqual(['name', 'sku'])
      expect(ProductUpdate).toMatchObject({ additionalProperties: false, minProperties: 1 })
      expect(Object.keys(ProductReplace.properties)).not.toContain('sku')
      for (const schema of [ProductCreate, ProductUpdate, ProductReplace])
        for (const field of Object.keys(forbidden)) expect(Object.keys(schema.properties)).not.toContain(field)
      expect(Object.keys(Product.properties)).toContain('createdBy')
      expect(Object.keys(Product.properties)).not.toContain('secret')
      expect(paths['/products'].post).toMatchObject({
        operationId: 'createProduct',
        'x-kwik-permissions': { all: ['products:create'] },
        security: [{ bearer: ['products:create'] }],
      })
      expect(Object.keys(paths['/products'].post.responses)).toEqual(
        expect.arrayContaining(['201', '400', '401', '403', '409', '422']),
      )
      expect(paths['/products/{id}'].delete.responses['204']).toEqual({ description: 'The product is gone.' })
    }))
})
