import type { Rule } from './policy.ts'

/** What a rule says of one request. */
export interface Outcome {
  readonly rule: Rule
  readonly allowed: boolean
  /** Units left after it. */
  readonly remaining: number
  /** Microseconds until all units are back. */
  readonly reset: number
  /** Microseconds until this request would pass; `0` when it does. */
  readonly wait: number
}

/**
 * The generic cell rate algorithm: one number for each caller, the time at which all it took has come back
 * (ITU-T I.371, annex A). No window has an edge, so none can be used twice.
 *
 * @param used microseconds until all that was taken is back; never more than a whole burst
 * @param taken whether the request takes its units: not where another rule refuses it
 */
export function outcomeOf(rule: Rule, used: number, taken: boolean = allows(rule, used)): Outcome {
  const after = used + rule.increment
  const allowed = after <= rule.tolerance
  const spent = taken ? after : used
  return {
    rule,
    allowed,
    remaining: Math.floor((rule.tolerance - spent) / rule.interval),
    reset: spent,
    wait: allowed ? 0 : after - rule.tolerance,
  }
}

const allows = (rule: Rule, used: number): boolean => used + rule.increment <= rule.tolerance

/** What several rules say of one request: it takes nothing of any unless all allow it. */
export function outcomesOf(rules: readonly Rule[], used: readonly number[]): readonly Outcome[] {
  const taken = rules.every((rule, at) => allows(rule, used[at]!))
  return rules.map((rule, at) => outcomeOf(rule, used[at]!, taken))
}

/** What is used up at a time. What was counted under a larger rule, or by a clock that ran ahead, is at most a whole burst. */
export function usedAt(now: number, taken: number | undefined, rule: Rule): number {
  return taken === undefined || taken <= now ? 0 : Math.min(taken - now, rule.tolerance)
}
