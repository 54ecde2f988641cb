import type { CountMode } from '../row-types.ts'
import type { PageInfo } from '../types.ts'
import type { RowReader } from './row-reader.ts'

/** Rows that `count=capped` looks at. */
const countCap = 10_000

/** Counts the rows of a list: exactly, up to a number, or as PostgreSQL's planner guesses. SQLite has no guess: it counts up to the number. */
export async function countRows(reader: RowReader, mode: CountMode): Promise<NonNullable<PageInfo['count']>> {
  const { compiler, database, read, frames } = reader
  if (mode === 'estimated' && database.dialect === 'postgresql') {
    const { text, parameters } = reader.ready(compiler.count(read, frames, undefined))
    const rows = text.replace('select count(*)', 'select 1')
    const [row] = await reader.run({ text: `explain (format json) ${rows}`, parameters })
    return { value: plannedRows(row![0]), exact: false }
  }
  const most = mode === 'exact' ? undefined : countCap
  const [row] = await reader.run(reader.ready(compiler.count(read, frames, most === undefined ? undefined : most + 1)))
  return countedAs(Number(row![0]), mode)
}

/** How many rows were found, as a count of this mode tells it. */
export function countedAs(found: number, mode: CountMode): { readonly value: number; readonly exact: boolean } {
  return mode === 'exact' || found <= countCap ? { value: found, exact: true } : { value: countCap, exact: false }
}

/** Whether more rows fit than a number: no more than that are looked at. */
export async function hasMoreThan(most: number, reader: RowReader): Promise<boolean> {
  const [row] = await reader.run(reader.ready(reader.compiler.count(reader.read, reader.frames, most + 1)))
  return Number(row![0]) > most
}

function plannedRows(plan: unknown): number {
  const [{ Plan }] = (typeof plan === 'string' ? JSON.parse(plan) : plan) as [{ Plan: { 'Plan Rows': number } }]
  return Plan['Plan Rows']
}
