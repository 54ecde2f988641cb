import type { Database, Field, TableLike } from '#core/ports/database'
import { isDefinition, nameOf } from '#core/table/fields'
import { endTags, hasCopies } from '#core/tags'
import { cascadesOf } from './cascades.ts'
import type { Model } from './model.ts'

/** What depends on any row of a table. Resources of one table share it. */
export const tableTag = (table: TableLike): string => nameOf(table)
/** What depends on a row of the table, whichever. */
const anyRowTag = (table: string): string => `${table}:*`

/** Tags of the answer that shows one row. @param id as it stands in the path, or in a row */
export function tagsOfRow(model: Model, id: unknown): readonly string[] {
  const table = tableTag(model.table)
  const tags = [`${table}:${textOf(model.key, id)}`, anyRowTag(table)]
  return isExact(model) ? tags : [...tags, table]
}

/** What a write has done to rows. `delete`: the database removes them, and maybe others with them. `any`: nobody knows. */
export type Touch = 'insert' | 'update' | 'delete' | 'any'

/**
 * Ends copies of what depends on rows that were written: with their transaction, after its commit.
 * @param ids `undefined` where any row of the table may be another now
 */
export async function endRows(
  db: Database,
  { table, key }: Pick<Model, 'table' | 'key'>,
  touch: Touch,
  ids: readonly unknown[] | undefined,
): Promise<void> {
  if (!hasCopies(db)) return
  const own = tableTag(table)
  const rows = ids?.map((id) => `${own}:${textOf(key, id)}`) ?? [anyRowTag(own)]
  const others = touch === 'insert' ? [] : await cascadesOf(db, own, touch !== 'update')
  await endTags(db, [own, ...rows, ...others.flatMap((one) => [one, anyRowTag(one)])])
}

/** One text for one key, however a client writes it. */
function textOf({ type, keyType }: Field, id: unknown): string {
  const text = String(id)
  const kind = type === 'ref' ? (keyType ?? 'uuid') : type
  if (kind === 'uuid') return text.toLowerCase()
  return (kind === 'int' || kind === 'bigint') && /^-?\d+$/.test(text) ? BigInt(text).toString() : text
}

/** Whether two texts of one key are never one row: a plain table's collation may make `A` and `a` the same. */
const isExact = ({ table, key }: Model): boolean =>
  isDefinition(table) || key.type === 'uuid' || key.type === 'int' || key.type === 'bigint'
