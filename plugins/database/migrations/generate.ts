import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dialect, TableLike } from '#core/ports/database'
import { openDatabase } from '../open.ts'
import { type Decisions, differenceOf } from './difference.ts'
import { MigrationError } from './errors.ts'
import { type Journal, readJournal } from './journal.ts'
import { type Kit, kitFor, type Snapshot } from './kit.ts'

/** What a migration is made of. */
export interface GenerateOptions extends Decisions {
  /** All tables of the app. */
  readonly tables: readonly TableLike[]
  /** Folder of the migrations; each database has its own inside: `migrations/sqlite`, `migrations/postgresql`. */
  readonly folder: string
  /** What the migration does, in a few words: `add products`. @default 'changes' */
  readonly name?: string
  /** @default ['sqlite', 'postgresql'] */
  readonly dialects?: readonly Dialect[]
  /** Say what would be written, and write nothing. @default false */
  readonly dryRun?: boolean
  /** An empty migration, for statements of your own; what changed in the tables waits for the next one. @default false */
  readonly custom?: boolean
}

export interface GeneratedMigration {
  readonly dialect: Dialect
  /** Name of the migration: `0003_add_products`. */
  readonly tag: string
  /** Paths that were written, or would be. */
  readonly files: readonly string[]
  readonly sql: string
  /** Tables and fields whose data goes when it runs. */
  readonly dropped: readonly string[]
}

/**
 * Writes the migration from the last one to the tables as they are declared, for both databases. From `kwik/database`.
 * It never asks: what may be a rename is an error that says both choices. Nothing is written unless all of it is right,
 * and where nothing changed, nothing is written at all. Needs drizzle-kit.
 *
 * @returns what was written; empty when nothing changed
 * @throws {MigrationError} for a rename that may be a drop, with `ambiguities`; for a new field that rows there have no value for
 * @example
 * await generateMigration({ tables: [products], folder: 'migrations', name: 'add products' })
 */
export async function generateMigration(options: GenerateOptions): Promise<readonly GeneratedMigration[]> {
  const { dialects = ['sqlite', 'postgresql'], dryRun = false } = options
  const drafts: Draft[] = []
  for (const dialect of dialects) {
    const draft = await draftOf(dialect, options)
    if (draft) drafts.push(draft)
  }
  if (!dryRun) for (const draft of drafts) await write(draft)
  return drafts.map(({ dialect, tag, files, sql, dropped }) => ({
    dialect,
    tag,
    files: Object.values(files),
    sql,
    dropped,
  }))
}

interface Draft {
  readonly dialect: Dialect
  readonly folder: string
  readonly tag: string
  readonly sql: string
  readonly dropped: readonly string[]
  readonly snapshot: Snapshot
  readonly journal: Journal
  readonly files: { readonly sql: string; readonly snapshot: string; readonly journal: string }
}

async function draftOf(dialect: Dialect, options: GenerateOptions): Promise<Draft | undefined> {
  const folder = join(options.folder, dialect)
  const kit = await kitFor(dialect)
  const journal = readJournal(folder) ?? { version: '7', dialect, entries: [] }
  const last = journal.entries.at(-1)
  const before = last ? readSnapshot(folder, last.idx) : await kit.snapshot([])
  const custom = options.custom === true
  const after = custom ? { ...before, id: randomUUID(), prevId: before.id } : await kit.snapshot(options.tables, before)
  const { statements, dropped } = custom
    ? { statements: [], dropped: [] }
    : await differenceOf(kit, before, after, options)
  if (statements.length === 0 && !custom) return
  const idx = (last?.idx ?? -1) + 1
  const tag = `${String(idx).padStart(4, '0')}_${slug(options.name ?? 'changes')}`
  const sql = custom ? '' : `${statements.map((one) => one.trim()).join('\n--> statement-breakpoint\n')}\n`
  // Migrations are known by their moment: no two may share one.
  const when = Math.max(Date.now(), (last?.when ?? 0) + 1)
  const draft: Draft = {
    dialect,
    folder,
    tag,
    sql,
    dropped,
    snapshot: after,
    journal: {
      ...journal,
      entries: [...journal.entries, { idx, version: versionOf(after), when, tag, breakpoints: true }],
    },
    files: {
      sql: join(folder, `${tag}.sql`),
      snapshot: snapshotPath(folder, idx),
      journal: join(folder, 'meta', '_journal.json'),
    },
  }
  if (dialect === 'sqlite') await tryOut(kit, before, statements, tag)
  return draft
}

/** SQLite is here: what it would refuse, it refuses now. */
async function tryOut(kit: Kit, before: Snapshot, statements: readonly string[], tag: string): Promise<void> {
  const db = openDatabase({ url: 'sqlite::memory:' })
  try {
    for (const statement of await kit.statements(await kit.snapshot([]), before)) await db.execute(statement)
    for (const statement of statements) await db.execute(statement)
  } catch (error) {
    throw new MigrationError(
      `SQLite refuses ${tag}: ${((error as Error).cause as Error | undefined)?.message ?? (error as Error).message}. Make the change in smaller steps.`,
      [],
      error,
    )
  } finally {
    await db.close()
  }
}

/** The journal last, and at once: until it is there, the migration does not exist. */
async function write({ files, sql, snapshot, journal }: Draft): Promise<void> {
  mkdirSync(join(files.snapshot, '..'), { recursive: true })
  writeFileSync(files.sql, sql)
  writeFileSync(files.snapshot, `${JSON.stringify(snapshot, null, 2)}\n`)
  const temporary = `${files.journal}.new`
  writeFileSync(temporary, `${JSON.stringify(journal, null, 2)}\n`)
  renameSync(temporary, files.journal)
}

function readSnapshot(folder: string, idx: number): Snapshot {
  const path = snapshotPath(folder, idx)
  if (!existsSync(path))
    throw new MigrationError(`${path} is missing: a migration is made from it. Restore it from git.`)
  return JSON.parse(readFileSync(path, 'utf8')) as Snapshot
}

const snapshotPath = (folder: string, idx: number): string =>
  join(folder, 'meta', `${String(idx).padStart(4, '0')}_snapshot.json`)
const versionOf = (snapshot: Snapshot): string => String(snapshot['version'])
const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, 60) || 'changes'
