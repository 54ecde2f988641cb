import { and, count, desc, eq, gte, inArray, sql, sum } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { expect } from '#test'
import { type Database, defineTable } from '../../../plugins/database/index.ts'
import { both } from '../../services.ts'

const groups = defineTable('groups', (t) => ({ id: t.id(), name: t.string().unique(), budget: t.decimal(18, 2) }))
const items = defineTable('items', (t) => ({
  id: t.id(),
  name: t.string(),
  price: t.decimal(10, 2),
  big: t.bigint().default(9_007_199_254_740_993n),
  groupId: t.ref(() => groups).nullable(),
}))

async function stocked(db: Database) {
  const [g, i] = [groups.for(db), items.for(db)]
  const [group] = await db.drizzle.insert(g).values({ name: 'tools', budget: '9999999999999999.99' }).returning()
  await db.drizzle.insert(i).values([
    { name: 'saw', price: '9.90', groupId: group!.id },
    { name: 'axe', price: '10.10', groupId: group!.id },
    { name: 'cup', price: '0.50' },
  ])
  return { g, i, group: group! }
}

both('joins keep what is exact, and what is not joined is null', [groups, items], async (db) => {
  const { g, i } = await stocked(db)
  const rows = await db.drizzle
    .select({ item: i.name, price: i.price, big: i.big, budget: g.budget })
    .from(i)
    .leftJoin(g, eq(i.groupId, g.id))
    .orderBy(desc(i.price))
  expect(rows).toEqual([
    { item: 'axe', price: '10.10', big: 9_007_199_254_740_993n, budget: '9999999999999999.99' },
    { item: 'saw', price: '9.90', big: 9_007_199_254_740_993n, budget: '9999999999999999.99' },
    { item: 'cup', price: '0.50', big: 9_007_199_254_740_993n, budget: null },
  ])
})

both('decimals compare as numbers, also with a table under another name', [groups, items], async (db) => {
  const { i } = await stocked(db)
  const other = alias(i, 'other')
  const rows = await db.drizzle
    .select({ name: other.name, price: other.price })
    .from(other)
    .where(gte(other.price, '9.90'))
  expect(rows.map(({ name }) => name).toSorted()).toEqual(['axe', 'saw'])
})

both('an insert that meets a row can update it', [groups], async (db) => {
  const table = groups.for(db)
  for (const budget of ['1.00', '2.00'])
    await db.drizzle
      .insert(table)
      .values({ name: 'a', budget })
      .onConflictDoUpdate({ target: table.name, set: { budget } })
  expect(await db.drizzle.select({ budget: table.budget }).from(table)).toEqual([{ budget: '2.00' }])
})

both('counting, grouping, subqueries and placeholders', [groups, items], async (db) => {
  const { i, group } = await stocked(db)
  expect(await db.drizzle.$count(i, eq(i.groupId, group.id))).toBe(2)
  const grouped = await db.drizzle
    .select({ group: i.groupId, n: count() })
    .from(i)
    .where(inArray(i.name, ['saw', 'axe']))
    .groupBy(i.groupId)
  expect(grouped.map(({ group, n }) => [group, Number(n)])).toEqual([[group.id, 2]])
  const dear = db.drizzle
    .$with('dear')
    .as(db.drizzle.select({ name: i.name, price: i.price }).from(i).where(gte(i.price, '5')))
  expect((await db.drizzle.with(dear).select({ name: dear.name }).from(dear)).length).toBe(2)
  const byName = db.drizzle
    .select({ price: i.price })
    .from(i)
    .where(eq(i.name, sql.placeholder('name')))
  expect(await byName.prepare().execute({ name: 'saw' })).toEqual([{ price: '9.90' }])
  const [total] = await db.drizzle.select({ sum: sum(i.price).mapWith(i.price) }).from(i)
  expect(total).toEqual({ sum: '20.50' })
})

both('what is updated and deleted comes back', [groups, items], async (db) => {
  const { i } = await stocked(db)
  const cheap = and(eq(i.name, 'cup'), eq(i.price, '0.50'))
  expect(await db.drizzle.update(i).set({ price: '0.60' }).where(cheap).returning({ price: i.price })).toEqual([
    { price: '0.60' },
  ])
  expect(await db.drizzle.delete(i).where(eq(i.price, '0.60')).returning({ name: i.name, big: i.big })).toEqual([
    { name: 'cup', big: 9_007_199_254_740_993n },
  ])
})

both('a plan is one of the tables as they are, and keeps none of them', [groups], async (db) => {
  const explain = db.dialect === 'sqlite' ? 'explain query plan' : 'explain (costs off)'
  const place = db.dialect === 'sqlite' ? '?' : '$1'
  const plan = async (): Promise<string> => {
    const rows = await db.values(`${explain} select name from groups where budget > ${place} order by budget`, ['1'])
    return rows.map((row) => String(row.at(-1))).join(' ')
  }
  await db.execute('create index by_budget on groups (budget)')
  const before = await plan()
  await db.execute('drop index by_budget')
  const after = await plan()
  if (db.dialect === 'sqlite') expect(before).toContain('by_budget')
  expect(after).not.toContain('by_budget')
  await db.execute('drop table groups')
})
