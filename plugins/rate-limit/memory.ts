import { LRUCache } from 'lru-cache'
import type { Clock } from '#core/ports/clock'
import { type Outcome, outcomeOf, outcomesOf, usedAt } from './gcra.ts'
import type { Rule } from './policy.ts'

/** Counts requests in this process. Never waits. */
export interface MemoryLimiter {
  /** @param keys of the rules' counts, one each. Nothing is taken unless every rule allows it. */
  take(rules: readonly Rule[], keys: readonly string[]): readonly Outcome[]
  takeOne(rule: Rule, key: string): Outcome
}

interface Count {
  /** When all that was taken is back, in microseconds. */
  taken: number
}

export function memoryLimiter({ clock, maxKeys }: { clock: Clock; maxKeys: number }): MemoryLimiter {
  const counts = new LRUCache<string, Count>({ max: maxKeys })

  const keep = (key: string, count: Count | undefined, taken: number): void => {
    if (count === undefined) counts.set(key, { taken })
    else count.taken = taken
  }

  const microseconds = (): number => Math.floor(clock.now() * 1000)

  const takeOne = (rule: Rule, key: string): Outcome => {
    const now = microseconds()
    const count = counts.get(key)
    const outcome = outcomeOf(rule, usedAt(now, count?.taken, rule))
    if (outcome.allowed) keep(key, count, now + outcome.reset)
    return outcome
  }

  const take = (rules: readonly Rule[], keys: readonly string[]): readonly Outcome[] => {
    const now = microseconds()
    const found = keys.map((key) => counts.get(key))
    const outcomes = outcomesOf(
      rules,
      rules.map((rule, at) => usedAt(now, found[at]?.taken, rule)),
    )
    if (outcomes.every((outcome) => outcome.allowed))
      for (let at = 0; at < keys.length; at++) keep(keys[at]!, found[at], now + outcomes[at]!.reset)
    return outcomes
  }

  return { take, takeOne }
}
