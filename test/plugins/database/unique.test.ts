import { eq } from 'drizzle-orm'
import { describe, expect, test } from '#test'
import { defineTable, generateMigration, migrate } from '../../../plugins/database/index.ts'
import { both, inFolder, withDatabase, withPostgres } from '../../services.ts'

const notes = defineTable(
  'notes',
  (t) => ({ id: t.id(), slug: t.string(40).unique(), shop: t.int(), place: t.int(), ...t.softDelete() }),
  (t) => [t.unique('shop', 'place')],
)
const without = defineTable(
  'notes',
  (t) => ({ id: t.id(), slug: t.string(40).unique(), shop: t.int(), place: t.int() }),
  (t) => [t.unique('shop', 'place')],
)
const people = defineTable('people', (t) => ({
  id: t.id(),
  email: t.email().unique(),
  nick: t.string(40).lowercase().unique().nullable(),
}))
const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error) => error.failure ?? error.cause?.failure,
  )

describe('a unique field of a table that keeps what was deleted', () => {
  both('is unique among the rows that were not deleted', [notes], async (db) => {
    const table = notes.for(db)
    const row = { slug: 'a', shop: 1, place: 1 }
    const insert = () => code(db.drizzle.insert(table).values(row).returning().execute())
    expect(await insert()).toBe('done')
    expect(await insert()).toBe('unique')
    await db.drizzle.update(table).set({ deletedAt: new Date() })
    expect(await insert()).toBe('done')
    expect(await insert()).toBe('unique')
    expect(await code(db.drizzle.update(table).set({ deletedAt: null }).execute())).toBe('unique')
  })

  const kinds = ['SQLite file', ...(withPostgres.available ? (['PostgreSQL'] as const) : [])] as const
  for (const kind of kinds)
    test(`is migrated to from a table that did not, and back (${kind})`, () =>
      inFolder((folder) =>
        withDatabase(kind, [], async (db) => {
          const step = async (table: typeof notes | typeof without, name: string): Promise<void> => {
            await generateMigration({ tables: [table], folder, name, drops: true })
            await migrate(db, { folder })
          }
          await step(without, 'first')
          const insert = (slug: string, place: number) =>
            code(db.drizzle.insert(without.for(db)).values({ slug, shop: 1, place }).execute())
          expect(await insert('a', 1)).toBe('done')
          await step(notes, 'soft')
          expect(await insert('a', 2)).toBe('unique')
          await db.drizzle.update(notes.for(db)).set({ deletedAt: new Date() })
          expect(await insert('a', 1)).toBe('done')
          await db.drizzle.delete(notes.for(db)).where(eq(notes.for(db).slug, 'a'))
          await step(without, 'hard')
          expect(await insert('a', 1)).toBe('done')
          expect(await insert('a', 2)).toBe('unique')
          expect(await generateMigration({ tables: [without], folder, dryRun: true })).toEqual([])
        }),
      ))

  test('is nothing that a reference can point at', () => {
    const wrong = defineTable('lines', (t) => ({
      id: t.id(),
      note: t.ref(() => notes, { key: 'string', field: 'slug' }),
    }))
    expect(() => wrong.fields).toThrow('lines.note points at notes.slug, which rows that were deleted may have too')
  })
})

describe('a text in lower case', () => {
  both('is one value in every spelling, also through drizzle', [people], async (db) => {
    const table = people.for(db)
    await db.drizzle.insert(table).values({ email: 'JOSÉ@Example.com', nick: 'İda' })
    expect(await db.values('select email, nick from people')).toEqual([['josé@example.com', 'i̇da']])
    for (const email of ['josé@example.com', 'jose\u0301@EXAMPLE.com', 'JOSE\u0301@example.com'])
      expect(await code(db.drizzle.insert(table).values({ email }).execute())).toBe('unique')
    const found = await db.drizzle.select().from(table).where(eq(table.email, 'Jose\u0301@example.com'))
    expect(found.map((row) => row.email)).toEqual(['josé@example.com'])
  })

  test('is of a type that has letters', () => {
    expect(() => defineTable('x', (t) => ({ id: t.id(), n: t.int().lowercase() }))).toThrow('x.n is of type int')
  })
})
