import { expect, test } from '#test'
import { compile } from './compile.ts'
import type { Mistake } from './mistakes.ts'
import { describeMistakes } from './snapshot.ts'

const tables = `import { sqliteTable, integer, real, text } from 'drizzle-orm/sqlite-core'
import { treaty } from '@elysiajs/eden'
import { Elysia } from 'elysia'
import { defineTable } from '#core/table/define'
import { Type as T } from '@sinclair/typebox'
import { json, many, one, shape, shaping } from '../../plugins/shaping/index.ts'
const products = defineTable('products', (t) => ({
  id: t.id(), name: t.string(200), price: t.decimal(10, 2).nullable(), status: t.enum('draft', 'live'),
  secret: t.string(80), tags: t.list('string'), createdAt: t.datetime(),
}))
const posts = sqliteTable('posts', {
  id: integer().primaryKey(), title: text().notNull(), status: text({ enum: ['draft', 'live'] }).notNull(),
  score: real(), at: integer({ mode: 'timestamp_ms' }).notNull(),
})
`
const client = `const list = shape(products, {
  filter: { name: ['contains'], price: ['gte', 'lte', 'null'], status: true, tags: true, createdAt: ['on', 'gte'] },
  sort: { keys: ['price', 'createdAt'], default: '-createdAt' },
  fields: { default: ['id', 'name'], hidden: ['secret'] },
  count: ['capped'],
})
const app = new Elysia().use(shaping()).get('/products', ({ request }) => list.from({ request }).page(), list.hook)
const api = treaty(app)
`
const related = `const makers = defineTable('makers', (t) => ({ id: t.id(), name: t.string(80), code: t.int(), secret: t.string(80) }))
const parts = defineTable('parts', (t) => ({
  id: t.id(), name: t.string(80), meta: t.json().nullable(), limit: t.int(), makerId: t.ref(() => makers).nullable(),
}))
const orders = defineTable('orders', (t) => ({ id: t.id(), amount: t.int(), partId: t.ref(() => parts) }))
const makerList = shape(makers, { filter: { name: true, code: ['gte'] }, sort: { keys: ['name'] }, fields: { hidden: ['secret'] } })
const orderList = shape(orders, { filter: { amount: true }, sort: { keys: ['amount'] } })
const partList = shape(parts, {
  filter: { name: ['contains'], meta: json({ age: T.Number(), color: [T.String(), ['eq']] }), limit: { as: 'most', by: ['lte'] } },
  relations: { maker: one(makerList, 'makerId'), orders: many(orderList, 'partId') },
  sort: { keys: ['name', 'maker.name'], default: '-maker.name' },
  fields: { default: ['id', 'name'] },
})
const app = new Elysia().use(shaping()).get('/parts', ({ request }) => partList.from({ request }).page(), partList.hook)
const api = treaty(app)
`
const declared = (line: string): string => `${tables}${line}\n`
const relatedTo = (line: string): string => `${tables}${related}${line}\n`
const askedOver = (query: string): string => `${tables}${related}api.parts.get({ query: ${query} })\n`
const asked = (query: string): string => `${tables}${client}api.products.get({ query: ${query} })\n`

