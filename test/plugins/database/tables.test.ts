import { eq } from 'drizzle-orm'
import { expect } from '#test'
import { defineTable } from '../../../plugins/database/index.ts'
import { both } from '../../services.ts'

const things = defineTable('things', (t) => ({
  id: t.id(),
  name: t.string(40).unique(),
  text: t.text().nullable(),
  int: t.int(),
  big: t.bigint(),
  price: t.decimal(10, 2),
  ratio: t.float(),
  ok: t.bool(),
  day: t.date(),
  at: t.datetime(),
  key: t.uuid(),
  mail: t.email(),
  site: t.url(),
  extra: t.json<{ a: number[] }>(),
  status: t.enum('draft', 'live').default('draft'),
  tags: t.list('string'),
  parentId: t.ref('things', { onDelete: 'set null' }).nullable(),
  photo: t.file().nullable(),
  ...t.audit(),
  ...t.version(),
  ...t.softDelete(),
}))

const thing = (): typeof things.$inferInsert => ({
  name: 'a',
  int: -5,
  big: 9_223_372_036_854_775_807n,
  price: '12345678.90',
  ratio: 0.1,
  ok: true,
  day: '2026-01-31',
  at: new Date('2026-01-31T10:00:00.123Z'),
  key: '018f3a2e-0000-7000-8000-000000000000',
  mail: 'a@example.com',
  site: 'https://example.com/',
  extra: { a: [1] },
  tags: ['x', 'y'],
})

both('every field type comes back from drizzle as it went in', [things], async (db) => {
  const table = things.for(db)
  const [made] = await db.drizzle.insert(table).values(thing()).returning()
  const [row] = await db.drizzle.select().from(table).where(eq(table.price, '12345678.90'))
  expect(row).toEqual(made!)
  expect(row).toMatchObject({ ...thing(), status: 'draft', text: null, version: 1, deletedAt: null, createdBy: null })
  expect(row!.createdAt).toBeInstanceOf(Date)
  expect(row!.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
})

both('an update counts the version and moves updatedAt', [things], async (db) => {
  const table = things.for(db)
  const at = new Date(0)
  await db.drizzle.insert(table).values({ ...thing(), updatedAt: at, createdAt: at })
  const [row] = await db.drizzle.update(table).set({ price: '0.05' }).returning()
  expect(row).toMatchObject({ price: '0.05', version: 2, createdAt: at })
  expect(row!.updatedAt.getTime()).toBeGreaterThan(0)
})
