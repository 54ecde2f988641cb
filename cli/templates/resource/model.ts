import { defineTable } from 'kwik/database'

/** The table of the «products», on SQLite and on PostgreSQL. */
export const products = defineTable(
  'products',
  (t) => ({
    id: t.id(),
    // kwik:fields
    name: t.string(),
    price: t.decimal(10, 2).nullable(),
    // kwik:end
    ...t.audit(),
  }),
  // The order of the list; `kwik check --indexes` tells what other orders and filters lack.
  (t) => [t.index('createdAt', 'id')],
)

export type Product = typeof products.$inferSelect
export type NewProduct = typeof products.$inferInsert
