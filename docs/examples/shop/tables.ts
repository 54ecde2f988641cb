import { defineTable } from 'kwik/database'

export const categories = defineTable('categories', (t) => ({
  id: t.id(),
  name: t.string(80).unique(),
}))

export const products = defineTable(
  'products',
  (t) => ({
    id: t.id(),
    sku: t.string(40).unique(),
    name: t.string(200),
    price: t.decimal(10, 2),
    stock: t.int().default(0),
    status: t.enum('draft', 'live').default('live'),
    categoryId: t.ref('categories', { onDelete: 'set null' }).nullable(),
    ...t.audit(),
  }),
  (t) => [t.index('price', 'id'), t.index('status', 'createdAt')],
)
