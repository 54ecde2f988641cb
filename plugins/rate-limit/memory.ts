import { LRUCache } from 'lru-cache'
import type { Clock } from '#core/ports/clock'
import { adjusted, outcomeOf, usedAt } from './gcra.ts'
import { allAllow, type Demand, type Outcome, outcomesOf, type Used } from './outcome.ts'
import type { CellRule } from './policy.ts'
import { adjust, countAt, usedOf, type WindowCount } from './sliding.ts'

/** Counts requests in this process. Never waits. */
export interface MemoryLimiter {
  /** Nothing is taken unless every rule allows it. */
  take(demands: readonly Demand[]): readonly Outcome[]
  takeOne(rule: CellRule, key: string, cost: number): Outcome
  /** Takes units after the fact, or gives them back: below 0. */
  adjust(demands: readonly Demand[]): void
  /** Frees the places that requests had. */
  release(demands: readonly Demand[]): void
}

interface CellCount {
  /** When all that was taken is back, in microseconds. */
  taken: number
}

export function memoryLimiter({ clock, maxKeys }: { clock: Clock; maxKeys: number }): MemoryLimiter {
  const counts = new LRUCache<string, CellCount | WindowCount>({ max: maxKeys })
  /** Places in use. As many as there are requests: none may be forgotten. */
  const places = new Map<string, number>()
  const microseconds = (): number => Math.floor(clock.now() * 1000)
  const cellOf = (key: string): CellCount | undefined => counts.get(key) as CellCount | undefined
  const windowOf = (now: number, { rule, key }: Demand): WindowCount =>
    countAt(now, rule as never, counts.get(key) as WindowCount | undefined)

  const keep = (key: string, count: CellCount | undefined, taken: number): void => {
    if (count === undefined) counts.set(key, { taken })
    else count.taken = taken
  }

  const usedBy = (now: number, demand: Demand): Used => {
    const { rule, key } = demand
    if (rule.kind === 'gcra') return [usedAt(now, cellOf(key)?.taken, rule)]
    if (rule.kind === 'sliding') return usedOf(now, rule, windowOf(now, demand))
    return [places.get(key) ?? 0]
  }

  const spend = (now: number, demand: Demand, used: Used): void => {
    const { rule, key, cost } = demand
    if (rule.kind === 'gcra') keep(key, cellOf(key), now + used[0]! + rule.interval * cost)
    else if (rule.kind === 'sliding') {
      const count = windowOf(now, demand)
      count.current += cost
      counts.set(key, count)
    } else places.set(key, used[0]! + 1)
  }

  return {
    takeOne(rule, key, cost) {
      const now = microseconds()
      const count = cellOf(key)
      const used = usedAt(now, count?.taken, rule)
      const outcome = outcomeOf(rule, used, cost)
      if (outcome.allowed) keep(key, count, now + used + rule.interval * cost)
      return outcome
    },
    take(demands) {
      const now = microseconds()
      const used = demands.map((demand) => usedBy(now, demand))
      const taken = allAllow(demands, used)
      if (taken) for (let at = 0; at < demands.length; at++) spend(now, demands[at]!, used[at]!)
      return outcomesOf(demands, used, taken)
    },
    adjust(demands) {
      const now = microseconds()
      for (const demand of demands) {
        const { rule, key, cost } = demand
        if (rule.kind === 'gcra') {
          const count = cellOf(key)
          keep(key, count, now + adjusted(rule, usedAt(now, count?.taken, rule), cost))
        } else if (rule.kind === 'sliding') {
          const count = windowOf(now, demand)
          adjust(count, cost)
          counts.set(key, count)
        }
      }
    },
    release(demands) {
      for (const { rule, key } of demands) {
        if (rule.kind !== 'concurrency') continue
        const left = (places.get(key) ?? 1) - 1
        if (left > 0) places.set(key, left)
        else places.delete(key)
      }
    },
  }
}
