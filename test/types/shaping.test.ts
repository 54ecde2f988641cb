import { expect, test } from '#test'
import { compile } from './compile.ts'
import type { Mistake } from './mistakes.ts'
import { describeMistakes } from './snapshot.ts'

const tables = `import { sqliteTable, integer, real, text } from 'drizzle-orm/sqlite-core'
import { treaty } from '@elysiajs/eden'
import { Elysia } from 'elysia'
import { defineTable } from '#core/table/define'
import { shape, shaping } from '../../plugins/shaping/index.ts'
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
const declared = (line: string): string => `${tables}${line}\n`
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
  'shape-hidden-sort': {
    source: declared(`shape(products, { sort: { keys: ['secret'] }, fields: { hidden: ['secret'] } })`),
    wrong: 'secret',
    allowed: ['createdAt', 'id', 'name', 'price', 'status'],
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
