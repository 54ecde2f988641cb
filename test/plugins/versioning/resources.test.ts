import { type AnyElysia, Elysia, t } from 'elysia'
import { kwik } from 'kwik'
import { type Database, defineTable } from 'kwik/database'
import { historyTable, resource } from 'kwik/resources'
import { type AnyShape, many, one, shape } from 'kwik/shaping'
import { change, versions } from 'kwik/versioning'
import { expect } from '#test'
import { both } from '../../services.ts'
import { ask, clockAt, type Told } from './invoices.ts'

// One resource in three versions: names, words and forms of fields differ, and so do those of the rows that it leads to.

const makers = defineTable('makers', (t) => ({ id: t.int().primaryKey(), name: t.string(40) }))
const products = defineTable('products', (t) => ({
  id: t.int().primaryKey(),
  title: t.string(40),
  status: t.enum('draft', 'live').default('draft'),
  /** Whole euros; cents in version 1. */
  price: t.int().nullable(),
  stock: t.int().default(0),
  makerId: t.ref(() => makers, { key: 'int' }).nullable(),
  ...t.version(),
}))
const makerList = shape(makers, {
  filter: { name: ['eq', 'contains'] },
  sort: { keys: ['name'] },
  relations: { products: many((): AnyShape => productList, 'makerId') },
})
const productList: AnyShape = shape(products, {
  filter: { title: ['eq', 'contains'], status: ['eq', 'in'], price: ['eq', 'gte'], stock: ['eq'] },
  sort: { keys: ['title', 'price', 'maker.name', 'id'], default: 'id' },
  relations: { maker: one(makerList, 'makerId') },
})

const named = change('Products have a title, makers a name', (c) => [
  c.schema(products).rename('label', 'title'),
  c.schema(makers).rename('brand', 'name'),
])
const sold = change('Products are live, not sold, and cost euros', (c) => [
  c.schema(products).mapEnum('status', { sold: 'live' }),
  c.schema(products).retype('price', {
    was: t.Integer(),
    up: (cents: number) => Math.round(cents / 100),
    down: (euros: number) => euros * 100,
    lossy: true,
    filter: (text) => String(Number(text) / 100),
  }),
  c.schema(products).addField('stock', { default: 0 }),
  c.schema(products).removeField('colour', { was: t.String(), default: 'grey', readOnly: true }),
])
const tables = [makers, products, historyTable()]

function shop(database: Database): AnyElysia {
  const api = versions({
    vendor: 'kwik',
    clock: clockAt('2026-10-01'),
    list: [
      { v: '3', released: '2026-09-01', changes: [sold] },
      { v: '2', released: '2026-01-10', changes: [named] },
      { v: '1', released: '2025-05-01' },
    ],
  })
  return new Elysia()
    .use(kwik({ database, versions: api, logging: { write() {} }, signals: false }))
    .use(
      resource('products', {
        table: products,
        list: productList,
        permissions: false,
        audit: false,
        bulk: {},
        upsert: ['id'],
        history: true,
        export: ['csv', 'ndjson'],
        fields: { id: { write: 'create' } },
      } as never),
    )
    .use(resource('makers', { table: makers, list: makerList, permissions: false } as never))
    .get('/plain', ({ request }) => productList.from({ request }).page(), { ...productList.hook, public: true })
}

async function filled(database: Database): Promise<AnyElysia> {
  await database.drizzle.insert(makers.for(database)).values([{ id: 1, name: 'Acme' }])
  const app = shop(database)
  await ask(app, 'POST /products', '3', { id: 1, title: 'tea', status: 'live', price: 5, stock: 2, makerId: 1 })
  await ask(app, 'POST /products', '3', { id: 2, title: 'ink', price: null })
  return app
}
const first = { id: 1, label: 'tea', status: 'sold', price: 500, makerId: 1, version: 1, colour: 'grey' }
const pointers = ({ body }: Told): string[] => body.errors.map(({ pointer }: { pointer: string }) => pointer)

both('one row is created, read, changed and replaced in the words of version 1', tables, async (database) => {
  const app = shop(database)
  const made = await ask(app, 'POST /products', '1', { id: 7, label: 'cup', status: 'sold', price: 200 })
  expect([made.status, made.headers.get('location')]).toEqual([201, '/products/7'])
  expect(made.body).toEqual({
    id: 7,
    label: 'cup',
    status: 'sold',
    price: 200,
    makerId: null,
    version: 1,
    colour: 'grey',
  })
  expect((await ask(app, 'GET /products/7', '3')).body).toEqual({
    id: 7,
    title: 'cup',
    status: 'live',
    price: 2,
    stock: 0,
    makerId: null,
    version: 1,
  })
})

