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
 */
export function outcomeOf(rule: Rule, used: number): Outcome {
  const after = used + rule.increment
  const allowed = after <= rule.tolerance
  const spent = allowed ? after : used
  return {
    rule,
    allowed,
    remaining: Math.floor((rule.tolerance - spent) / rule.interval),
    reset: spent,
    wait: allowed ? 0 : after - rule.tolerance,
  }
}

/** What is used up at a time. What was counted under a larger rule, or by a clock that ran ahead, is at most a whole burst. */
export function usedAt(now: number, taken: number | undefined, rule: Rule): number {
  return taken === undefined || taken <= now ? 0 : Math.min(taken - now, rule.tolerance)
}
