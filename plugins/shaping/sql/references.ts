import type { Database, Field } from '#core/ports/database'
import { quote } from '#core/table/fields'
import type { ScopeContext } from '../declare/declaration.ts'
import type { Relation } from '../declare/model.ts'
import { modelBehind } from '../declare/models.ts'
import type { AnyShape } from '../types.ts'
import { compilerOf } from './compilers.ts'
import { frameOf, rendered } from './frame.ts'
import { Frames } from './frames.ts'
import { parametersOf, SqlText } from './sql-text.ts'

/** A field that points at rows of another list, of which not everybody sees every one. */
export interface Reference {
  readonly field: Field
  /** Whether the caller sees the row that a value of the field points at. */
  isInReach(value: unknown, context: ScopeContext, database: Database): Promise<boolean>
}

/** The references of a list's own table that writes must keep within reach: those of its relations to one row. */
export function referencesOf(shape: AnyShape): readonly Reference[] {
  const relations = [...(modelBehind(shape)?.relations.values() ?? [])]
  return relations
    .filter(({ many, target }) => !many && (target.scope !== undefined || target.deletedAt !== undefined))
    .map((relation) => ({
      field: relation.local,
      isInReach: (value, context, database) => isInReach(relation, value, context, database),
    }))
}

async function isInReach(
  { foreign, target }: Relation,
  value: unknown,
  context: ScopeContext,
  database: Database,
): Promise<boolean> {
  const compiler = compilerOf(database.dialect, target)
  const frame = rendered(compiler, frameOf(target, target.scope?.(context) ?? [], 'hidden'))
  const sql = new SqlText(database.dialect)
  const found = `${compiler.table}.${quote(foreign.column)} = ${sql.key(0)}`
  const within = sql.frame(frame)
  const text = `select 1 from ${compiler.table} where ${found}${within === '' ? '' : ` and ${within}`}`
  const frames = new Frames(frame, () => frame)
  const parameters = parametersOf(
    { text, binds: sql.binds },
    { frames, leaves: [], keys: [compiler.storage(foreign).bind(value)] },
  )
  return (await database.values(text, parameters)).length > 0
}