both('a change says only what it says', tables, async (database) => {
  const app = await filled(database)
  const changed = await ask(app, 'PATCH /products/1', '1', { label: 'mint tea' }, { 'if-match': '"1-v1"' })
  expect([changed.status, changed.body]).toEqual([200, { ...first, label: 'mint tea', version: 2 }])
  // What version 1 does not know stays as it is.
  expect((await ask(app, 'GET /products/1', '3')).body.stock).toBe(2)
  expect((await ask(app, 'PATCH /products/1', '1', { label: 'x' }, { 'if-match': '"1-v1"' })).status).toBe(412)
  const replaced = await ask(app, 'PUT /products/1', '1', { label: 'tea', status: 'draft', price: 100 })
  expect(replaced.body).toEqual({ ...first, status: 'draft', price: 100, makerId: null, version: 3 })
  const upserted = await ask(app, 'PUT /products?by=id', '1', { id: 1, label: 'tea', status: 'sold' })
  expect([upserted.status, upserted.body.status]).toEqual([200, 'sold'])
})

both('what is wrong is told in the words of version 1', tables, async (database) => {
  const app = await filled(database)
  const wrong = await ask(app, 'POST /products', '1', { id: 9, title: 'x', status: 'live', stock: 3, colour: 'red' })
  expect([wrong.status, pointers(wrong).sort()]).toEqual([422, ['/colour', '/label', '/status', '/stock', '/title']])
  expect(wrong.body.errors.find(({ pointer }: { pointer: string }) => pointer === '/status').allowed).toEqual([
    'draft',
    'sold',
  ])
  const long = await ask(app, 'PATCH /products/1', '1', { label: 'x'.repeat(41) })
  expect(pointers(long)).toEqual(['/label'])
})

both('many rows are written by older clients, each in its own words', tables, async (database) => {
  const app = await filled(database)
  const items = [
    { id: 11, label: 'a', price: 100 },
    { id: 12, label: 'b', status: 'sold' },
  ]
  const made = await ask(app, 'POST /products/bulk', '1', { items })
  expect([
    made.status,
    made.body.data.map(({ label, price, status }: Record<string, unknown>) => [label, price, status]),
  ]).toEqual([
    201,
    [
      ['a', 100, 'draft'],
      ['b', null, 'sold'],
    ],
  ])
  const wrong = await ask(app, 'POST /products/bulk', '1', {
    items: [
      { id: 13, label: 'c' },
      { id: 14, title: 'd' },
    ],
  })
  expect([wrong.status, pointers(wrong).sort()]).toEqual([422, ['/items/1/label', '/items/1/title']])
  const each = await ask(app, 'PATCH /products/bulk?mode=each', '1', {
    items: [
      { id: '11', label: 'A' },
      { id: '12', title: 'B' },
      { id: '99', label: 'C' },
    ],
  })
  expect([each.status, each.body.data.map(({ status }: { status: number }) => status)]).toEqual([207, [200, 422, 404]])
  expect(each.body.data[0].row).toMatchObject({ id: 11, label: 'A', price: 100, colour: 'grey' })
  const gone = await ask(app, 'DELETE /products/bulk', '1', { items: ['11', '12'] })
  expect(gone.status).toBe(204)
})

both(
  'lists, and rows that they lead to, have older names in filter, sort, fields and where',
  tables,
  async (database) => {
    const app = await filled(database)
    const rows = async (query: string, version = '1') => (await ask(app, `GET /products?${query}`, version)).body
    expect((await rows('')).data[0]).toEqual(first)
    expect((await rows('label=tea')).data).toEqual([first])
    expect((await rows('status[in]=sold,draft&sort=-label')).data.map(({ id }: { id: number }) => id)).toEqual([1, 2])
    expect((await rows('price[gte]=300')).data).toEqual([first])
    expect((await rows('fields=id,label')).data).toEqual([
      { id: 1, label: 'tea' },
      { id: 2, label: 'ink' },
    ])
    expect(
      (await rows(`where=${encodeURIComponent('label eq tea and (status eq sold or maker.brand contains "cme")')}`))
        .data,
    ).toEqual([first])
    expect((await rows('maker.brand=Acme&sort=maker.brand')).data).toEqual([first])
    const expanded = await rows('expand=maker&fields=id,maker.brand')
    expect(expanded.data[0]).toEqual({ id: 1, maker: { brand: 'Acme' } })
    const many = await ask(
      app,
      'GET /makers?expand=products&expand.products.sort=-label&expand.products.status=sold',
      '1',
    )
    expect(many.body.data[0]).toMatchObject({
      brand: 'Acme',
      products: { data: [{ label: 'tea', status: 'sold', price: 500 }] },
    })
    expect((await ask(app, 'GET /plain?label=tea', '1')).body.data[0]).toMatchObject({
      id: 1,
      label: 'tea',
      status: 'sold',
    })
  },
)

