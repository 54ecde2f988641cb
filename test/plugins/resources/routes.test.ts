import { describe, expect, test } from '#test'
import { resource } from '../../../plugins/resources/index.ts'
import { shape } from '../../../plugins/shaping/index.ts'
import { both } from '../../services.ts'
import { appOf, products, shops, tables } from './app.ts'

const list = {
  filter: { price: true, status: true, name: ['contains'] },
  sort: { keys: ['price', 'createdAt'], default: '-price' },
} as const
const api = () => [resource('products', { table: products, list }), resource('shops', { table: shops })]
const id = '01890000-0000-7000-8000-000000000000'

describe('a resource', () => {
  both('creates a row, says where it is, and gives it back', tables, async (db) => {
    const { ask } = appOf(db, api())
    const made = await ask('POST', '/products', {
      name: 'Pen',
      sku: 'p1',
      price: '1.5',
      tags: ['a'],
      extra: { color: 'red' },
    })
    expect(made.status).toBe(201)
    expect(made.headers.get('location')).toBe(`/products/${made.body.id}`)
    expect(made.body).toMatchObject({ name: 'Pen', price: '1.50', stock: 0, status: 'draft', rank: 7, version: 1 })
    expect(made.body.id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7/)
    const got = await ask('GET', made.headers.get('location')!)
    expect(got.status).toBe(200)
    expect(got.body).toEqual(made.body)
    expect(got.body).toMatchObject({ tags: ['a'], extra: { color: 'red' }, soldAt: null })
    expect('secret' in got.body).toBe(false)
    expect((await ask('GET', `/products/${made.body.id.toUpperCase()}`)).status).toBe(200)
  })

  both('lists rows with filters, an order, cursors and links', tables, async (db) => {
    const { ask } = appOf(db, api())
    for (let n = 1; n <= 7; n++) await ask('POST', '/products', { name: `Pen ${n}`, sku: `p${n}`, price: `${n}.00` })
    const first = await ask('GET', '/products?price[gte]=2&sort=-price&limit=4')
    expect(first.status).toBe(200)
    expect(first.body.data.map((row: { price: string }) => row.price)).toEqual(['7.00', '6.00', '5.00', '4.00'])
    expect(first.body.page).toMatchObject({ limit: 4, hasMore: true })
    expect(first.headers.get('link')).toContain('rel="next"')
    const next = await ask('GET', `/products?price[gte]=2&sort=-price&limit=4&after=${first.body.page.next}`)
    expect(next.body.data.map((row: { price: string }) => row.price)).toEqual(['3.00', '2.00'])
    expect((await ask('GET', '/products?limit=0')).status).toBe(400)
    expect((await ask('GET', '/products?limit=-1')).status).toBe(400)
    expect((await ask('GET', '/products?limit=1000000000')).body.page.limit).toBe(100)
    const wrong = await ask('GET', '/products?prise=1&sort=nope')
    expect(wrong.status).toBe(400)
    expect(wrong.body.errors.map((one: { parameter: string }) => one.parameter)).toEqual(['prise', 'sort'])
  })

  both('changes with PATCH only what is sent, and with PUT the whole', tables, async (db) => {
    const { ask } = appOf(db, api())
    const { body } = await ask('POST', '/products', { name: 'Pen', sku: 'p1', price: '1.50', stock: 3, tags: ['a'] })
    const patched = await ask('PATCH', `/products/${body.id}`, { stock: 4 })
    expect(patched.body).toMatchObject({ name: 'Pen', price: '1.50', stock: 4, tags: ['a'], version: 2 })
    const emptied = await ask('PATCH', `/products/${body.id}`, { price: null, tags: null })
    expect(emptied.body).toMatchObject({ name: 'Pen', price: null, stock: 4, tags: null, version: 3 })
    const whole = await ask('PUT', `/products/${body.id}`, { name: 'Pencil', sku: 'p1' })
    expect(whole.body).toMatchObject({ name: 'Pencil', price: null, stock: 0, status: 'draft', rank: 7, version: 4 })
    expect(whole.body.createdAt).toBe(body.createdAt)
    expect((await ask('PUT', `/products/${body.id}`, { name: 'Pencil' })).body.errors).toEqual([
      { code: 'required', detail: 'sku is required', pointer: '/sku' },
    ])
    expect((await ask('PATCH', `/products/${body.id}`, { name: null })).status).toBe(422)
    expect((await ask('PATCH', `/products/${body.id}`, {})).status).toBe(422)
  })

  both('deletes with 204, and has nothing there then', tables, async (db) => {
    const { ask } = appOf(db, api())
    const { body } = await ask('POST', '/products', { name: 'Pen', sku: 'p1' })
    const gone = await ask('DELETE', `/products/${body.id}`)
    expect([gone.status, gone.body]).toEqual([204, undefined])
    for (const method of ['GET', 'DELETE']) expect((await ask(method, `/products/${body.id}`)).status).toBe(404)
    for (const method of ['PATCH', 'PUT'])
      expect((await ask(method, `/products/${body.id}`, { name: 'x', sku: 'y' })).status).toBe(404)
  })

  both('answers 422 for an id that is none, 404 for one that is not there', tables, async (db) => {
    const { ask } = appOf(db, api())
    for (const wrong of ['nope', '9223372036854775808', '%00', "'%20or%201=1--", '-1'])
      for (const method of ['GET', 'DELETE']) {
        const { status, body } = await ask(method, `/products/${wrong}`)
        expect([wrong, status]).toEqual([wrong, 422])
        expect(body.errors[0].parameter).toBe('id')
      }
    const missing = await ask('GET', `/products/${id}`)
    expect([missing.status, missing.body.code]).toEqual([404, 'KWIK_NOT_FOUND'])
  })

  both('names the field that is taken, and what still refers to a row', tables, async (db) => {
    const { ask } = appOf(db, api())
    const shop = (await ask('POST', '/shops', { name: 'Corner' })).body
    const one = (await ask('POST', '/products', { name: 'Pen', sku: 'p1', shopId: shop.id })).body
    const again = await ask('POST', '/products', { name: 'Pen', sku: 'p1' })
    expect([again.status, again.body.errors[0].pointer]).toEqual([409, '/sku'])
    const two = (await ask('POST', '/products', { name: 'Pen', sku: 'p2' })).body
    expect((await ask('PATCH', `/products/${two.id}`, { sku: 'p1' })).status).toBe(409)
    expect((await ask('DELETE', `/shops/${shop.id}`)).status).toBe(409)
    expect((await ask('PATCH', `/products/${one.id}`, { shopId: id })).status).toBe(422)
    const race = await Promise.all(
      Array.from({ length: 20 }, () => ask('POST', '/products', { name: 'Pen', sku: 'p9' })),
    )
    expect(race.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)])
  })

  both('asks for a permission by operation', tables, async (db) => {
    const { ask } = appOf(db, api())
    const { body } = await ask('POST', '/products', { name: 'Pen', sku: 'p1' })
    const asked: [string, string, unknown?][] = [
      ['GET', '/products'],
      ['GET', `/products/${body.id}`],
      ['POST', '/products', { name: 'x', sku: 'y' }],
      ['PATCH', `/products/${body.id}`, { name: 'x' }],
      ['PUT', `/products/${body.id}`, { name: 'x', sku: 'y' }],
      ['DELETE', `/products/${body.id}`],
    ]
    const statuses = async (as: string) => Promise.all(asked.map(async ([m, p, b]) => (await ask(m, p, b, as)).status))
    expect(await statuses('')).toEqual(Array(6).fill(401))
    expect(await statuses('nobody')).toEqual(Array(6).fill(403))
    expect(await statuses('reader')).toEqual([200, 200, 403, 403, 403, 403])
    expect((await ask('GET', `/products/${body.id}`)).body.name).toBe('Pen')
  })
})

