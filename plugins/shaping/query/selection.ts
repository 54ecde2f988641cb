import { nearest } from '#core/internal/spelling'
import type { Field } from '#core/ports/database'
import type { Model, Relation, SortTerm } from '../declare/model.ts'
import type { Condition } from './conditions.ts'
import { type Asking, relationIn } from './paths.ts'
import type { Pair } from './query-string.ts'

/** What is asked of one table. */
export interface Selection {
  /** All of them hold. */
  readonly conditions: readonly Condition[]
  readonly sort: readonly SortTerm[]
  readonly fields: readonly Field[]
  readonly limit: number
  readonly expansions: readonly Expansion[]
}
/** Rows of a relation that are shown in each row. */
export interface Expansion extends Selection {
  readonly relation: Relation
  /** The parameter that first asked for it. */
  readonly by: string
}

/** A relation that is to be expanded, with what is asked of its rows. */
export interface Branch {
  readonly branches: Map<string, Branch>
  /** The parameter that first asked for it. */
  readonly by: string
  fields: string[] | undefined
  readonly pairs: Pair[]
}
export type Branches = Map<string, Branch>

/** Finds a branch, and makes it where it is not there yet. */
export function branchAt(branches: Branches, path: readonly string[], by: string): Branch {
  const [name, ...rest] = path
  let branch = branches.get(name!)
  if (!branch) {
    branch = { branches: new Map(), by, fields: undefined, pairs: [] }
    branches.set(name!, branch)
  }
  return rest.length === 0 ? branch : branchAt(branch.branches, rest, by)
}

/** Hands `expand.comments.limit=5` to the innermost branch that its name begins with. */
export function handOver(asking: Asking, branches: Branches, pair: Pair): void {
  let at: Branch | undefined
  let rest = pair.name.slice('expand.'.length)
  for (;;) {
    const dot = rest.indexOf('.')
    const next: Branch | undefined =
      dot === -1 ? undefined : ((at as Branch | undefined)?.branches ?? branches).get(rest.slice(0, dot))
    if (!next) break
    at = next
    rest = rest.slice(dot + 1)
  }
  if (at) {
    at.pairs.push({ ...pair, name: rest })
    return
  }
  const name = rest.split('.', 1)[0]!
  const known = relationIn(asking, asking.model, name)?.expands
  asking.issues.add({
    parameter: pair.name,
    code: known ? 'not-expanded' : 'unknown-parameter',
    detail: known ? `${name} is not expanded: add expand=${name}` : 'is not a parameter here',
    ...(known ? { suggestion: `expand=${name}` } : suggested(asking, name)),
  })
}

/** The relation that `expand` names; `undefined` with the mistake told. */
export function expandable(asking: Asking, model: Model, name: string, by: string): Relation | undefined {
  const relation = relationIn(asking, model, name)
  if (relation?.expands) return relation
  asking.issues.add({
    parameter: by,
    code: 'unknown-relation',
    detail: `there is no relation ${JSON.stringify(name.slice(0, 200))}`,
    ...suggested(asking, name, model),
  })
  return undefined
}

function suggested(asking: Asking, name: string, model: Model = asking.model): object {
  const allowed = [...model.relations.keys()].filter((one) => relationIn(asking, model, one)?.expands)
  const close = nearest(name, allowed)
  return { allowed, ...(close && { suggestion: close }) }
}

/** Rows that expansions may show beside a page. */
export function rowsWith(expansions: readonly Expansion[], rows: number): number {
  let total = 0
  for (const { relation, limit, expansions: inner } of expansions) {
    const each = relation.many ? rows * limit : rows
    total += (relation.many ? each : 0) + rowsWith(inner, each)
  }
  return total
}
