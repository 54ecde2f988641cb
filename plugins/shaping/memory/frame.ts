import type { RowScope } from '../declare/declaration.ts'
import type { Model } from '../declare/model.ts'
import { all } from '../query/conditions.ts'
import { frameOf } from '../sql/frame.ts'
import type { More } from '../types.ts'
import { type Test, testOf } from './evaluate.ts'
import type { MemoryScope } from './types.ts'
import { type Row, World } from './world.ts'

/** The rows that there are, whatever is asked: what scope and handler allow. */
export function within(
  model: Model,
  rows: readonly Row[],
  scopes: readonly MemoryScope<Row>[],
  deleted: More['deleted'] = 'hidden',
): readonly Row[] {
  const tests: Test[] = scopes.filter((one) => typeof one === 'function')
  const said = scopes.filter((one): one is Exclude<typeof one, Test> => typeof one !== 'function')
  const { sql, leaves, nothing } = frameOf(model, said as readonly RowScope[], deleted)
  if (sql !== undefined)
    throw new TypeError(`scope of shape(${model.name}): rows in memory know no SQL: say fields, or a function of a row`)
  if (nothing) return []
  if (leaves.length > 0) tests.push(testOf(all(leaves), nowhere))
  return tests.length === 0 ? rows : rows.filter((row) => tests.every((fits) => fits(row)))
}

/** A scope leads over no relation. */
const nowhere: World = new World(() => [])
