// Checked by the compiler, never run: what a resource's clients, hooks and service see.
import { treaty } from '@elysiajs/eden'
import { Elysia, t } from 'elysia'
import type { Database } from '#core/ports/database'
import { defineTable } from '../../plugins/database/index.ts'
import { type MaybeUserCtx, type NoUserCtx, resource, type UserCtx } from '../../plugins/resources/index.ts'
import { shape } from '../../plugins/shaping/index.ts'
import { same } from './routes.ts'

const table = defineTable('products', (t) => ({
  id: t.id(),
  name: t.string(),
  sku: t.string(),
  price: t.decimal(10, 2).nullable(),
  views: t.bigint().default(0n),
  status: t.enum('draft', 'live').default('draft'),
  soldAt: t.datetime().nullable(),
  ...t.audit(),
}))
const products = resource('products', {
  table,
  list: {
    filter: { price: ['gte', 'lte'], status: true },
    sort: { keys: ['price', 'createdAt'], default: '-price' },
    fields: { default: ['id', 'name', 'price'] },
  },
  fields: { sku: { write: 'create' }, views: { write: false } },
  hooks: {
    beforeCreate: (values) => {
      same<typeof values.sku, string>(true)
      return { ...values, name: values.name.trim() }
    },
    afterCommit: ({ row }) => {
      same<NonNullable<typeof row>['views'], string>(true)
    },
  },
})
const moving = resource('moving', {
  table,
  list: { filter: { status: true }, sort: { keys: ['createdAt'] }, compat: 'python' },
  fields: { price: { sort: true } },
})
const app = new Elysia().use(products).use(moving)
const api = treaty<typeof app>('localhost:1')

const page = await api.products.get({ query: { 'price[gte]': '10', status: 'live', sort: '-price', limit: 5 } })
if (page.data) {
  same<(typeof page.data.data)[number]['price'], string | null>(true)
  same<(typeof page.data.data)[number]['soldAt'], string | null | undefined>(true)
  same<typeof page.data.page.next, string | undefined>(true)
}
await api.products.get()
const skipped = await api.moving.get({
  query: { skip: 5, sorting: 'created_at:desc,price', filter_key: 'status', value: 'live', status: 'live' },
})
if (skipped.data) same<typeof skipped.data.total, number | undefined>(true)
// @ts-expect-error not a field to filter by
await api.moving.get({ query: { filter_key: 'price', value: '1' } })
// @ts-expect-error a list that does not say so has none of the words
await api.products.get({ query: { skip: 1 } })
const one = await api.products({ id: 'x' }).get()
same<NonNullable<typeof one.data>['createdAt'], string>(true)
same<NonNullable<typeof one.data>['status'], 'draft' | 'live'>(true)
const refusal = one.error
if (refusal?.status === 404) same<typeof refusal.value.code, string>(true)
await api.products.post({ name: 'Pen', sku: 'p1', price: '1.50', soldAt: null })
await api.products({ id: 'x' }).patch({ price: null })
await api.products({ id: 'x' }).put({ name: 'Pen' })
await api.products({ id: 'x' }).delete()

// @ts-expect-error no such sort key
await api.products.get({ query: { sort: '-nope' } })
// @ts-expect-error no such operator
await api.products.get({ query: { 'price[gt]': '10' } })
// @ts-expect-error no such value
await api.products.get({ query: { status: 'sold' } })
// @ts-expect-error sku is required
await api.products.post({ name: 'Pen' })
// @ts-expect-error the server writes it
await api.products.post({ name: 'Pen', sku: 'p1', createdBy: 'me' })
// @ts-expect-error never written by clients
await api.products.post({ name: 'Pen', sku: 'p1', views: '1' })
// @ts-expect-error written once
await api.products({ id: 'x' }).patch({ sku: 'p2' })
// @ts-expect-error NOT NULL
await api.products({ id: 'x' }).patch({ name: null })

