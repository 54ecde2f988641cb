import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '#test'
import {
  type Database,
  type DefinedTable,
  defineTable,
  generateMigration,
  MigrationError,
  migrate,
  type TableLike,
} from '../../../../plugins/database/index.ts'
import { both, inFolder } from '../../../services.ts'

const first = defineTable('items', (t) => ({ id: t.id(), title: t.string().unique(), weight: t.int().default(1) }))
const renamedField = defineTable('items', (t) => ({
  id: t.id(),
  name: t.string().unique(),
  weight: t.int().default(1),
}))
const otherField = defineTable('items', (t) => ({
  id: t.id(),
  name: t.string().nullable(),
  weight: t.int().default(1),
}))
const renamedTable = defineTable('things', (t) => ({
  id: t.id(),
  title: t.string().unique(),
  weight: t.int().default(1),
}))
const parts = (table: string): DefinedTable<string, {}> & TableLike =>
  defineTable('parts', (t) => ({ id: t.id(), itemId: t.ref(table) })) as never

const failure = async (tables: readonly TableLike[], folder: string): Promise<MigrationError> => {
  try {
    await generateMigration({ tables, folder })
  } catch (error) {
    if (error instanceof MigrationError) return error
    throw error
  }
  throw new Error('expected a MigrationError')
}

describe('what is written', () => {
  test('SQL, snapshot and journal for both databases, in drizzle’s form', () =>
    inFolder(async (folder) => {
      const made = await generateMigration({ tables: [first], folder, name: 'Add Items!' })
      expect(made.map(({ dialect, tag }) => [dialect, tag])).toEqual([
        ['sqlite', '0000_add_items'],
        ['postgresql', '0000_add_items'],
      ])
      for (const { dialect, files, sql, dropped } of made) {
        expect(files.every((file) => existsSync(file))).toBe(true)
        expect(readFileSync(join(folder, dialect, '0000_add_items.sql'), 'utf8')).toBe(sql)
        expect(JSON.parse(readFileSync(join(folder, dialect, 'meta/_journal.json'), 'utf8'))).toMatchObject({
          dialect,
          entries: [{ idx: 0, tag: '0000_add_items', breakpoints: true }],
        })
        expect(dropped).toEqual([])
      }
    }))

  test('nothing when nothing changed, and nothing in a dry run', () =>
    inFolder(async (folder) => {
      expect(await generateMigration({ tables: [first], folder, dryRun: true })).toHaveLength(2)
      expect(readdirSync(folder)).toEqual([])
      await generateMigration({ tables: [first], folder })
      const before = readdirSync(folder, { recursive: true })
      expect(await generateMigration({ tables: [first], folder })).toEqual([])
      expect(readdirSync(folder, { recursive: true })).toEqual(before)
    }))

  both('an empty one for statements of one’s own, and the next is made from the tables as before', [], (db) =>
    inFolder(async (folder) => {
      await generateMigration({ tables: [first], folder })
      const [own] = await generateMigration({
        tables: [renamedField],
        folder,
        custom: true,
        name: 'own',
        dialects: [db.dialect],
      })
      expect([own!.tag, own!.sql]).toEqual(['0001_own', ''])
      expect(await migrate(db, { folder })).toEqual(['0000_changes', '0001_own'])
      const renames = { 'items.title': 'items.name' }
      const [next] = await generateMigration({ tables: [renamedField], folder, renames, dialects: [db.dialect] })
      expect(next!.sql).toMatch(/rename column/i)
      expect(await migrate(db, { folder })).toEqual(['0002_changes'])
    }),
  )
})

