import { wireOf } from '#core/table/codec'
import { all } from '../query/conditions.ts'
import type { Expansion, Selection } from '../query/selection.ts'
import { testOf } from './evaluate.ts'
import { comparatorOf, type Keys, keysOf } from './order.ts'
import type { Row, World } from './world.ts'

/** A row with what it is ordered by. */
export interface Ranked {
  readonly row: Row
  readonly keys: Keys
}

/** The rows that a selection chooses, in its order. */
export function ranked({ conditions, sort }: Selection, rows: readonly Row[], world: World): Ranked[] {
  const fits = testOf(all(conditions), world)
  const read = keysOf(sort, world)
  const compare = comparatorOf(sort)
  return rows
    .filter(fits)
    .map((row) => ({ row, keys: read(row) }))
    .sort((a, b) => compare(a.keys, b.keys))
}

/** A row as it leaves: its fields, and the rows that are expanded in it. */
export function shown(row: Row, { fields, expansions }: Selection, world: World): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const { name } of fields) out[name] = wireOf(row[name] ?? null)
  for (const expansion of expansions) out[expansion.relation.name] = expanded(row, expansion, world)
  return out
}

function expanded(row: Row, expansion: Expansion, world: World): unknown {
  const { relation, limit } = expansion
  const found = ranked(expansion, world.over(relation, row), world)
  const rows = found.slice(0, limit).map((one) => shown(one.row, expansion, world))
  return relation.many ? { data: rows, hasMore: found.length > limit } : (rows[0] ?? null)
}
