import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '#test'
import {
  defineTable,
  generateMigration,
  MigrationError,
  migrate,
  migrationStatus,
  openDatabase,
} from '../../../../plugins/database/index.ts'
import { both, inFolder } from '../../../services.ts'

const authors = defineTable('authors', (t) => ({ id: t.id(), name: t.string() }))
const books = defineTable('books', (t) => ({
  id: t.id(),
  title: t.string(),
  authorId: t.ref('authors', { onDelete: 'cascade' }),
}))

both('migrations run once, in order, and can be asked about', [], (db) =>
  inFolder(async (folder) => {
    await generateMigration({ tables: [authors], folder, name: 'add authors' })
    expect(await migrate(db, { folder })).toEqual(['0000_add_authors'])
    await generateMigration({ tables: [authors, books], folder, name: 'add books' })
    expect(await migrationStatus(db, { folder })).toEqual([
      { tag: '0000_add_authors', applied: true, changed: false },
      { tag: '0001_add_books', applied: false, changed: false },
    ])
    expect(await migrate(db, { folder })).toEqual(['0001_add_books'])
    expect(await migrate(db, { folder })).toEqual([])
    const [author] = await db.drizzle.insert(authors.for(db)).values({ name: 'a' }).returning()
    await db.drizzle.insert(books.for(db)).values({ title: 'b', authorId: author!.id })
  }),
)

both('two processes that migrate at once: one runs, one waits', [], (db, url) =>
  inFolder(async (folder) => {
    if (url === 'sqlite::memory:') return
    await generateMigration({ tables: [authors, books], folder })
    const program = join(import.meta.dirname, 'migrating-process.ts')
    const runs = await Promise.all(
      [1, 2, 3].map(
        () =>
          new Promise<string>((done, fail) => {
            const child = spawn(process.execPath, [program, url, folder])
            let out = ''
            child.stdout.on('data', (chunk) => (out += chunk))
            child.stderr.on('data', (chunk) => (out += chunk))
            child.on('exit', (code) => (code === 0 ? done(out.trim()) : fail(new Error(out))))
          }),
      ),
    )
    expect(runs.toSorted()).toEqual(['["0000_changes"]', '[]', '[]'])
    expect(Number((await db.values('select count(*) from books'))[0]![0])).toBe(0)
  }),
)

both('a migration that fails changes nothing', [], (db) =>
  inFolder(async (folder) => {
    const made = await generateMigration({ tables: [authors, books], folder })
    const { files } = made.find(({ dialect }) => dialect === db.dialect)!
    const path = files.find((file) => file.endsWith('.sql'))!
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n--> statement-breakpoint\ninsert into nowhere values (1);`)
    const error = await migrate(db, { folder }).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(MigrationError)
    expect(String(error)).toMatch(/0000_changes failed, nothing was changed: .*nowhere/)
    expect(await db.values('select 1 from authors').catch(() => 'no table')).toBe('no table')
    expect(await migrationStatus(db, { folder })).toEqual([{ tag: '0000_changes', applied: false, changed: false }])
  }),
)

both('making a table anew keeps the rows that refer to it', [], (db) =>
  inFolder(async (folder) => {
    await generateMigration({ tables: [authors, books], folder })
    await migrate(db, { folder })
    const [author] = await db.drizzle.insert(authors.for(db)).values({ name: 'a' }).returning()
    await db.drizzle.insert(books.for(db)).values({ title: 'b', authorId: author!.id })
    const looser = defineTable('authors', (t) => ({ id: t.id(), name: t.string().nullable(), age: t.int().nullable() }))
    await generateMigration({ tables: [looser, books], folder, name: 'loosen' })
    expect(await migrate(db, { folder })).toEqual(['0001_loosen'])
    expect(Number((await db.values('select count(*) from books'))[0]![0])).toBe(1)
    expect(await db.drizzle.select().from(looser.for(db))).toMatchObject([{ name: 'a', age: null }])
    await db.drizzle.insert(looser.for(db)).values({ name: null })
    // Foreign keys hold again afterwards.
    await db.drizzle.delete(looser.for(db))
    expect(Number((await db.values('select count(*) from books'))[0]![0])).toBe(0)
  }),
)

both('a migration of a branch that was merged late still runs', [], (db) =>
  inFolder(async (folder) => {
    await generateMigration({ tables: [authors], folder })
    await generateMigration({ tables: [authors, books], folder, name: 'books' })
    const path = join(folder, db.dialect, 'meta/_journal.json')
    const journal = JSON.parse(readFileSync(path, 'utf8'))
    const [first, second] = journal.entries
    const write = (entries: unknown[]): void => writeFileSync(path, JSON.stringify({ ...journal, entries }))
    write([{ ...first, when: second.when + 5 }])
    await migrate(db, { folder })
    write([{ ...first, when: second.when + 5 }, second])
    expect(await migrate(db, { folder })).toEqual(['0001_books'])
  }),
)

test('a folder without migrations, and one of another database, are named', () =>
  inFolder(async (folder) => {
    const db = openDatabase({ url: 'sqlite::memory:' })
    expect(String(await migrate(db, { folder }).catch((error) => error))).toContain('there are no migrations in')
    await generateMigration({ tables: [authors], folder, dialects: ['postgresql'] })
    const other = join(folder, 'postgresql')
    expect(String(await migrate(db, { folder: other }).catch((error) => error))).toContain('are for postgresql')
    await db.close()
  }))
