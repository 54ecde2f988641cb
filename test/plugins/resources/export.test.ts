import { sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { describe, expect, test } from '#test'
import { resource } from '../../../plugins/resources/index.ts'
import { many, one, shape } from '../../../plugins/shaping/index.ts'
import { both, withDatabase } from '../../services.ts'
import { appOf, products, shops, tables } from './app.ts'

const list = {
  filter: { name: true, stock: ['gte'] },
  sort: { keys: ['name', 'stock'], default: 'name' },
  fields: { default: ['name', 'stock', 'price'], hidden: ['mail'] },
} as const

const get = async (app: ReturnType<typeof appOf>['app'], path: string, as = 'alice', accept = '*/*') => {
  const response = await app.handle(
    new Request(`http://localhost${path}`, { headers: { accept, ...(as !== '' && { authorization: as }) } }),
  )
  return { status: response.status, headers: response.headers, text: await response.text() }
}

describe('the export of a resource', () => {
  both('is the list as a file, for who has the permission', tables, async (db) => {
    const { app, ask } = appOf(db, [resource('products', { table: products, list, export: ['csv', 'ndjson'] })])
    for (const [name, stock] of [
      ['b', -2],
      ['a', 5],
      ['=c', 7],
    ])
      await ask('POST', '/products', { name, sku: `s${name}`, stock, price: '1.50' })
    const { status, text, headers } = await get(app, '/products/export')
    expect([status, text]).toEqual([200, "name,stock,price\r\n'=c,7,1.50\r\na,5,1.50\r\nb,-2,1.50\r\n"])
    expect(headers.get('content-disposition')).toBe('attachment; filename="products.csv"')
    const lines = await get(
      app,
      '/products/export?stock[gte]=0&sort=-stock&fields=stock',
      'alice',
      'application/x-ndjson',
    )
    expect(lines.text).toBe('{"stock":7}\n{"stock":5}\n')
    expect((await get(app, '/products/export', 'reader')).status).toBe(403)
    expect((await get(app, '/products/export', '')).status).toBe(401)
    expect((await get(app, '/products/export', 'alice', 'application/json')).status).toBe(406)
    for (const query of ['limit=1', 'after=x', 'fields=mail', 'fields=secret', 'nmae=a'])
      expect((await get(app, `/products/export?${query}`)).status).toBe(400)
  })

  both('holds the scope, rules of fields and deleted rows', tables, async (db) => {
    const made = resource('products', {
      table: products,
      list,
      fields: { price: { read: 'products:cost' } },
      scope: ({ user }) => ({ createdBy: user?.id ?? '' }),
      export: { formats: ['csv'], max: 2, options: { permission: 'products:read', rateLimit: undefined } },
    })
    const { app, ask } = appOf(db, [made])
    await ask('POST', '/products', { name: 'a', sku: 'a' }, 'alice')
    await ask('POST', '/products', { name: 'b', sku: 'b' }, 'bob')
    expect((await get(app, '/products/export')).text).toBe('name,stock,price\r\na,0,\r\n')
    expect((await get(app, '/products/export', 'reader')).text).toBe('name,stock\r\n')
    expect((await get(app, '/products/export?fields=price', 'reader')).status).toBe(400)
    expect((await get(app, '/products/export?format=ndjson')).status).toBe(400)
    for (const name of ['c', 'd']) await ask('POST', '/products', { name, sku: name }, 'bob')
    expect((await get(app, '/products/export', 'bob')).text).toContain('KWIK_EXPORT_TOO_LARGE')
    expect((await get(app, '/products/export?name[in]=b,c', 'bob')).text).toBe('name,stock,price\r\nb,0,\r\nc,0,\r\n')
  })

  test('is not there unless it is asked for, and goes before a row with that key', () => {
    const things = sqliteTable('things', { id: text().primaryKey() })
    return withDatabase('SQLite in memory', [things], async (db) => {
      const plain = appOf(db, [resource('things', { table: things })])
      await plain.ask('POST', '/things', { id: 'export' })
      expect((await plain.ask('GET', '/things/export')).body).toEqual({ id: 'export' })
      const { app, ask } = appOf(db, [resource('things', { table: things, permissions: false, export: ['csv'] })])
      expect((await get(app, '/things/export', '')).text).toBe('id\r\nexport\r\n')
      const { paths } = (await ask('GET', '/openapi/json')).body
      const { get: operation } = paths['/things/export']
      expect(operation.operationId).toBe('exportThings')
      expect(operation.parameters.map(({ name }: { name: string }) => name).sort()).toEqual(['bom', 'fields', 'format'])
      expect(Object.keys(operation.responses['200'].content)).toEqual(['text/csv'])
      expect(() =>
        resource('things', { table: things, actions: { export: { on: 'collection', run: () => undefined } } }),
      ).toThrow('"export" is an operation')
    })
  })
})

describe('relations that a resource declares in its list', () => {
  both('filter, sort and expand it', tables, async (db) => {
    const shopList = shape(shops, { filter: { name: true }, sort: { keys: ['name'] } })
    const made = [
      resource('products', {
        table: products,
        list: {
          relations: { shop: one(shopList, 'shopId') },
          filter: { name: true },
          sort: { keys: ['shop.name', 'name'], default: '-shop.name' },
          fields: { default: ['name'] },
          envelope: false,
        },
        export: ['ndjson'],
      }),
      resource('shops', {
        table: shops,
        list: {
          fields: { default: ['name'] },
          relations: { products: many(shape(products, { fields: { default: ['name'] } }), 'shopId') },
        },
      }),
    ]
    const { app, ask } = appOf(db, made)
    const [tea, coffee] = [
      (await ask('POST', '/shops', { name: 'tea' })).body,
      (await ask('POST', '/shops', { name: 'coffee' })).body,
    ]
    await ask('POST', '/products', { name: 'mug', sku: '1', shopId: coffee.id })
    await ask('POST', '/products', { name: 'pot', sku: '2', shopId: tea.id })
    expect((await ask('GET', '/products?expand=shop&expand.shop.fields=name')).body).toEqual([
      { name: 'pot', shop: { name: 'tea' } },
      { name: 'mug', shop: { name: 'coffee' } },
    ])
    expect((await ask('GET', '/products?shop.name=tea&sort=shop.name')).body).toEqual([{ name: 'pot' }])
    expect((await ask('GET', '/shops?expand=products&products.any.sku=2&fields=name')).status).toBe(400)
    expect((await ask('GET', '/shops?expand=products&sort=name')).status).toBe(400)
    expect((await ask('GET', '/shops?expand=products&where=name eq x')).status).toBe(400)
    expect((await ask('GET', '/shops?expand=products')).body.data.map((row: object) => row)).toContainEqual({
      name: 'tea',
      products: { data: [{ name: 'pot' }], hasMore: false },
    })
    expect((await get(app, '/products/export?expand=shop&expand.shop.fields=name')).text).toBe(
      '{"name":"pot","shop":{"name":"tea"}}\n{"name":"mug","shop":{"name":"coffee"}}\n',
    )
  })
})
