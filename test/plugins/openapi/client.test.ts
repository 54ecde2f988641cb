import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import type { Database } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { afterAll, beforeAll, expect, test } from '#test'
import { createTables, openDatabase } from '../../../plugins/database/index.ts'
import { type OpenApiDocument, openapi } from '../../../plugins/openapi/index.ts'
import { resource } from '../../../plugins/resources/index.ts'
import { type AnyShape, many, one, shape, shaping } from '../../../plugins/shaping/index.ts'
import { compile } from '../../types/compile.ts'

// What other people's tools make of the document: a client by openapi-typescript and openapi-fetch.

const makers = defineTable('makers', (t) => ({ id: t.int().primaryKey(), name: t.string(40) }))
const products = defineTable('products', (t) => ({
  id: t.int().primaryKey(),
  name: t.string(40),
  status: t.enum('draft', 'live').default('draft'),
  price: t.decimal(10, 2).nullable(),
  madeAt: t.datetime().nullable(),
  makerId: t.ref(() => makers, { key: 'int' }).nullable(),
}))
const makerList = shape(makers, {
  filter: { name: ['eq', 'contains'] },
  sort: { keys: ['name'] },
  relations: { products: many((): AnyShape => productList, 'makerId', { limit: { default: 3, max: 9 } }) },
})
const productList = shape(products, {
  filter: { status: true, price: ['gte', 'null'], name: true, madeAt: ['on'] },
  sort: { keys: ['price', 'name', 'maker.name'], default: 'name' },
  fields: { default: ['id', 'name', 'price'] },
  relations: { maker: one(makerList, 'makerId') },
  count: ['exact'],
})

function shop(db: Database): AnyElysia {
  const open = { permissions: false } as const
  return new Elysia()
    .use(core({ database: db, signals: false }))
    .use(shaping())
    .use(openapi({ title: 'Shop' }))
    .use(resource('products', { table: products, list: productList, export: ['csv', 'ndjson'], ...open }))
    .use(resource('makers', { table: makers, list: makerList, ...open }))
}

const root = join(import.meta.dir, '../../..')
let db: Database
let app: AnyElysia
let folder: string
let client = ''

beforeAll(async () => {
  db = openDatabase({ url: 'sqlite::memory:' })
  await createTables(db, [makers, products])
  await db.drizzle.insert(makers.for(db)).values([
    { id: 1, name: 'Acme' },
    { id: 2, name: 'Zeta' },
  ])
  await db.drizzle.insert(products.for(db)).values([
    { id: 1, name: 'a pen', status: 'live', price: '5.00', makerId: 2 },
    { id: 2, name: 'a "cup", blue', status: 'draft', price: null, makerId: 1 },
    { id: 3, name: 'tea', status: 'live', price: '1.00', makerId: 1 },
  ])
  app = shop(db)
  app.listen({ port: 0, hostname: '127.0.0.1' })
  mkdirSync(join(root, 'build'), { recursive: true })
  folder = mkdtempSync(join(root, 'build/client-'))
  writeFileSync(join(folder, 'shop.json'), JSON.stringify(await documentOf()))
  const preload = join(root, 'test/fixtures/typescript-5.ts')
  const generator = join(root, 'node_modules/openapi-typescript/bin/cli.js')
  await run('--preload', preload, generator, join(folder, 'shop.json'), '-o', join(folder, 'schema.ts'))
  client = await Bun.file(join(folder, 'schema.ts')).text()
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await app.stop(true)
  await db.close()
})

async function documentOf(): Promise<OpenApiDocument> {
  return (await app.handle(new Request('http://localhost/openapi/json'))).json()
}

async function run(...args: readonly string[]): Promise<string> {
  const child = Bun.spawn(['bun', ...args], { cwd: root, stdout: 'pipe', stderr: 'pipe' })
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  if ((await child.exited) !== 0) throw new Error(`${output}${errors}`)
  return output
}

