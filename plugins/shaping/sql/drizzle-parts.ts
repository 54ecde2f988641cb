import { type SQL, sql } from 'drizzle-orm'
import { quote } from '#core/table/fields'
import { mayBeNull, type SortTerm } from '../declare/model.ts'
import type { Condition } from '../query/conditions.ts'
import type { Compiler } from './compiler.ts'
import { compilerOf } from './compilers.ts'
import { boundLeaves, criterion, type Writing } from './criteria.ts'
import type { Frames } from './frames.ts'
import { orderBy } from './keyset.ts'
import { mark, parametersOf, SqlText } from './sql-text.ts'

/** Filters and scope as drizzle's condition; `undefined` when every row fits. */
export function conditionFor(compiler: Compiler, conditions: readonly Condition[], frames: Frames): SQL | undefined {
  const writing = begin(compiler, frames)
  const frame = writing.sql.frame(frames.of(undefined))
  const parts = [frame, ...conditions.map((one) => criterion(writing, compiler, compiler.table, one))]
  const text = parts.filter((part) => part !== '').join(' and ')
  return text === '' ? undefined : asSql(compiler, text, writing, frames, conditions)
}

/** An order for drizzle's `orderBy`. What lies over a relation is looked up, so that the query needs no join. */
export function orderFor(compiler: Compiler, sort: readonly SortTerm[], frames: Frames): SQL[] {
  return sort.map((term) => {
    const writing = begin(compiler, frames)
    const column =
      term.via.length === 0 ? `${compiler.table}.${quote(term.field.column)}` : lookedUp(writing, compiler, term)
    const { descending, nullsLast } = term
    return asSql(compiler, orderBy([{ column, descending, nullsLast, nullable: mayBeNull(term) }]), writing, frames, [])
  })
}

const begin = ({ dialect }: Compiler, frames: Frames): Writing => ({
  sql: new SqlText(dialect, mark),
  frames,
  names: 0,
})

function lookedUp(writing: Writing, compiler: Compiler, { via, field }: SortTerm): string {
  let from = ''
  let where = ''
  for (const [at, relation] of via.entries()) {
    const source = compilerOf(compiler.dialect, relation.target).source(writing, `o${at}`)
    const before = at === 0 ? compiler.table : `o${at - 1}`
    const joined = `o${at}.${quote(relation.foreign.column)} = ${before}.${quote(relation.local.column)}`
    if (at === 0) [from, where] = [source, joined]
    else from += ` join ${source} on ${joined}`
  }
  return `(select o${via.length - 1}.${quote(field.column)} from ${from} where ${where})`
}

function asSql(
  compiler: Compiler,
  text: string,
  { sql: { binds } }: Writing,
  frames: Frames,
  conditions: readonly Condition[],
): SQL {
  const parameters = parametersOf({ text, binds }, { frames, leaves: boundLeaves(compiler, conditions) })
  const pieces = text.split(mark)
  return sql.join(
    pieces.flatMap((piece, at) =>
      at < parameters.length ? [sql.raw(piece), sql`${parameters[at]}`] : [sql.raw(piece)],
    ),
  )
}
