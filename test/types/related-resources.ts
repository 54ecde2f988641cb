// Checked by the compiler, never run: resources whose lists lead over relations, and their exports.
import { treaty } from '@elysiajs/eden'
import { Elysia } from 'elysia'
import type { Database } from '#core/ports/database'
import { defineTable } from '../../plugins/database/index.ts'
import { resource } from '../../plugins/resources/index.ts'
import { many, one, shape } from '../../plugins/shaping/index.ts'
import { same } from './routes.ts'

const makers = defineTable('makers', (t) => ({ id: t.id(), name: t.string(), country: t.string().nullable() }))
const goods = defineTable('goods', (t) => ({
  id: t.id(),
  name: t.string(),
  makerId: t.ref(() => makers).nullable(),
}))
const makerList = shape(makers, { filter: { name: true }, sort: { keys: ['name'] }, fields: { hidden: ['country'] } })
const countedList = shape(makers, {
  filter: { name: true },
  sort: { keys: ['name'] },
  fields: { hidden: ['country'] },
  count: ['capped'],
})
const related = resource('goods', {
  table: goods,
  list: {
    relations: { maker: one(makerList, 'makerId') },
    filter: { name: true },
    sort: { keys: ['name', 'maker.name'], default: '-maker.name' },
    fields: { default: ['name'] },
  },
  export: { formats: ['ndjson'], max: 5 },
})
const bare = resource('makers', {
  table: makers,
  list: { envelope: false, relations: { goods: many(shape(goods, { filter: { name: true } }), 'makerId') } },
  export: ['csv', 'ndjson'],
})
const app = new Elysia()
  .use(related)
  .use(bare)
  .use(resource('plain', { table: makers }))
const shapedApp = new Elysia().use(resource('makers', { table: makers, list: countedList }))
const shop = treaty<typeof app>('localhost:1')
declare const db: Database

// A list that is a shape keeps all of its words.
const shaped = treaty<typeof shapedApp>('localhost:1')
await shaped.makers.get({ query: { sort: '-name', fields: ['id', 'name'], 'name[contains]': 'ann', limit: 5 } })
await shaped.makers.get({ query: { sort: ['name'], count: 'capped' } })
// @ts-expect-error no such sort key
await shaped.makers.get({ query: { sort: 'country' } })
// @ts-expect-error hidden
await shaped.makers.get({ query: { fields: 'country' } })

const found = await shop.goods.get({
  query: {
    'maker.name[contains]': 'x',
    expand: 'maker',
    'expand.maker.fields': ['name'],
    sort: ['-maker.name', 'name'],
  },
})
if (found.data) {
  const row = found.data.data[0]!
  same<typeof row.name, string>(true)
  same<NonNullable<typeof row.maker>['name'], string | undefined>(true)
}
const rows = await shop.makers.get({ query: { 'goods.any.name': 'pen', expand: 'goods', 'expand.goods.limit': 5 } })
if (rows.data) same<NonNullable<(typeof rows.data)[number]['goods']>['hasMore'], boolean>(true)
const service = await bare.service.list({ expand: 'goods' }, { db })
same<(typeof service)[number]['id'], string>(true)

const file = await shop.makers.export.get({ query: { format: 'csv', bom: true, 'goods.none.name': 'pen' } })
if (file.data) same<typeof file.data, string>(true)
const refused = file.error
if (refused?.status === 406) same<typeof refused.value.code, string>(true)
// @ts-expect-error an export has no pages
await shop.makers.export.get({ query: { limit: 5 } })
// @ts-expect-error not offered
await shop.goods.export.get({ query: { format: 'csv' } })
// @ts-expect-error hidden there
await shop.goods.get({ query: { 'maker.country': 'it' } })
// @ts-expect-error not a relation
await shop.goods.get({ query: { expand: 'makers' } })
// @ts-expect-error not exported
await shop.plain.export.get()
// @ts-expect-error goes by no field
resource('goods', { table: goods, list: { relations: { maker: one(makerList, 'nope') } } })
resource('goods', {
  table: goods,
  // @ts-expect-error the relation does not sort by it
  list: { relations: { maker: one(makerList, 'makerId') }, sort: { keys: ['maker.id'] } },
})
