import type { Database } from '#core/ports/database'
import { defineTable } from '#core/table/define'
import type { IndexReport } from '../../../plugins/shaping/index.ts'

/** A table without any index. */
export const bare = defineTable('bare', (t) => ({
  id: t.id(),
  kind: t.enum('a', 'b'),
  title: t.string(80),
  rank: t.int().nullable(),
  price: t.decimal(10, 2),
  made: t.datetime(),
  owner: t.string(40),
  meta: t.json().nullable(),
  tags: t.list('string'),
  ...t.softDelete(),
}))

export const missing = ({ findings }: IndexReport): string[] =>
  findings.filter(({ kind }) => kind === 'missing').map(({ words, why }) => `${words.join(' ')}: ${why}`)
export const scans = ({ findings }: IndexReport): string[] =>
  findings.filter(({ kind }) => kind === 'scan').map(({ words, why }) => `${words.join(' ')}: ${why}`)
export async function make(db: Database, { indexes }: IndexReport): Promise<void> {
  for (const statement of new Set(indexes.flatMap(({ statements }) => statements))) await db.execute(statement)
}
export const only = (db: Database, sqlite: unknown, postgresql: unknown): unknown =>
  db.dialect === 'sqlite' ? sqlite : postgresql