declare const db: Database
const made = await products.service.create({ name: 'Pen', sku: 'p1' }, { db, user: { id: 'robot' } })
same<typeof made.views, string>(true)
// @ts-expect-error rows say who wrote them
await products.service.create({ name: 'Pen', sku: 'p1' }, { db })

// @ts-expect-error anybody could write rows that say who wrote them
resource('products', { table, permissions: false })
resource('products', { table, permissions: false, audit: false })
// @ts-expect-error no such sort key
resource('products', { table, list: { sort: { keys: ['nope'] } } })
// @ts-expect-error no such field
resource('products', { table, list: { filter: { nope: true } } })

const readOnly = resource('products', {
  table,
  only: ['list', 'get'],
  list: shape(table, { filter: { name: ['eq'] } }),
})
const reader = new Elysia().use(readOnly)
const few = treaty<typeof reader>('localhost:1')
await few.products.get({ query: { name: 'Pen' } })
// @ts-expect-error not served
await few.products.post({ name: 'Pen', sku: 'p1' })
// @ts-expect-error not filtered by
await few.products.get({ query: { price: '1' } })

// Versions, unique values, many rows, deleted rows, actions, rules of fields.
const soft = defineTable('items', (t) => ({
  id: t.id(),
  sku: t.string().unique(),
  name: t.string(),
  price: t.decimal(8, 2),
  cost: t.decimal(8, 2).nullable(),
  shop: t.int(),
  place: t.int(),
  ...t.version(),
  ...t.softDelete(),
}))
const items = resource('items', {
  table: soft,
  version: 'required',
  upsert: ['sku', ['shop', 'place']],
  bulk: { max: 500 },
  fields: {
    price: { filter: ['gte', 'lte'], sort: true },
    cost: { read: 'items:cost', write: 'items:cost', filter: true },
    name: { write: 'create' },
  },
  list: { filter: { sku: true }, sort: { keys: ['sku'] } },
  actions: {
    archive: {
      body: t.Object({ reason: t.String() }),
      run: async ({ row, body, service, caller }) => {
        same<typeof body.reason, string>(true)
        same<typeof row.price, string>(true)
        await service.update(row.id, { price: '1.00' }, caller)
      },
    },
    count: {
      on: 'collection',
      answer: t.Object({ count: t.Integer() }),
      run: ({ row, body }) => {
        same<typeof row, undefined>(true)
        same<typeof body, undefined>(true)
        return { count: 1 }
      },
    },
    clear: { on: 'collection', run: () => {} },
  },
})
const shop = new Elysia().use(items)
const many = treaty<typeof shop>('localhost:1')
const values = { sku: 'a', name: 'A', price: '1.00', shop: 1, place: 1 }

await many.items.get({ query: { 'price[gte]': '1', sku: 'a', 'cost[null]': true, sort: ['price', '-sku'] } })
// @ts-expect-error no such operator
await many.items.get({ query: { 'price[gt]': '1' } })
// @ts-expect-error not sorted by
await many.items.get({ query: { sort: 'name' } })
await many.items.put(values, { query: { by: 'shop,place' } })
// @ts-expect-error not unique
await many.items.put(values, { query: { by: 'name' } })
const bulk = await many.items.bulk.post({ items: [values] }, { query: { mode: 'each' } })
if (bulk.data) for (const one of bulk.data.data) if ('row' in one) same<typeof one.row.price, string>(true)
await many.items.bulk.post({ items: [values] })
await many.items.bulk.patch({ items: [{ id: 'x', version: 1, price: '2.00' }] })
// @ts-expect-error written once
await many.items.bulk.patch({ items: [{ id: 'x', name: 'B' }] })
await many.items.bulk.delete({ items: ['x', { id: 'y', version: 2 }] })
const gone = await many.items.deleted.get({ query: { limit: 5 } })
if (gone.data) same<(typeof gone.data.data)[number]['sku'], string>(true)
const restored = await many.items({ id: 'x' }).restore.post(undefined, { headers: { 'if-match': '"1"' } })
same<NonNullable<typeof restored.data>['sku'], string>(true)
await many.items({ id: 'x' }).purge.delete()
const archived = await many.items({ id: 'x' }).archive.post({ reason: 'old' })
const stale = archived.error
if (stale?.status === 412) same<typeof stale.value.code, string>(true)
same<NonNullable<typeof archived.data>['price'], string>(true)
// @ts-expect-error the body of the action
await many.items({ id: 'x' }).archive.post({ why: 'old' })
const counted = await many.items.count.post()
same<NonNullable<typeof counted.data>['count'], number>(true)
// @ts-expect-error it is on the collection
await many.items({ id: 'x' }).count.post()

