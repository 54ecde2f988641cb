import { ProblemError } from '#core/problem'
import type { Scope } from '#core/scope'
import { callOf } from './call.ts'
import { callerOf, wideCallerOf } from './caller.ts'
import { refuse } from './errors.ts'
import type { Networks } from './options.ts'
import type { Demand } from './outcome.ts'
import { burstOf, type Rule } from './policy.ts'

/**
 * What a request asks of the rules of its place; a refusal where it costs more than may ever come at once.
 * @throws {TypeError} when a function of the app answers no whole number
 */
export function demandsOf(scope: Scope, rules: readonly Rule[], networks: Networks): readonly Demand[] | ProblemError {
  const demands: Demand[] = []
  for (const rule of rules) {
    const cost = costOf(scope, rule)
    if (cost instanceof ProblemError) return cost
    if (cost > 0) addCounts(demands, scope, rule, cost, networks)
  }
  return demands
}

/** Adds the counts of a rule that a request belongs to: its caller's, and that of the wider network around an address of IPv6. */
export function addCounts(to: Demand[], scope: Scope, rule: Rule, cost: number, networks: Networks): void {
  const caller = callerOf(scope, rule.by, networks)
  to.push({ rule, key: rule.key + caller, cost })
  const wide = rule.wide && wideCallerOf(scope, caller, networks)
  if (wide !== undefined) to.push({ rule: rule.wide!, key: rule.key + wide, cost })
}

function costOf(scope: Scope, rule: Rule): number | ProblemError {
  if (typeof rule.cost === 'number') return rule.cost
  const cost: unknown = rule.cost(callOf(scope))
  if (!Number.isSafeInteger(cost) || (cost as number) < 0)
    throw new TypeError(`rateLimit "${rule.name}": cost is ${String(cost)}, and must be a whole number from 0 on`)
  const most = burstOf(rule)
  if ((cost as number) <= most) return cost as number
  return refuse('KWIK_RATE_LIMIT_COST', {
    detail: `It counts for ${cost}, and the limit "${rule.name}" never lets more than ${most} through at once. Ask for less.`,
  })
}