both(
  'what is wrong with a query is told in its words, and places point into what was sent',
  tables,
  async (database) => {
    const app = await filled(database)
    const told = async (query: string) => (await ask(app, `GET /products?${query}`, '1')).body.errors
    const [unknown] = await told('title=tea')
    expect([unknown.parameter, unknown.code]).toEqual(['title', 'unknown-parameter'])
    const [sort] = await told('sort=titel')
    expect(sort.allowed).toContain('label')
    expect(sort.allowed).not.toContain('title')
    expect((await told('status=live'))[0]).toMatchObject({ parameter: 'status', code: 'not-allowed' })
    expect((await told('status=lost'))[0].allowed).toEqual(['draft', 'sold'])
    const [operator] = await told('label[gt]=x')
    expect([operator.parameter, operator.detail]).toEqual(['label[gt]', 'label has no operator gt'])
    const where = 'label eq tea and price eq many'
    const [place] = await told(`where=${encodeURIComponent(where)}`)
    expect(where.slice(place.at.offset, place.at.offset + place.at.length)).toBe('price')
    expect((await told('stock=1'))[0].code).toBe('unknown-parameter')
    const codes = async (query: string) => (await told(query)).map(({ code }: { code: string }) => code)
    expect(await codes('fields=stock')).toEqual(['unknown-field'])
    expect(await codes('fields=stock,title')).toEqual(['unknown-field', 'unknown-field'])
    expect(await codes('sort=title')).toEqual(['unknown-sort-key'])
  },
)

both('cursors survive a switch of versions, and links keep what was sent', tables, async (database) => {
  const app = await filled(database)
  const page = await ask(app, 'GET /products?sort=label&limit=1', '1')
  expect(page.body.data[0].label).toBe('ink')
  expect(page.headers.get('link')).toContain('</products?sort=label&limit=1&after=')
  const next = await ask(app, `GET /products?sort=title&limit=1&after=${page.body.page.next}`, '3')
  expect(next.body.data[0].title).toBe('tea')
  const other = await ask(app, `GET /products?sort=label&limit=1&after=${page.body.page.next}`, '1')
  expect(other.body.data[0].label).toBe('tea')
})

both('ETags differ per version: a copy of one is no copy of another', tables, async (database) => {
  const app = await filled(database)
  const [old, now] = [await ask(app, 'GET /products/1', '1'), await ask(app, 'GET /products/1', '3')]
  expect([old.headers.get('etag'), now.headers.get('etag')]).toEqual(['"1-v1"', '"1-v3"'])
  const again = (version: string, tag: string) =>
    ask(app, 'GET /products/1', version, undefined, { 'if-none-match': tag })
  expect((await again('1', '"1-v1"')).status).toBe(304)
  expect((await again('3', '"1-v1"')).status).toBe(200)
  // What is expected of a row holds in every version.
  expect((await ask(app, 'PATCH /products/1', '3', { title: 'x' }, { 'if-match': '"1-v1"' })).status).toBe(200)
})

both('exports and histories are in the words of version 1', tables, async (database) => {
  const app = await filled(database)
  await ask(app, 'PATCH /products/1', '3', { title: 'mint', price: 6, stock: 9 })
  const csv = await ask(app, 'GET /products/export?format=csv&fields=id,label,status,price&sort=label', '1')
  expect(csv.body).toBe('id,label,status,price\r\n2,ink,draft,\r\n1,mint,sold,600\r\n')
  // What only version 1 has is a column of its own.
  const whole = (await ask(app, 'GET /products/export?format=csv&sort=id', '1')).body.split('\r\n')
  expect([whole[0], whole[1]]).toEqual(['id,label,status,price,makerId,version,colour', '1,mint,sold,600,1,2,grey'])
  expect((await ask(app, 'GET /products/export?format=csv&sort=id', '3')).body).not.toContain('colour')
  const lines = (await ask(app, 'GET /products/export?format=ndjson&sort=id&expand=maker', '1')).body.trim().split('\n')
  expect(JSON.parse(lines[0])).toEqual({
    ...first,
    label: 'mint',
    price: 600,
    version: 2,
    maker: { id: 1, brand: 'Acme' },
  })
  const { body } = await ask(app, 'GET /products/1/history', '1')
  expect(body.data[0].changes).toMatchObject({ label: { from: 'tea', to: 'mint' }, price: { from: 500, to: 600 } })
  expect(Object.keys(body.data[0].changes)).not.toContain('stock')
})