for (const [form, list] of Object.entries({
  'in place': { filter: { status: true }, sort: { keys: ['createdAt', 'name'] }, compat: 'python' } as const,
  'that is a shape': shape(products, { filter: { status: true }, sort: { keys: ['name'] }, compat: 'python' }),
}))
  both(`a list ${form} takes the words of the Python Kwik, with the rules of fields`, tables, async (db) => {
    const fields = { sku: { filter: true, sort: true } } as const
    const { ask } = appOf(db, [resource('products', { table: products, list: list as never, fields })])
    for (const sku of ['a', 'b', 'c']) await ask('POST', '/products', { name: 'Pen', sku })
    const skus = ({ body }: { body: { data: { sku: string }[] } }) => body.data.map(({ sku }) => sku)
    const second = await ask('GET', '/products?skip=1&limit=1&sorting=sku:desc&filter_key=status&value=draft')
    expect([second.body.total, skus(second)]).toEqual([3, ['b']])
    expect(skus(await ask('GET', `/products?sort=-sku&status=draft&after=${second.body.page.next}`))).toEqual(['a'])
    expect(skus(await ask('GET', '/products?filter_key=sku&value=c'))).toEqual(['c'])
    expect((await ask('GET', '/products')).body.total).toBeUndefined()
    expect((await ask('GET', '/products?skip=-1')).body.errors).toMatchObject([{ parameter: 'skip' }])
    const { components } = (await ask('GET', '/openapi/json')).body
    expect(components.schemas.ProductPage).toMatchObject({
      properties: { total: { type: 'integer' } },
      required: ['data', 'page'],
    })
  })

describe('the options of a resource', () => {
  both('serve some operations only, and let anybody read', tables, async (db) => {
    const open = resource('products', {
      table: products,
      only: ['list', 'get', 'create'],
      options: { list: { public: true }, get: { public: true, detail: { summary: 'Look at one' } } },
    })
    const { ask } = appOf(db, [open])
    const { body } = await ask('POST', '/products', { name: 'Pen', sku: 'p1' })
    expect((await ask('GET', '/products', undefined, '')).body.data).toHaveLength(1)
    expect((await ask('GET', `/products/${body.id}`, undefined, '')).status).toBe(200)
    expect((await ask('POST', '/products', { name: 'Pen', sku: 'p2' }, '')).status).toBe(401)
    const refused = await ask('DELETE', `/products/${body.id}`)
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    const document = (await ask('GET', '/openapi/json')).body
    expect(document.paths['/products/{id}'].get.summary).toBe('Look at one')
  })

  test('refuse what cannot be right, before anything is served', () => {
    const wrong =
      (options: object, name = 'products') =>
      () =>
        resource(name, { table: products, ...options } as never)
    expect(wrong({ permissions: false })).toThrow('anybody may create, but the rows say who wrote them')
    expect(wrong({ options: { delete: { public: true } } })).toThrow('anybody may delete')
    expect(wrong({ permissions: false, audit: false })).not.toThrow()
    expect(wrong({ fields: { prise: { write: false } } })).toThrow('no field "prise", did you mean "price"?')
    expect(wrong({}, 'My Products')).toThrow('cannot name a resource')
    expect(wrong({ list: { sort: { keys: ['prise'] } } })).toThrow('prise')
  })
})