const { service } = items
const written = await service.upsert(values, { by: ['sku'] }, { db })
same<typeof written.created, boolean>(true)
same<typeof written.row.cost, string | null>(true)
await service.createIfNotExist(values, { by: ['shop', 'place'] }, { db, user: null })
await service.update('x', { price: '1.00' }, { db }, { version: 3 })
const outcomes = await service.bulk.create([values], { db }, { mode: 'each' })
same<(typeof outcomes)[number]['status'], number>(true)
const made2 = await service.bulk.create([values], { db })
same<(typeof made2)[number]['sku'], string>(true)
await service.restore('x', { db })
await service.purge('x', { db }, { version: [1, 2] })
await service.deleted({ sort: 'price' }, { db })
const old = await service.actions.archive('x', { reason: 'old' }, { db })
same<typeof old.sku, string>(true)
same<Awaited<ReturnType<typeof service.actions.count>>, { count: number }>(true)
// @ts-expect-error no such field
await service.upsert(values, { by: ['skku'] }, { db })
// @ts-expect-error a table that keeps nothing that was deleted
await products.service.restore('x', { db, user: { id: 'robot' } })
// @ts-expect-error not served: the option is not there
await api.products.bulk.post({ items: [] })
// @ts-expect-error not served: no unique field was named
await api.products.put({ name: 'Pen', sku: 'p1' }, { query: { by: 'sku' } })
// @ts-expect-error nothing is kept that was deleted
await api.products.deleted.get()

const nobody: NoUserCtx = { db }
const maybe: MaybeUserCtx = { db, user: null }
const somebody: UserCtx = { db, user: { id: 'robot' } }
for (const caller of [nobody, maybe, somebody]) await service.get('x', caller)
await products.service.get('x', somebody)
// @ts-expect-error rows say who wrote them
await products.service.delete('x', maybe)
// @ts-expect-error rows say who wrote them
await products.service.delete('x', nobody)
const quiet = resource('products', { table, audit: false })
await quiet.service.delete('x', nobody)

// @ts-expect-error no operator of a decimal
resource('items', { table: soft, fields: { price: { filter: ['contains'] } } })
// @ts-expect-error no such field
resource('items', { table: soft, upsert: ['skku'] })
resource('items', {
  table: soft,
  actions: {
    // @ts-expect-error not what the schema of the answer says
    count: { on: 'collection', answer: t.Object({ count: t.Integer() }), run: () => ({ total: 1 }) },
  },
})

const shaped = resource('items', {
  table: soft,
  list: shape(soft, { filter: { sku: ['eq'] }, sort: { keys: ['sku'] } }),
  fields: { price: { filter: ['gte'], sort: true } },
})
const ofShape = new Elysia().use(shaped)
const seen = treaty<typeof ofShape>('localhost:1')
await seen.items.get({ query: { sku: 'a', 'price[gte]': '1', sort: ['-sku', 'price'] } })
// @ts-expect-error no such operator
await seen.items.get({ query: { 'price[lte]': '1' } })
// @ts-expect-error not sorted by
await seen.items.get({ query: { sort: 'name' } })