const begin = `import createClient from 'openapi-fetch'
import type { paths } from './schema.ts'
const api = createClient<paths>({ baseUrl: process.env['SHOP'] ?? '' })
`
const calls = `${begin}
const first = await api.GET('/products', {
  params: {
    query: {
      'status[in]': ['live', 'draft'], 'name[ne]': 'tea', 'maker.name[contains]': 'eta', 'price[null]': false,
      sort: ['-maker.name', 'price'], fields: ['name', 'price'], expand: ['maker'], 'expand.maker.fields': ['name'], limit: 1,
      count: 'exact',
    },
  },
})
const makers = await api.GET('/makers', {
  params: {
    query: {
      'products.any.status': 'live', 'products.none.price[gte]': '9', sort: ['name'],
      expand: ['products', 'products.maker'], 'expand.products.status': 'live', 'expand.products.limit': 1, 'expand.products.sort': ['-price'],
    },
  },
})
const name: string | undefined = makers.data?.data[0]?.products?.data[0]?.maker?.name
const two = await api.GET('/products', { params: { query: { limit: 2 } } })
const rest = await api.GET('/products', { params: { query: { limit: 2, after: two.data!.page.next! } } })
const quoted = await api.GET('/products', { params: { query: { 'name[in]': ['"a \\\\"cup\\\\", blue"', 'tea'] } } })
const where = await api.GET('/products', { params: { query: { where: 'price gte 5 or name eq tea' } } })
const file = await api.GET('/products/export', { params: { query: { format: 'csv', 'status[in]': ['live'] } }, parseAs: 'text' })
const wrong = await api.GET('/products', { params: { query: { 'price[gte]': 'much' } } })
const made = await api.POST('/products', { body: { id: 9, name: 'ink', price: '2.50' } })
console.log(JSON.stringify({
  first: first.data, name, makers: makers.data?.data.map((row) => row.name), two: two.data?.data.map((row) => row.id),
  rest: rest.data?.data.map((row) => row.id), quoted: quoted.data?.data.map((row) => row.id),
  where: where.data?.data.map((row) => row.id), file: file.data, wrong: wrong.error?.errors?.[0]?.parameter, made: made.data?.id,
}))
`
const asked = (query: string): string => `${begin}await api.GET('/products', { params: { query: { ${query} } } })\n`
interface Mistake {
  readonly source: string
  readonly said: readonly string[]
}
const notThere = 'does not exist in type'
const mistakes: Readonly<Record<string, Mistake>> = {
  operator: { source: asked(`'price[lte]': '1'`), said: ['price[lte]', notThere] },
  'operator-of-relation': { source: asked(`'maker.name[starts]': 'a'`), said: ['maker.name[starts]', notThere] },
  value: { source: asked(`'status[in]': ['sold']`), said: ['"sold"', 'not assignable', '"live"'] },
  'sort-key': { source: asked(`sort: ['-status']`), said: ['"-status"', 'not assignable', '"-price"'] },
  relation: { source: asked(`expand: ['makers']`), said: ['"makers"', 'not assignable', '"maker"'] },
  page: {
    source: `${begin}await api.GET('/products/export', { params: { query: { limit: 1 } } })\n`,
    said: ['limit', notThere],
  },
}

test('the document of lists with relations is valid', async () => {
  expect(await new Validator().validate(structuredClone(await documentOf()) as never)).toEqual({ valid: true })
})

test('a client that is generated from it compiles, and refuses what the list would refuse', async () => {
  const wrong = Object.entries(mistakes).map(([name, { source }]) => [name, source])
  const sources = { schema: client, calls, ...Object.fromEntries(wrong) }
  const verdicts = await compile(
    Object.fromEntries(Object.entries(sources).map(([name, source]) => [`client/${name}`, String(source)])),
  )
  expect(verdicts['client/schema']!.messages).toBe('')
  expect(verdicts['client/calls']!.messages).toBe('')
  for (const [name, { said }] of Object.entries(mistakes))
    for (const word of said) expect(verdicts[`client/${name}`]!.messages).toContain(word)
})

test('and gets what it asks for', async () => {
  writeFileSync(
    join(folder, 'calls.ts'),
    calls.replace(`process.env['SHOP'] ?? ''`, JSON.stringify(`http://127.0.0.1:${app.server!.port}`)),
  )
  expect(JSON.parse(await run(join(folder, 'calls.ts')))).toEqual({
    first: {
      data: [{ name: 'a pen', price: '5.00', maker: { name: 'Zeta' } }],
      page: { limit: 1, hasMore: false, count: { value: 1, exact: true } },
    },
    name: 'Acme',
    makers: ['Acme', 'Zeta'],
    two: [2, 1],
    rest: [3],
    quoted: [2, 3],
    where: [1, 3],
    file: 'id,name,price\r\n1,a pen,5.00\r\n3,tea,1.00\r\n',
    wrong: 'price[gte]',
    made: 9,
  })
})
