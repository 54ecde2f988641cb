// Checked by the compiler, never run: what index checks and searches take.
import { Type as T } from '@sinclair/typebox'
import { jsonb, pgTable, serial, text } from 'drizzle-orm/pg-core'
import type { Database } from '#core/ports/database'
import { checkIndexes, type IndexReport, json, searchMigration, shape } from '../../plugins/shaping/index.ts'

declare const database: Database
const posts = pgTable('posts', { id: serial().primaryKey(), title: text().notNull(), meta: jsonb() })
const list = shape(posts, {
  filter: { title: { by: ['contains'], index: 'trgm' }, meta: json({ age: T.Number() }) },
  search: { fields: ['title'], index: 'fts' },
})

export const report: Promise<IndexReport> = checkIndexes(
  [list, list.filterOnly.shape, list.exportHook().shape],
  database,
)
export const statements: readonly string[] = searchMigration([list], 'postgresql').up
export const query = (): string => list.toUrl('/posts', { 'meta.age[gt]': 9, q: 'tea' })

export const mistakes = [
  // @ts-expect-error a table is no list
  () => checkIndexes(posts, database),
  // @ts-expect-error no such database
  () => searchMigration(list, 'mysql'),
  // @ts-expect-error a text has no values inside
  () => shape(posts, { filter: { title: json({ age: T.Number() }) } }),
  // @ts-expect-error an age is no text
  () => list.toUrl('/posts', { 'meta.age[gt]': 'nine' }),
  // @ts-expect-error no such index
  () => shape(posts, { search: { fields: ['title'], index: 'btree' } }),
]
