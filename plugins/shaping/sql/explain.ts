import type { Values } from '#core/ports/database'
import type { Position } from '../cursor/cursor.ts'
import { wordsOf } from '../query/reading.ts'
import type { Expansion } from '../query/selection.ts'
import type { Explained } from '../types.ts'
import { compilerOf } from './compilers.ts'
import { boundLeaves } from './criteria.ts'
import { statementOf } from './expand.ts'
import type { Layout } from './layout.ts'
import type { Ready, RowReader } from './row-reader.ts'
import { parametersOf } from './sql-text.ts'

/** The statements of a page and of what is expanded in it, with the database's plan for each. */
export async function explained(
  reader: RowReader,
  layout: Layout,
  keys: Position['k'] | undefined,
): Promise<Explained[]> {
  const statements = [...reader.statements(layout, keys), ...expandStatements(reader, reader.read.asked.expansions)]
  const all: Explained[] = []
  for (const { text, parameters } of statements) {
    const sqlite = reader.compiler.dialect === 'sqlite'
    const rows = await reader.run({ text: `explain ${sqlite ? 'query plan ' : ''}${text}`, parameters })
    all.push({ sql: text, parameters, plan: rows.map((row: Values) => String(row[sqlite ? 3 : 0])) })
  }
  return all
}

function expandStatements(reader: RowReader, expansions: readonly Expansion[]): Ready[] {
  const { frames, compiler } = reader
  return expansions.flatMap((expansion) => {
    const target = compilerOf(compiler.dialect, expansion.relation.target)
    const statement = statementOf(target, expansion, target.layoutOf(expansion, 'c', wordsOf(expansion)), frames)
    const parents = compiler.dialect === 'sqlite' ? '[]' : '{}'
    const parameters = parametersOf(statement, { frames, leaves: boundLeaves(target, expansion.conditions), parents })
    return [{ text: statement.text, parameters }, ...expandStatements(reader, expansion.expansions)]
  })
}
