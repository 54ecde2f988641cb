import * as cells from './gcra.ts'
import type { Rule } from './policy.ts'
import * as windows from './sliding.ts'

/** What a request asks of one rule. */
export interface Demand {
  readonly rule: Rule
  /** Of the count. */
  readonly key: string
  /** Units. */
  readonly cost: number
}

/** What a rule says of one request. */
export interface Outcome {
  readonly rule: Rule
  readonly allowed: boolean
  /** Units left after it. */
  readonly remaining: number
  /** Microseconds until one more unit is there; `0` when none is missing. */
  readonly reset: number
  /** Microseconds until this request would pass; `0` when it does. */
  readonly wait: number
}

/** What is used of a rule, in numbers of its kind: microseconds; time into the window and two counts; places. */
export type Used = readonly number[]

/** Nobody knows when a place gets free. */
const aSecond = 1_000_000

export function allows({ rule, cost }: Demand, used: Used): boolean {
  if (rule.kind === 'gcra') return cells.allows(rule, used[0]!, cost)
  if (rule.kind === 'sliding') return windows.allows(rule, used, cost)
  return used[0]! < rule.limit
}

/** @param taken whether the request takes its units: not where another rule refuses it */
function outcomeOf(demand: Demand, used: Used, taken: boolean): Outcome {
  const { rule, cost } = demand
  if (rule.kind === 'gcra') return cells.outcomeOf(rule, used[0]!, cost, taken)
  if (rule.kind === 'sliding') return windows.outcomeOf(rule, used, cost, taken)
  const allowed = allows(demand, used)
  const held = used[0]! + Number(taken)
  return { rule, allowed, remaining: Math.max(0, rule.limit - held), reset: 0, wait: allowed ? 0 : aSecond }
}

/** Whether all rules allow what is asked of them. */
export function allAllow(demands: readonly Demand[], used: readonly Used[]): boolean {
  for (let at = 0; at < demands.length; at++) if (!allows(demands[at]!, used[at]!)) return false
  return true
}

/** What several rules say of one request: it takes nothing of any unless all allow it. */
export function outcomesOf(
  demands: readonly Demand[],
  used: readonly Used[],
  taken: boolean = allAllow(demands, used),
): readonly Outcome[] {
  return demands.map((demand, at) => outcomeOf(demand, used[at]!, taken))
}
