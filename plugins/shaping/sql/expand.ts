import { getTableColumns } from 'drizzle-orm'
import type { Values } from '#core/ports/database'
import { isDefinition, quote } from '#core/table/fields'
import type { Model } from '../declare/model.ts'
import { targetsOf, wordsOf } from '../query/reading.ts'
import type { Expansion } from '../query/selection.ts'
import type { Compiler } from './compiler.ts'
import { whereOf } from './compiler.ts'
import { compilerOf } from './compilers.ts'
import { boundLeaves, criterion, type Writing } from './criteria.ts'
import type { Frames } from './frames.ts'
import { orderBy } from './keyset.ts'
import type { Layout } from './layout.ts'
import { listOf } from './predicate.ts'
import { parametersOf, SqlText, type Statement } from './sql-text.ts'

type Row = Record<string, unknown>

/** What expansions are read with. */
export interface Expanding {
  readonly frames: Frames
  run(statement: { readonly text: string; readonly parameters: readonly unknown[] }): Promise<Values[]>
}

/** Rows that were read, with what each of them leaves as. */
export interface Parents {
  readonly compiler: Compiler
  readonly layout: Layout
  readonly values: readonly Values[]
  readonly rows: readonly Row[]
}

/** Puts the rows of each relation into the rows that they belong to: one query a relation, however many rows there are. */
export async function expand(expansions: readonly Expansion[], parents: Parents, expanding: Expanding): Promise<void> {
  for (const [at, expansion] of expansions.entries())
    await expandOne(expansion, parents, parents.layout.linkAt[at]!, expanding)
}

async function expandOne(
  expansion: Expansion,
  { compiler, values, rows }: Parents,
  linkAt: number,
  expanding: Expanding,
): Promise<void> {
  const { relation, limit, conditions } = expansion
  const links = values.map((row) => row[linkAt])
  const wanted = new Map(links.filter((link) => link !== null).map((link) => [String(link), link]))
  const own = compiler.storage(relation.local)
  const target = compilerOf(compiler.dialect, relation.target)
  const layout = target.layoutOf(expansion, 'c', wordsOf(expansion))
  const found =
    wanted.size === 0
      ? []
      : await expanding.run({
          ...bound(statementOf(target, expansion, layout, expanding.frames), {
            frames: expanding.frames,
            leaves: boundLeaves(target, conditions),
            parents: listOf(
              compiler.dialect,
              [...wanted.values()].map((link) => own.bindKey(String(link))),
            ),
          }),
        })
  const groups = new Map<string, Values[]>()
  for (const [link, ...child] of found) {
    const group = groups.get(String(link))
    if (group) group.push(child)
    else groups.set(String(link), [child])
  }
  const shown: Values[] = []
  const shownRows: Row[] = []
  const show = (child: Values): Row => {
    const row = layout.rowOf(child)
    shown.push(child)
    shownRows.push(row)
    return row
  }
  // A row that several rows point at is one object in all of them.
  const made = new Map<string, unknown>()
  for (const [at, link] of links.entries()) {
    const key = String(link)
    if (!made.has(key)) {
      const group = link === null ? [] : (groups.get(key) ?? [])
      made.set(
        key,
        relation.many
          ? { data: group.slice(0, limit).map(show), hasMore: group.length > limit }
          : group[0]
            ? show(group[0])
            : null,
      )
    }
    rows[at]![relation.name] = made.get(key)
  }
  if (expansion.expansions.length > 0)
    await expand(expansion.expansions, { compiler: target, layout, values: shown, rows: shownRows }, expanding)
}

const bound = (statement: Statement, to: Parameters<typeof parametersOf>[1]) => ({
  text: statement.text,
  parameters: parametersOf(statement, to),
})

