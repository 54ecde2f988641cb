import { columnOf, fieldOf } from '#core/table/columns'
import { type Ambiguity, ambiguous, MigrationError } from './errors.ts'
import type { Kit, Snapshot } from './kit.ts'
import { copyOf, removeColumn, removeTable, renameColumn, renameTable, tablesOf } from './shape.ts'

/** What a developer says about things that are gone. Names read `products.title` for a field, `products` for a table. */
export interface Decisions {
  /** Old name to new name: the data stays. */
  readonly renames?: Readonly<Record<string, string>>
  /** Names whose data may go; `true` is all of them. */
  readonly drops?: readonly string[] | true
}

export interface Difference {
  readonly statements: readonly string[]
  /** Tables and fields whose data goes. */
  readonly dropped: readonly string[]
}

/**
 * The statements that lead from one shape to another. drizzle-kit asks on the terminal where something is gone and
 * something is new: it is never led there. Renames are made first, then what is dropped, then what is new.
 */
export async function differenceOf(kit: Kit, from: Snapshot, to: Snapshot, decisions: Decisions): Promise<Difference> {
  const renamed = copyOf(from)
  const renames = Object.entries(decisions.renames ?? {}).map(([old, name]) => rename(renamed, to, old, name))
  const { gone, isNew, unclear } = changes(renamed, to)
  const mayGo = (name: string): boolean => decisions.drops === true || (decisions.drops?.includes(name) ?? false)
  const open = unclear.filter((one) => !mayGo(one.gone))
  if (open.length > 0) throw ambiguous(open)
  refuseEmptyColumns(renamed, to)

  if (gone.length === 0 || isNew.length === 0)
    return { statements: [...renames, ...(await grow(kit, renamed, to))], dropped: gone }
  const without = copyOf(renamed)
  for (const name of gone) {
    const [table = '', field] = name.split('.')
    if (field === undefined) removeTable(without, table)
    else removeColumn(without, table, columnOf(field))
  }
  const drops = await kit.statements(renamed, without)
  return { statements: [...renames, ...drops, ...(await grow(kit, without, to))], dropped: gone }
}

/**
 * Where SQLite makes a table anew, drizzle-kit copies the new fields out of the old table too, which has none of them;
 * and SQLite takes their names for texts. So new fields come first, and the table is made anew after that.
 */
async function grow(kit: Kit, from: Snapshot, to: Snapshot): Promise<string[]> {
  const statements = await kit.statements(from, to)
  const between = copyOf(from)
  let found = false
  for (const [table, shape] of tablesOf(between)) {
    if (!statements.some((text) => text.startsWith(`CREATE TABLE \`__new_${table}\``))) continue
    for (const [name, column] of Object.entries(tablesOf(to).get(table)?.columns ?? {}))
      if (!(name in shape.columns)) {
        shape.columns[name] = column
        found = true
      }
  }
  return found ? [...(await kit.statements(from, between)), ...(await kit.statements(between, to))] : statements
}

interface Changes {
  readonly gone: readonly string[]
  readonly isNew: readonly string[]
  readonly unclear: readonly Ambiguity[]
}

function changes(from: Snapshot, to: Snapshot): Changes {
  const before = tablesOf(from)
  const after = tablesOf(to)
  const goneTables = [...before.keys()].filter((table) => !after.has(table))
  const newTables = [...after.keys()].filter((table) => !before.has(table))
  const gone = [...goneTables]
  const isNew = [...newTables]
  const unclear = newTables.length > 0 ? goneTables.map((table) => ({ gone: table, candidates: newTables })) : []
  for (const [table, { columns }] of after) {
    const old = before.get(table)?.columns
    if (!old) continue
    const field = (column: string): string => `${table}.${fieldOf(column)}`
    const lost = Object.keys(old).filter((column) => !(column in columns))
    const found = Object.keys(columns).filter((column) => !(column in old))
    gone.push(...lost.map(field))
    isNew.push(...found.map(field))
    if (found.length > 0) unclear.push(...lost.map((one) => ({ gone: field(one), candidates: found.map(field) })))
  }
  return { gone, isNew, unclear }
}

/** Changes the old shape as the statement changes the database. */
function rename(from: Snapshot, to: Snapshot, old: string, name: string): string {
  const [table = '', field] = old.split('.')
  const [newTable = '', newField] = name.split('.')
  const before = tablesOf(from)
  const wrong = (why: string): MigrationError => new MigrationError(`cannot rename ${old} to ${name}: ${why}`)
  if ((field === undefined) !== (newField === undefined)) throw wrong('write two tables, or two fields')
  if (field === undefined || newField === undefined) {
    if (!before.has(table)) throw wrong(`there is no table ${table}`)
    if (!tablesOf(to).has(newTable)) throw wrong(`no table ${newTable} is declared`)
    if (before.has(newTable)) throw wrong(`there is a table ${newTable} already`)
    renameTable(from, table, newTable)
    return `ALTER TABLE "${table}" RENAME TO "${newTable}";`
  }
  const column = columnOf(field)
  const newColumn = columnOf(newField)
  if (table !== newTable) throw wrong('a field stays in its table')
  if (!before.get(table)?.columns[column]) throw wrong(`there is no field ${old}`)
  if (before.get(table)?.columns[newColumn]) throw wrong(`there is a field ${name} already`)
  if (!tablesOf(to).get(table)?.columns[newColumn]) throw wrong(`no field ${name} is declared`)
  renameColumn(from, table, column, newColumn)
  return `ALTER TABLE "${table}" RENAME COLUMN "${column}" TO "${newColumn}";`
}

/** Rows that are there already need a value: SQLite refuses such a column always, PostgreSQL when there are rows. */
function refuseEmptyColumns(from: Snapshot, to: Snapshot): void {
  const before = tablesOf(from)
  for (const [table, { columns }] of tablesOf(to)) {
    const old = before.get(table)?.columns
    if (!old) continue
    for (const [name, column] of Object.entries(columns))
      if (!(name in old) && column.notNull && column.default === undefined)
        throw new MigrationError(
          `${table}.${fieldOf(name)} is new and the rows that are there have no value for it: give it a default(...) or make it nullable()`,
        )
  }
}
