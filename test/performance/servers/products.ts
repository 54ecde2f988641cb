import { defineTable } from 'kwik/database'

/** What W4 lists. */
export const products = defineTable(
  'products',
  (t) => ({
    id: t.id(),
    name: t.string(80),
    price: t.decimal(10, 2),
    status: t.enum('draft', 'live'),
    stock: t.int(),
    createdAt: t.datetime(),
  }),
  (t) => [t.index('status', 'createdAt', 'id')],
)
