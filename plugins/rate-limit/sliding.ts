import type { Outcome, Used } from './outcome.ts'
import type { WindowRule } from './policy.ts'

// The sliding window counter: what was counted in this window, and of the last one the part that a window which ends now
// still covers. Used are the microseconds since this window began, its count and that of the last one.

/** A count of one caller. */
export interface WindowCount {
  /** Which window since the beginning of time. */
  at: number
  current: number
  previous: number
}

const unitsOf = ({ window }: WindowRule, [elapsed, current, previous]: Used): number =>
  current! + Math.ceil((previous! * (window - elapsed!)) / window)

export const allows = (rule: WindowRule, used: Used, cost: number): boolean =>
  unitsOf(rule, used) + cost <= Math.max(rule.limit, cost)

export function outcomeOf(rule: WindowRule, used: Used, cost: number, taken: boolean): Outcome {
  const [elapsed, current, previous] = used as [number, number, number]
  const allowed = allows(rule, used, cost)
  const after: Used = [elapsed, current + (taken ? cost : 0), previous]
  const units = unitsOf(rule, after)
  return {
    rule,
    allowed,
    remaining: Math.max(0, rule.limit - units),
    reset: units === 0 ? 0 : untilAtMost(rule, after, units - 1),
    wait: allowed ? 0 : untilAtMost(rule, used, Math.max(rule.limit, cost) - cost),
  }
}

/** Microseconds until no more than `units` are used, when nobody comes meanwhile. */
function untilAtMost({ window }: WindowRule, [elapsed, current, previous]: Used, units: number): number {
  if (current! <= units) return Math.max(1, Math.ceil(window * (1 - (units - current!) / previous!)) - elapsed!)
  return window - elapsed! + Math.max(0, Math.ceil(window * (1 - units / current!)))
}

/** The count as it stands at a time. */
export function countAt(now: number, { window }: WindowRule, count: WindowCount | undefined): WindowCount {
  const at = Math.floor(now / window)
  if (count === undefined || count.at < at - 1 || count.at > at) return { at, current: 0, previous: 0 }
  return count.at === at ? count : { at, current: 0, previous: count.current }
}

export const usedOf = (now: number, { window }: WindowRule, { current, previous }: WindowCount): Used => [
  now % window,
  current,
  previous,
]

/** Units given back may have been counted in the window before. */
export function adjust(count: WindowCount, units: number): void {
  const current = count.current + units
  count.current = Math.max(0, current)
  if (current < 0) count.previous = Math.max(0, count.previous + current)
}
