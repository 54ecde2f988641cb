import { LRUCache } from 'lru-cache'
import type { Clock } from '#core/ports/clock'
import { type Outcome, outcomeOf, usedAt } from './gcra.ts'
import type { Rule } from './policy.ts'

/** Counts requests in this process. Never waits. */
export interface MemoryLimiter {
  /** @param keys of the rules' counts, one each. Nothing is taken unless every rule allows it. */
  take(rules: readonly Rule[], keys: readonly string[]): readonly Outcome[]
}

interface Count {
  /** When all that was taken is back, in microseconds. */
  taken: number
}

export function memoryLimiter({ clock, maxKeys }: { clock: Clock; maxKeys: number }): MemoryLimiter {
  const counts = new LRUCache<string, Count>({ max: maxKeys })

  const take = (key: string, until: number): void => {
    const count = counts.peek(key)
    if (count === undefined) counts.set(key, { taken: until })
    else count.taken = until
  }

  return {
    take(rules, keys) {
      const now = Math.floor(clock.now() * 1000)
      if (rules.length === 1) {
        const rule = rules[0]!
        const count = counts.get(keys[0]!)
        const outcome = outcomeOf(rule, usedAt(now, count?.taken, rule))
        if (!outcome.allowed) return [outcome]
        if (count === undefined) counts.set(keys[0]!, { taken: now + outcome.reset })
        else count.taken = now + outcome.reset
        return [outcome]
      }
      const outcomes = rules.map((rule, at) => outcomeOf(rule, usedAt(now, counts.get(keys[at]!)?.taken, rule)))
      if (outcomes.every((outcome) => outcome.allowed))
        for (const [at, outcome] of outcomes.entries()) take(keys[at]!, now + outcome.reset)
      return outcomes
    },
  }
}
