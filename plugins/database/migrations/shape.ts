import type { Snapshot } from './kit.ts'

interface Column {
  readonly name: string
  readonly notNull: boolean
  readonly primaryKey: boolean
  readonly default?: unknown
}
interface ForeignKey {
  tableFrom: string
  tableTo: string
  columnsFrom: string[]
  columnsTo: string[]
}
interface Index {
  columns: (string | { expression: string })[]
}

/** A table as drizzle-kit writes it down; the same words for both databases, as far as we read them. */
export interface TableShape {
  name: string
  columns: Record<string, Column>
  indexes: Record<string, Index>
  foreignKeys: Record<string, ForeignKey>
  compositePrimaryKeys: Record<string, { columns: string[] }>
  uniqueConstraints: Record<string, { columns: string[] }>
}

/** PostgreSQL's tables carry their schema: `public.products`. */
export function tablesOf(snapshot: Snapshot): Map<string, TableShape> {
  const tables = snapshot['tables'] as Record<string, TableShape>
  return new Map(Object.values(tables).map((table) => [table.name, table]))
}

/** A copy that may be changed. */
export const copyOf = (snapshot: Snapshot): Snapshot => structuredClone(snapshot)

const keyFor = (snapshot: Snapshot, table: string): string =>
  Object.entries(snapshot['tables'] as Record<string, TableShape>).find(([, shape]) => shape.name === table)![0]

export function removeTable(snapshot: Snapshot, table: string): void {
  delete (snapshot['tables'] as Record<string, TableShape>)[keyFor(snapshot, table)]
  for (const other of tablesOf(snapshot).values()) removeWhere(other.foreignKeys, (key) => key.tableTo === table)
}

export function removeColumn(snapshot: Snapshot, table: string, column: string): void {
  const shape = tablesOf(snapshot).get(table)!
  delete shape.columns[column]
  removeWhere(shape.indexes, (index) => index.columns.some((one) => nameOf(one) === column))
  removeWhere(shape.uniqueConstraints, (key) => key.columns.includes(column))
  removeWhere(shape.compositePrimaryKeys, (key) => key.columns.includes(column))
  removeWhere(shape.foreignKeys, (key) => key.columnsFrom.includes(column))
}

export function renameTable(snapshot: Snapshot, from: string, to: string): void {
  const tables = snapshot['tables'] as Record<string, TableShape>
  const key = keyFor(snapshot, from)
  const shape = tables[key]!
  delete tables[key]
  shape.name = to
  tables[key.slice(0, key.length - from.length) + to] = shape
  for (const { foreignKeys } of Object.values(tables))
    for (const one of Object.values(foreignKeys)) {
      if (one.tableFrom === from) one.tableFrom = to
      if (one.tableTo === from) one.tableTo = to
    }
}

export function renameColumn(snapshot: Snapshot, table: string, from: string, to: string): void {
  const renamed = (columns: string[]): string[] => columns.map((one) => (one === from ? to : one))
  const tables = tablesOf(snapshot)
  const shape = tables.get(table)!
  shape.columns = Object.fromEntries(
    Object.entries(shape.columns).map(([name, column]) =>
      name === from ? [to, { ...column, name: to }] : [name, column],
    ),
  )
  for (const index of Object.values(shape.indexes))
    index.columns = index.columns.map((one) => {
      if (nameOf(one) !== from) return one
      return typeof one === 'string' ? to : { ...one, expression: to }
    })
  for (const key of Object.values(shape.uniqueConstraints)) key.columns = renamed(key.columns)
  for (const key of Object.values(shape.compositePrimaryKeys)) key.columns = renamed(key.columns)
  for (const { foreignKeys } of tables.values())
    for (const key of Object.values(foreignKeys)) {
      if (key.tableFrom === table) key.columnsFrom = renamed(key.columnsFrom)
      if (key.tableTo === table) key.columnsTo = renamed(key.columnsTo)
    }
}

const nameOf = (column: string | { expression: string }): string =>
  typeof column === 'string' ? column : column.expression

function removeWhere<T>(all: Record<string, T>, matches: (one: T) => boolean): void {
  for (const [name, one] of Object.entries(all)) if (matches(one)) delete all[name]
}
