import type { Outcome } from './outcome.ts'
import type { CellRule } from './policy.ts'

// The generic cell rate algorithm: one number for each caller, the time at which all it took has come back (ITU-T I.371,
// annex A). No window has an edge, so none can be used twice. What is used is the microseconds until then.

/** One request always passes where nothing is used, also where it costs more than a share of the burst. */
export function allows({ interval, tolerance }: CellRule, used: number, cost: number): boolean {
  const increment = interval * cost
  return used + increment <= Math.max(tolerance, increment)
}

export function outcomeOf(
  rule: CellRule,
  used: number,
  cost: number,
  taken: boolean = allows(rule, used, cost),
): Outcome {
  const { interval, tolerance } = rule
  const after = used + interval * cost
  const allowed = allows(rule, used, cost)
  const spent = taken ? after : used
  return {
    rule,
    allowed,
    remaining: Math.max(0, Math.floor((tolerance - spent) / interval)),
    reset: spent === 0 ? 0 : spent % interval || interval,
    wait: allowed ? 0 : after - Math.max(tolerance, interval * cost),
  }
}

/** What is used at a time. What was counted under a larger rule, or by a clock that ran ahead, is at most a whole burst. */
export function usedAt(now: number, taken: number | undefined, { tolerance }: CellRule): number {
  return taken === undefined || taken <= now ? 0 : Math.min(taken - now, tolerance)
}

/** What is used when units are taken after the fact, or given back. */
export const adjusted = ({ interval, tolerance }: CellRule, used: number, units: number): number =>
  Math.min(Math.max(0, used + units * interval), tolerance)