/** The link of each row, then its columns. */
export function statementOf(target: Compiler, expansion: Expansion, layout: Layout, frames: Frames): Statement {
  const { relation } = expansion
  const bounds = frames.textOf([relation.target, ...targetsOf(expansion)])
  const key = `${relation.many ? 'many' : 'one'} ${relation.foreign.name} ${wordsOf(expansion)} ${bounds}`
  return target.keep(key, () => {
    const sql = new SqlText(target.dialect)
    const writing: Writing = { sql, frames, names: 0 }
    const text = !relation.many
      ? ofOne(writing, target, expansion, layout)
      : target.dialect === 'postgresql'
        ? ofManyByLateral(writing, target, expansion, layout)
        : ofManyByKeys(writing, target, expansion, layout)
    return { text, binds: sql.binds }
  })
}

const linkOf = (target: Compiler, { relation }: Expansion, name: string): string =>
  target.storage(relation.foreign).read(`${name}.${quote(relation.foreign.column)}`)

/** What rows of an expansion must fit, beside the row they belong to. */
const criteria = (writing: Writing, target: Compiler, { conditions }: Expansion, name: string): string[] =>
  conditions.map((one) => criterion(writing, target, name, one))

function ofOne(writing: Writing, target: Compiler, expansion: Expansion, layout: Layout): string {
  const source = target.source(writing, 'c')
  const foreign = `c.${quote(expansion.relation.foreign.column)}`
  const among =
    target.dialect === 'postgresql'
      ? `${foreign} = any(${writing.sql.parents()})`
      : `${foreign} in (select value from json_each(${writing.sql.parents()}))`
  const where = whereOf([among, ...criteria(writing, target, expansion, 'c')])
  return `select ${[linkOf(target, expansion, 'c'), ...layout.columns].join(', ')} from ${source}${where}`
}

/** PostgreSQL reads an index range for each row; numbering all rows of each would read all of them. */
function ofManyByLateral(writing: Writing, target: Compiler, expansion: Expansion, layout: Layout): string {
  const { relation, sort, limit } = expansion
  const parents = `unnest(${writing.sql.parents()}::${arrayType(relation.target, relation.foreign.name)}[]) as p(k)`
  const source = target.source(writing, 'c')
  const joins = target.joins(writing, sort, 'c')
  const where = whereOf([`c.${quote(relation.foreign.column)} = p.k`, ...criteria(writing, target, expansion, 'c')])
  const columns = layout.columns.map((column, at) => `${column} as c${at}`).join(', ')
  const inner = `select ${columns} from ${source}${joins}${where} order by ${orderBy(target.terms(sort, 'c'))} limit ${limit + 1}`
  return `select p.k, x.* from ${parents} cross join lateral (${inner}) as x`
}

/** SQLite has no LATERAL: the keys of each row's first rows are looked up, and the rows by their keys. */
function ofManyByKeys(writing: Writing, target: Compiler, expansion: Expansion, layout: Layout): string {
  const { relation, sort, limit } = expansion
  const { primaryKey } = relation.target
  const keys = (name: string): string => primaryKey.map((field) => `${name}.${quote(field.column)}`).join(', ')
  const tuple = primaryKey.length === 1 ? keys('c') : `(${keys('c')})`
  const parents = `json_each(${writing.sql.parents()}) as p`
  const source = target.source(writing, 'd')
  const joins = target.joins(writing, sort, 'd')
  const where = whereOf([`d.${quote(relation.foreign.column)} = p.value`, ...criteria(writing, target, expansion, 'd')])
  const inner = `select ${keys('d')} from ${source}${joins}${where} order by ${orderBy(target.terms(sort, 'd'))} limit ${limit + 1}`
  const outer = `${target.table} as c on ${tuple} in (${inner})${target.joins(writing, sort, 'c')}`
  return `select ${[linkOf(target, expansion, 'c'), ...layout.columns].join(', ')} from ${parents} join ${outer} order by ${orderBy(target.terms(sort, 'c'))}`
}

const serials: Readonly<Record<string, string>> = { serial: 'integer', bigserial: 'bigint', smallserial: 'smallint' }

/** PostgreSQL must be told the type of what it unnests. */
function arrayType({ table }: Model, field: string): string {
  const columns = getTableColumns(isDefinition(table) ? table.for({ dialect: 'postgresql' }) : table)
  const type = columns[field]!.getSQLType()
  return serials[type] ?? (/^(var)?char/.test(type) ? 'text' : type)
}
