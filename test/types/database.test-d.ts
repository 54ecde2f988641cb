import { and, eq, gt } from 'drizzle-orm'
import {
  type Database,
  type DefinedTable,
  defineTable,
  type FieldBuilder,
  type TableLike,
} from '../../plugins/database/index.ts'

declare const db: Database

/** Fails to compile unless both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <_ extends true>(): void => {}

const products = defineTable(
  'products',
  (t) => ({
    id: t.id(),
    name: t.string(200),
    price: t.decimal(10, 2).nullable(),
    stock: t.bigint(),
    status: t.enum('draft', 'live').default('draft'),
    soldAt: t.datetime().nullable(),
    tags: t.list('string'),
    amounts: t.list('int'),
    extra: t.json<{ colour: string }>(),
    categoryId: t.ref('categories').nullable(),
    counterId: t.ref('counters', { key: 'int' }),
    ...t.audit(),
    ...t.version(),
    ...t.softDelete(),
  }),
  (t) => [t.unique('status', 'name'), t.index('createdAt')],
)

// Rows are the same on both databases.
type Row = typeof products.$inferSelect
same<
  Same<
    Pick<
      Row,
      'id' | 'price' | 'stock' | 'status' | 'soldAt' | 'tags' | 'amounts' | 'extra' | 'counterId' | 'createdAt'
    >,
    {
      id: string
      price: string | null
      stock: bigint
      status: 'draft' | 'live'
      soldAt: Date | null
      tags: string[]
      amounts: number[]
      extra: { colour: string }
      counterId: number
      createdAt: Date
    }
  >
>()

// What has a default or NULL may be left out of an insert.
type Insert = typeof products.$inferInsert
const least: Insert = { name: 'a', stock: 1n, tags: [], amounts: [], extra: { colour: 'red' }, counterId: 1 }
// @ts-expect-error name has neither
const lessThanLeast: Insert = { stock: 1n, tags: [], amounts: [], extra: { colour: 'red' }, counterId: 1 }
// @ts-expect-error a decimal is text
const wrongPrice: Insert = { ...least, price: 5 }
// @ts-expect-error none of the enum's words
const wrongStatus: Insert = { ...least, status: 'dead' }
void [least, lessThanLeast, wrongPrice, wrongStatus]

// Field types are literal, for shapes.
same<Same<typeof products.fields.price.type, 'decimal'>>()
same<Same<typeof products.fields.createdAt.type, 'datetime'>>()
// @ts-expect-error there is no such field
void products.fields.prize

// drizzle's words are typed by the table of the database in use.
export async function queries(): Promise<void> {
  const table = products.for(db)
  const rows = await db.drizzle
    .select()
    .from(products.for(db))
    .where(and(eq(table.price, '1.00'), gt(table.stock, 5n)))
  same<Same<(typeof rows)[number], { [K in keyof Row]: Row[K] }>>()
  const some = await db.drizzle.select({ at: table.createdAt, price: table.price }).from(table)
  same<Same<typeof some, { at: Date; price: string | null }[]>>()
  await db.drizzle.insert(table).values(least)
  await db.drizzle.update(table).set({ price: '2.00', soldAt: new Date() }).where(eq(table.id, 'x'))
  // @ts-expect-error a decimal is compared with text
  void eq(table.price, 5)
  // @ts-expect-error a column that is not there
  void table.prize
  // @ts-expect-error an update has the types of the row
  void db.drizzle.update(table).set({ price: 5 })
  // @ts-expect-error commits although its callback throws: tx() is there
  void db.drizzle.transaction
}

// Groups name fields of the table.
export const wrongGroup: TableLike = defineTable(
  'a',
  (t) => ({ id: t.id(), name: t.string() }),
  // @ts-expect-error a field that is not there
  (t) => [t.unique('name', 'nmae')],
)
// @ts-expect-error an enum has at least one word
defineTable('a', (t) => ({ kind: t.enum() }))
// @ts-expect-error a default is a value of the field
defineTable('a', (t) => ({ n: t.int().default('1') }))

// A declared table is a table for shapes, and its type can be written down.
export const like: TableLike = products
export const users: DefinedTable<
  'users',
  {
    id: FieldBuilder<'uuid', string, false, true>
    email: FieldBuilder<'email', string>
    name: FieldBuilder<'string', string, true>
  }
> = defineTable('users', (t) => ({ id: t.id(), email: t.email().unique(), name: t.string().nullable() }))

const circleA = defineTable('a', (t) => ({ id: t.id(), bId: t.ref('b') }))
const circleB = defineTable('b', (t) => ({ id: t.id(), aId: t.ref(() => circleA) }))
same<Same<(typeof circleB.$inferSelect)['aId'], string>>()
