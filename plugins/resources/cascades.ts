import type { Database } from '#core/ports/database'

/** What a row's end takes along in other tables. */
interface Cascades {
  /** Tables whose rows are deleted or changed with a row, by its table. */
  readonly ofDelete: ReadonlyMap<string, ReadonlySet<string>>
  readonly ofUpdate: ReadonlyMap<string, ReadonlySet<string>>
  readonly readAt: number
}

/** Milliseconds for which what the database said is good: references change with migrations. */
const good = 60_000
const known = new WeakMap<object, Cascades>()

/** As the database has them: a process that only writes need not know every table. */
const texts = {
  postgresql: `select parent.relname, child.relname, one.confdeltype in ('c', 'n', 'd'), one.confupdtype in ('c', 'n', 'd')
    from pg_constraint one join pg_class child on child.oid = one.conrelid join pg_class parent on parent.oid = one.confrelid
    where one.contype = 'f'`,
  sqlite: `select one."table", child.name, one.on_delete not in ('NO ACTION', 'RESTRICT'), one.on_update not in ('NO ACTION', 'RESTRICT')
    from sqlite_master child join pragma_foreign_key_list(child.name) one where child.type = 'table'`,
} as const

/**
 * Tables whose rows the database itself changes when it deletes or changes rows of a table, over as many references as there are.
 */
export async function cascadesOf(db: Database, table: string, isDelete: boolean): Promise<readonly string[]> {
  const { ofDelete, ofUpdate } = await cascadesIn(db)
  const found = new Set<string>()
  const visit = (of: ReadonlySet<string> = new Set()): void => {
    for (const child of of) {
      if (found.has(child)) continue
      found.add(child)
      visit(ofDelete.get(child))
      visit(ofUpdate.get(child))
    }
  }
  visit(isDelete ? ofDelete.get(table) : ofUpdate.get(table))
  return [...found]
}

async function cascadesIn(db: Database): Promise<Cascades> {
  const at = db.engine ?? db
  const there = known.get(at)
  if (there && performance.now() - there.readAt < good) return there
  const [ofDelete, ofUpdate] = [new Map<string, Set<string>>(), new Map<string, Set<string>>()]
  const readAt = performance.now()
  for (const [parent, child, deletes, updates] of await db.values(texts[db.dialect])) {
    if (deletes) add(ofDelete, String(parent), String(child))
    if (updates) add(ofUpdate, String(parent), String(child))
  }
  const cascades = { ofDelete, ofUpdate, readAt }
  known.set(at, cascades)
  return cascades
}

function add(all: Map<string, Set<string>>, parent: string, child: string): void {
  const children = all.get(parent)
  if (children) children.add(child)
  else all.set(parent, new Set([child]))
}