/** Mistakes of a person who declares a list, or asks for one. */
const listMistakes: Readonly<Record<string, Mistake>> = {
  'shape-filter-field': {
    source: declared(`shape(products, { filter: { status: true, nmae: true } })`),
    wrong: 'true',
    allowed: ['createdAt', 'id', 'name', 'price', 'secret', 'status', 'tags'],
  },
  'shape-operator': {
    source: declared(`shape(products, { filter: { price: ['contains'] } })`),
    wrong: 'contains',
    allowed: ['eq', 'gte', 'lte', 'null'],
  },
  'shape-operator-of-a-plain-table': {
    source: declared(`shape(posts, { filter: { title: ['gte'] } })`),
    wrong: 'gte',
    allowed: ['contains', 'starts', 'ends'],
  },
  'shape-sort-key': {
    source: declared(`shape(products, { sort: { keys: ['prize'] } })`),
    wrong: 'prize',
    allowed: ['price', 'createdAt'],
  },
  'shape-default-sort': {
    source: declared(`shape(products, { sort: { keys: ['price', 'id'], default: '-name' } })`),
    wrong: '-name',
    allowed: ['price', 'id'],
  },
  'shape-hidden-filter': {
    source: declared(`shape(products, { filter: { secret: true }, fields: { hidden: ['secret'] } })`),
    wrong: 'true',
    allowed: ['createdAt', 'id', 'name', 'price', 'status', 'tags'],
  },
  'shape-hidden-default': {
    source: declared(`shape(products, { fields: { default: ['secret'], hidden: ['secret'] } })`),
    wrong: 'secret',
    allowed: ['createdAt', 'id', 'name', 'price', 'status'],
  },
  'client-enum': { source: asked(`{ status: 'dead' }`), wrong: 'dead', allowed: ['draft', 'live'] },
  'client-operator': { source: asked(`{ 'price[gt]': '1' }`), wrong: 'price[gt]', allowed: [] },
  'client-sort-key': { source: asked(`{ sort: '-name' }`), wrong: '-name', allowed: ['price', 'createdAt'] },
  'client-field': { source: asked(`{ fields: ['id', 'secret'] }`), wrong: 'secret', allowed: ['id', 'price'] },
  'client-count': { source: asked(`{ count: 'exact' }`), wrong: 'exact', allowed: ['capped'] },
  'relation-field': {
    source: relatedTo(`shape(parts, { relations: { maker: one(makerList, 'makrId') } })`),
    wrong: 'makrId',
    allowed: ['makerId'],
  },
  'relation-sort-key': {
    source: relatedTo(
      `shape(parts, { relations: { maker: one(makerList, 'makerId') }, sort: { keys: ['maker.code'] } })`,
    ),
    wrong: 'maker.code',
    allowed: ['maker.name'],
  },
  'json-operator': {
    source: relatedTo(`shape(parts, { filter: { name: json({ age: T.Number() }) } })`),
    wrong: 'JsonFilter',
    allowed: [],
  },
  'client-relation-operator': { source: askedOver(`{ 'maker.code[lt]': 1 }`), wrong: 'maker.code[lt]', allowed: [] },
  'client-relation-quantifier': {
    source: askedOver(`{ 'orders.amount[gt]': 1 }`),
    wrong: 'orders.amount[gt]',
    allowed: [],
  },
  'client-relation-hidden-field': { source: askedOver(`{ 'maker.secret': 'x' }`), wrong: 'maker.secret', allowed: [] },
  'client-expand': { source: askedOver(`{ expand: 'makers' }`), wrong: 'makers', allowed: ['maker'] },
  'client-expand-sort': { source: askedOver(`{ 'expand.orders.sort': '-id' }`), wrong: '-id', allowed: ['amount'] },
  'client-json-value': { source: askedOver(`{ 'meta.age': 'old' }`), wrong: 'string', allowed: ['number'] },
  'client-renamed': { source: askedOver(`{ 'limit[lte]': 3 }`), wrong: 'limit[lte]', allowed: [] },
  'client-hidden-field': {
    source: `${tables}${client}const { data } = await api.products.get()\nconsole.log(data?.data[0]?.secret)\n`,
    wrong: 'secret',
    allowed: [],
  },
}

await describeMistakes('the compiler names the wrong word of a list and the right ones:', listMistakes)

test('a list and its client that are right compile without a word', async () => {
  const { right } = await compile({
    right: `${tables}${client}
const { data } = await api.products.get({
  query: {
    status: 'live', 'status[in]': ['draft', 'live'], 'price[gte]': '10', 'price[null]': true, 'name[contains]': 'tea',
    'createdAt[gte]': new Date(), 'createdAt[on]': '2026-01-31', 'tags[hasAny]': ['a', 'b'], 'tags[empty]': false,
    sort: ['-price', 'createdAt'], fields: ['id', 'price'], limit: 5, after: 'x', count: 'capped',
  },
})
export const rows: { id: string; name: string; price?: string | null; createdAt?: string }[] = data!.data
export const next: string | undefined = data!.page.next
list.toUrl('/products', { sort: '-price', 'price[gte]': '1' })
shape(posts, { filter: { score: true, at: ['on'], title: ['starts'] }, sort: { keys: ['score'] } })`,
  })
  expect(right.messages).toBe('')
})

test('relations are typed from column to client', async () => {
  const { right } = await compile({
    right: `${tables}${related}
const { data } = await api.parts.get({
  query: {
    'maker.name[contains]': 'tea', 'maker.code[gte]': 3, 'orders.any.amount[gt]': 5, 'orders.none.amount': 1,
    'orders.every.amount[lte]': 9, where: 'maker.code gte 3', sort: ['-maker.name', 'name'],
    'most[lte]': 3, 'meta.age[gt]': 9, 'meta.age[null]': true, 'meta.color': 'red', fields: ['id', 'maker.name'],
    expand: ['maker', 'orders'], 'expand.orders.limit': 3, 'expand.orders.sort': '-amount', 'expand.orders.amount[gt]': 2,
    'expand.maker.fields': ['name'],
  },
})
const row = data!.data[0]!
export const maker: string | undefined = row.maker?.name
export const amounts: (number | undefined)[] | undefined = row.orders?.data.map((order) => order.amount)
export const more: boolean | undefined = row.orders?.hasMore
shape(orders, { relations: { part: one(partList, 'partId') }, sort: { keys: ['part.maker.name', 'part.name'] } })
const bare = shape(parts, { envelope: false, fields: { default: ['id'] } })
export const rows: Promise<{ id: string }[]> = bare.from({ request: new Request('http://localhost/') }).page()
new Elysia().use(shaping()).get('/stats', ({ query }) => query['maker.code[gte]'], partList.filterOnly)`,
  })
  expect(right.messages).toBe('')
})
