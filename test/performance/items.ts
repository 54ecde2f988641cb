import type { Database } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import { createTables } from '../../plugins/database/index.ts'
import { type AnyShape, many, one, shape } from '../../plugins/shaping/index.ts'

/** Rows by the million, with an index for each order that is asked for. */
export const items = defineTable('items', (t) => ({
  id: t.int().primaryKey(),
  kind: t.enum('a', 'b'),
  rank: t.int().nullable(),
  size: t.int(),
  made: t.datetime(),
}))
export const itemList: AnyShape = shape(items, {
  filter: { kind: true },
  sort: { keys: ['id', 'rank', 'size', 'made'], default: '-made' },
  fields: { default: ['id'] },
  limit: { default: 20, max: 100 },
})

const indexes: readonly string[] = [
  'made, id',
  'rank, id',
  'rank desc, id',
  'size, made desc, id desc',
  'kind, made, id',
]

/** The orders, each with the index it goes along; a nullable descending first key and mixed directions among them. */
export const orders: readonly string[] = [
  'sort=-made',
  'sort=made',
  'sort=-id',
  'sort=-rank',
  'sort=rank',
  'sort=-rank,id',
  'sort=size,-made',
  'sort=-size,made',
  'kind=a&sort=-made',
]

/** One row in ten has no rank. A thousand rows share a size; the other keys are in no order. */
export async function fillItems(db: Database, rows: number): Promise<void> {
  await createTables(db, [items])
  const isLite = db.dialect === 'sqlite'
  const source = isLite
    ? `with recursive n(x) as (select 1 union all select x + 1 from n where x < ${rows})`
    : `with n(x) as (select generate_series(1, ${rows}))`
  const second = `x::bigint * 104729 % 1000003`
  const made = isLite
    ? `(${second.replace('::bigint', '')}) * 1000`
    : `timestamptz '2026-01-01Z' + (${second}) * interval '1 second'`
  await db.execute(
    `insert into items (id, kind, rank, size, made) ${source}
     select x, case x % 2 when 0 then 'a' else 'b' end,
       case when x % 10 <> 0 then ${isLite ? 'x' : 'x::bigint'} * 7919 % 1000003 end, x % ${Math.ceil(rows / 1000)}, ${made} from n`,
  )
  for (const [at, columns] of indexes.entries()) await db.execute(`create index items_${at} on items (${columns})`)
  // Without the map of what is visible to all, PostgreSQL would look at the rows behind an index as well.
  await db.execute(isLite ? 'analyze' : 'vacuum analyze items')
}

const owners = defineTable('owners', (t) => ({ id: t.int().primaryKey(), name: t.string() }))
const parents = defineTable('parents', (t) => ({ id: t.int().primaryKey(), ownerId: t.int() }))
const children = defineTable(
  'children',
  (t) => ({ id: t.int().primaryKey(), parentId: t.int(), rank: t.int() }),
  (t) => [t.index('parentId', 'rank', 'id')],
)
const ownerList = shape(owners, { sort: { keys: ['id'] } })
const childList = shape(children, { sort: { keys: ['rank'], default: '-rank' }, fields: { default: ['id', 'rank'] } })
export const parentList: AnyShape = shape(parents, {
  sort: { keys: ['id'], default: 'id' },
  limit: { default: 50 },
  relations: {
    owner: one(ownerList, 'ownerId'),
    children: many(childList, 'parentId', { limit: { default: 5, max: 50 } }),
  },
})

/** 50 parents, each with an owner and so many children. */
export async function fillFamilies(db: Database, each: number): Promise<void> {
  await createTables(db, [owners, parents, children])
  const isLite = db.dialect === 'sqlite'
  const series = (most: number): string =>
    isLite
      ? `with recursive n(x) as (select 1 union all select x + 1 from n where x < ${most})`
      : `with n(x) as (select generate_series(1, ${most}))`
  await db.execute(`insert into owners (id, name) ${series(10)} select x, 'owner ' || x from n`)
  await db.execute(`insert into parents (id, owner_id) ${series(50)} select x, 1 + x % 10 from n`)
  await db.execute(
    `insert into children (id, parent_id, rank) ${series(50 * each)} select x, 1 + x % 50, ${isLite ? 'x' : 'x::bigint'} * 7919 % 1000003 from n`,
  )
  await db.execute(isLite ? 'analyze' : 'vacuum analyze')
}