describe('what may be a rename', () => {
  test('a field that is gone while another is new is an error with both choices', () =>
    inFolder(async (folder) => {
      await generateMigration({ tables: [first], folder })
      const error = await failure([renamedField], folder)
      expect(error.ambiguities).toEqual([{ gone: 'items.title', candidates: ['items.name'] }])
      expect(error.message).toContain("renames: { 'items.title': 'items.name' }")
      expect(error.message).toContain("drops: ['items.title']")
      expect(readdirSync(join(folder, 'sqlite'))).toEqual(['0000_changes.sql', 'meta'])
    }))

  test('a table that is gone while another is new is one too', () =>
    inFolder(async (folder) => {
      await generateMigration({ tables: [first], folder })
      expect((await failure([renamedTable], folder)).ambiguities).toEqual([{ gone: 'items', candidates: ['things'] }])
    }))

  test('a rename of what is not there is refused', () =>
    inFolder(async (folder) => {
      await generateMigration({ tables: [first], folder })
      const renames = { 'items.titel': 'items.name' }
      expect(String(await generateMigration({ tables: [renamedField], folder, renames }).catch((e) => e))).toContain(
        'there is no field items.titel',
      )
    }))
})

const row = async (db: Database): Promise<unknown> =>
  (await db.values('select id from items')).length > 0
    ? undefined
    : db.drizzle.insert(first.for(db)).values({ title: 'a' })

both('a renamed field keeps its data', [], (db) =>
  inFolder(async (folder) => {
    await generateMigration({ tables: [first], folder })
    await migrate(db, { folder })
    await row(db)
    await generateMigration({ tables: [renamedField], folder, renames: { 'items.title': 'items.name' } })
    await migrate(db, { folder })
    expect(await db.drizzle.select().from(renamedField.for(db))).toMatchObject([{ name: 'a' }])
    // The unique index followed: a second one is refused.
    expect(
      await db.drizzle
        .insert(renamedField.for(db))
        .values({ name: 'a' })
        .catch(() => 'refused'),
    ).toBe('refused')
    expect(await generateMigration({ tables: [renamedField], folder })).toEqual([])
  }),
)

both('a renamed table keeps its data and what refers to it', [], (db) =>
  inFolder(async (folder) => {
    await generateMigration({ tables: [first, parts('items')], folder })
    await migrate(db, { folder })
    await row(db)
    await generateMigration({ tables: [renamedTable, parts('things')], folder, renames: { items: 'things' } })
    await migrate(db, { folder })
    expect(await db.drizzle.select().from(renamedTable.for(db))).toMatchObject([{ title: 'a' }])
    expect(await generateMigration({ tables: [renamedTable, parts('things')], folder })).toEqual([])
  }),
)

both('a field that is dropped goes with its index, and the new one comes', [], (db) =>
  inFolder(async (folder) => {
    await generateMigration({ tables: [first], folder })
    await migrate(db, { folder })
    await row(db)
    const made = await generateMigration({ tables: [otherField], folder, drops: ['items.title'] })
    expect(made[0]!.dropped).toEqual(['items.title'])
    await migrate(db, { folder })
    expect(await db.drizzle.select().from(otherField.for(db))).toMatchObject([{ name: null, weight: 1 }])
  }),
)

both('a table that is dropped goes, with the reference to it', [], (db) =>
  inFolder(async (folder) => {
    await generateMigration({ tables: [first, parts('items')], folder })
    await migrate(db, { folder })
    const free = defineTable('parts', (t) => ({ id: t.id(), label: t.string().nullable() }))
    await generateMigration({ tables: [renamedTable, free], folder, drops: true })
    await migrate(db, { folder })
    await db.drizzle.insert(free.for(db)).values({ label: 'x' })
    expect(await db.values('select 1 from items').catch(() => 'gone')).toBe('gone')
  }),
)

test('a new field that rows have no value for is refused with what to do', () =>
  inFolder(async (folder) => {
    await generateMigration({ tables: [first], folder })
    const wider = defineTable('items', (t) => ({
      id: t.id(),
      title: t.string().unique(),
      weight: t.int().default(1),
      colour: t.string(),
    }))
    expect((await failure([wider], folder)).message).toContain(
      'items.colour is new and the rows that are there have no value',
    )
  }))
