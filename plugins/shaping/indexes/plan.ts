import type { Database } from '#core/ports/database'
import type { Ready } from '../sql/row-reader.ts'

/** What of a plan tells whether an index serves. */
export interface Plan {
  /** Whether rows are sorted: all of them, or those that tie in the keys that an index has. */
  readonly sorts: 'no' | 'ties' | 'all'
  /** How the list's own table is read. */
  readonly uses: readonly Use[]
}
export interface Use {
  /** `undefined` for SQLite's rowid. */
  readonly index: string | undefined
  /** What of the index is looked for; empty where it is read from its start. */
  readonly condition: string
}

/** How a statement has to be run: rows in their order, one condition over an ordinary index, or over one that lists words. */
export type Mode = 'ordered' | 'alone' | 'words'

const off: Readonly<Record<Mode, readonly string[]>> = {
  ordered: ['enable_seqscan', 'enable_bitmapscan', 'enable_sort'],
  alone: ['enable_seqscan', 'enable_indexscan', 'enable_indexonlyscan'],
  words: ['enable_seqscan', 'enable_indexscan', 'enable_indexonlyscan'],
}

/**
 * Plans statements, and runs none. PostgreSQL is told to take an index where there is one that can be taken: a small table
 * is read whole, whatever indexes it has.
 */
export async function plansOf(
  database: Database,
  table: string,
  mode: Mode,
  statements: readonly Ready[],
): Promise<Plan[]> {
  if (database.dialect === 'sqlite') {
    const plans: Plan[] = []
    for (const { text, parameters } of statements) {
      const rows = await database.values(`explain query plan ${text}`, parameters)
      plans.push(
        sqlitePlan(
          table,
          rows.map((row) => String(row[3])),
        ),
      )
    }
    return plans
  }
  return database.snapshot(async () => {
    for (const setting of off[mode]) await database.execute(`set local ${setting} = off`)
    const plans: Plan[] = []
    for (const { text, parameters } of statements) {
      const [row] = await database.values(`explain (format json, costs off) ${text}`, parameters)
      const tree = typeof row![0] === 'string' ? JSON.parse(row![0]) : row![0]
      plans.push(postgresPlan((tree as [{ Plan: Node }])[0].Plan))
    }
    // The caller's own transaction goes on, where there is one.
    for (const setting of off[mode]) await database.execute(`set local ${setting} to default`)
    return plans
  })
}

function sqlitePlan(table: string, lines: readonly string[]): Plan {
  const uses = lines.flatMap((line): Use[] => {
    const [, kind, name, how = ''] = /^(SEARCH|SCAN) (\S+)(?: (.*))?$/.exec(line) ?? []
    if (name !== table || kind === undefined) return []
    const index = /USING (?:COVERING )?INDEX (\S+)/.exec(how)?.[1]
    return [{ index, condition: kind === 'SEARCH' ? (/ \((.*)\)$/.exec(how)?.[1] ?? '') : '' }]
  })
  const sorts = lines.filter((line) => line.startsWith('USE TEMP B-TREE FOR') && line.endsWith('ORDER BY'))
  const all = sorts.some((line) => line === 'USE TEMP B-TREE FOR ORDER BY')
  return { sorts: all ? 'all' : sorts.length > 0 ? 'ties' : 'no', uses }
}

interface Node {
  readonly 'Node Type': string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly Node[]
}

function postgresPlan(root: Node): Plan {
  const uses: Use[] = []
  let sorts: Plan['sorts'] = 'no'
  const look = (node: Node): void => {
    if (node['Index Name'] !== undefined) uses.push({ index: node['Index Name'], condition: node['Index Cond'] ?? '' })
    if (node['Node Type'] === 'Sort') sorts = 'all'
    else if (node['Node Type'] === 'Incremental Sort' && sorts === 'no') sorts = 'ties'
    for (const child of node.Plans ?? []) look(child)
  }
  look(root)
  return { sorts, uses }
}
