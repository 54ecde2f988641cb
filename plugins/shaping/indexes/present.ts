import type { Database } from '#core/ports/database'
import { isDeletedAt, quotedNameOf } from '#core/table/fields'
import type { Model } from '../declare/model.ts'
import { keyIsRowid } from '../sql/full-text.ts'
import type { Shape } from './wanted.ts'

/** An index that a table has. */
export interface Present extends Shape {
  readonly name: string
  /** Whether it can be compared by its keys: it has all rows that a list reads, in their order. */
  readonly whole: boolean
}

/** The indexes of a model's table. */
export async function indexesOf(database: Database, model: Model): Promise<Present[]> {
  if (database.dialect === 'postgresql') {
    const deletedAt = Object.values(model.all).find(isDeletedAt)?.column ?? null
    const rows = await database.values(ofPostgres, [quotedNameOf(model.table), deletedAt])
    return rows.map(([name, whole, options, keys]) => {
      // Bit 1 says that it runs downwards (pg_index.indoption).
      const turned = String(options).split(' ').map(Number)
      const names = (typeof keys === 'string' ? JSON.parse(keys) : keys) as readonly string[]
      return {
        name: String(name),
        whole: whole === true,
        keys: names.map((key, at) => ({ column: columnIn(key), descending: ((turned[at] ?? 0) & 1) === 1 })),
      }
    })
  }
  const found = new Map<
    string,
    { name: string; whole: boolean; keys: { column: string | undefined; descending: boolean }[] }
  >()
  for (const [name, partial, column, turned] of await database.values(ofSqlite, [model.name])) {
    const index = found.get(String(name)) ?? { name: String(name), whole: partial === 0, keys: [] }
    index.keys.push({ column: column === null ? undefined : String(column), descending: turned === 1 })
    found.set(index.name, index)
  }
  const rowid = keyIsRowid(model)
    ? [{ name: '', whole: true, keys: [{ column: model.primaryKey[0]!.column, descending: false }] }]
    : []
  return [...found.values(), ...rowid]
}

/** `"order"` of PostgreSQL's own spelling; `undefined` for an expression. */
const columnIn = (key: string): string | undefined =>
  /^\w+$/.test(key) ? key : /^"(?:[^"]|"")+"$/.test(key) ? key.slice(1, -1).replaceAll('""', '"') : undefined

const ofSqlite = `select il.name, il.partial, ix.name, ix."desc" from pragma_index_list(?) as il, pragma_index_xinfo(il.name) as ix where ix.key = 1 order by il.name, ix.seqno`

const ofPostgres = `select c.relname, a.amname = 'btree' and (x.indpred is null
    or pg_get_expr(x.indpred, x.indrelid) = '(' || quote_ident($2::text) || ' IS NULL)'), x.indoption::text,
  (select json_agg(pg_get_indexdef(x.indexrelid, k, true) order by k) from generate_series(1, x.indnkeyatts) as k)
  from pg_index as x join pg_class as c on c.oid = x.indexrelid join pg_am as a on a.oid = c.relam
  where x.indrelid = $1::text::regclass and x.indisvalid`
