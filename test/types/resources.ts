// Checked by the compiler, never run: what a resource's clients, hooks and service see.
import { treaty } from '@elysiajs/eden'
import { Elysia } from 'elysia'
import type { Database } from '#core/ports/database'
import { defineTable } from '../../plugins/database/index.ts'
import { resource } from '../../plugins/resources/index.ts'
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
const app = new Elysia().use(products)
const api = treaty<typeof app>('localhost:1')

const page = await api.products.get({ query: { 'price[gte]': '10', status: 'live', sort: '-price', limit: 5 } })
if (page.data) {
  same<(typeof page.data.data)[number]['price'], string | null>(true)
  same<(typeof page.data.data)[number]['soldAt'], string | null | undefined>(true)
  same<typeof page.data.page.next, string | undefined>(true)
}
await api.products.get()
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
