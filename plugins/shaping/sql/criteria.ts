import { quote } from '#core/table/fields'
import type { Condition, Leaf, Related, Searched } from '../query/conditions.ts'
import { written } from '../query/conditions.ts'
import type { Compiler } from './compiler.ts'
import { compilerOf } from './compilers.ts'
import type { Frames } from './frames.ts'
import { found, wanted } from './full-text.ts'
import { boundTo, comparison, isForeign, matches, patternOf, variantOf } from './predicate.ts'
import type { SqlText } from './sql-text.ts'

/** Where the conditions of a statement are written: its text, the frames of the tables it leads to, names for those. */
export interface Writing {
  readonly sql: SqlText
  readonly frames: Frames
  /** Names that were given. */
  names: number
}

/** What of conditions a statement's text depends on: their form, not their values. */
export const formOf = (conditions: readonly Condition[]): string =>
  conditions
    .map((one) =>
      written(one, (leaf) =>
        leaf.kind === 'leaf' ? variantOf(leaf) : `q${leaf.words.map((word) => (isForeign(word) ? '~' : '.')).join('')}`,
      ),
    )
    .join('&')

/** A condition on the rows that are called `name`. */
export function criterion(writing: Writing, compiler: Compiler, name: string, condition: Condition): string {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return `(${condition.of.map((one) => criterion(writing, compiler, name, one)).join(` ${condition.kind} `)})`
    // What is unknown to SQL is not true, and its contrary is.
    case 'not':
      return `(${criterion(writing, compiler, name, condition.of)}) is not true`
    case 'related':
      return related(writing, compiler, name, condition)
    case 'leaf':
      writing.sql.leaf()
      return comparison(compiler.dialect, compiler.place(name, condition.parameter), condition, writing.sql.place)
    case 'search':
      writing.sql.leaf()
      return searched(writing.sql, compiler, name, condition)
  }
}

/** Rows of another table are looked for where they are, so that no row here is there twice. */
function related(writing: Writing, compiler: Compiler, name: string, { hop, of }: Related): string {
  const { relation, quantifier } = hop
  const target = compilerOf(compiler.dialect, relation.target)
  const other = `r${++writing.names}`
  const from = target.source(writing, other)
  const joined = `${other}.${quote(relation.foreign.column)} = ${name}.${quote(relation.local.column)}`
  const inner = criterion(writing, target, other, of)
  const wanted = quantifier === 'every' ? `(${inner}) is not true` : inner
  const exists = `exists (select 1 from ${from} where ${joined} and ${wanted})`
  return quantifier === 'none' || quantifier === 'every' ? `not ${exists}` : exists
}

function searched(sql: SqlText, compiler: Compiler, name: string, { search, words }: Searched): string {
  const columns = search.fields.map((field) => `${name}.${quote(field.column)}`)
  if (search.index !== 'fts')
    return `(${words.map((word) => `(${columns.map((column) => matches(compiler.dialect, column, word, sql.place)).join(' or ')})`).join(' and ')})`
  return found(compiler.dialect, compiler.model, name, sql.place)
}

/** The parameters of each leaf, in the order of `partsOf`. */
export function boundLeaves(compiler: Compiler, conditions: readonly Condition[], into: unknown[][] = []): unknown[][] {
  for (const condition of conditions) {
    if (condition.kind === 'leaf') into.push(ofLeaf(compiler, condition))
    else if (condition.kind === 'search') into.push(ofSearch(compiler, condition))
    else if (condition.kind === 'related')
      boundLeaves(compilerOf(compiler.dialect, condition.hop.relation.target), [condition.of], into)
    else boundLeaves(compiler, condition.kind === 'not' ? [condition.of] : condition.of, into)
  }
  return into
}

const ofLeaf = (compiler: Compiler, leaf: Leaf): unknown[] =>
  boundTo(compiler.dialect, compiler.storage(leaf.parameter.field), leaf)

function ofSearch({ dialect }: Compiler, { search, words }: Searched): unknown[] {
  if (search.index !== 'fts')
    return words.flatMap((word) => search.fields.map(() => patternOf(dialect, 'contains', word)))
  return [wanted(dialect, search.fields, words)]
}
