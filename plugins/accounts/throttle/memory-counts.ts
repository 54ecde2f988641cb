import { LRUCache } from 'lru-cache'
import type { Clock } from '#core/ports/clock'
import type { Counts } from './counts.ts'
import { delayAfter } from './delay.ts'

interface Count {
  tries: number
  /** Before it no try is let through. */
  until: number
  /** When it is forgotten. */
  ends: number
}

/** Counts beyond these push out the one that was not looked at for longest. */
const most = 100_000

/** Counts of this process. @param forget milliseconds after the last try */
export function memoryCounts(clock: () => Clock, forget: number): Counts {
  const counts = new LRUCache<string, Count>({ max: most })
  const found = (key: string, now: number): Count | undefined => {
    const count = counts.get(key)
    return count !== undefined && count.ends > now ? count : undefined
  }
  return {
    async take(counted) {
      const now = clock().now()
      const waits = counted.map(({ key, rule }) => {
        // A clock that was set back makes nobody wait for longer than the rule says.
        const wait = (found(key, now)?.until ?? 0) - now
        return Math.min(Math.max(wait, 0), rule.longest)
      })
      if (waits.some((wait) => wait > 0)) return waits
      for (const { key, rule } of counted) {
        const tries = (found(key, now)?.tries ?? 0) + 1
        const until = now + delayAfter(tries, rule)
        counts.set(key, { tries, until, ends: until + forget })
      }
      return waits
    },
    async giveBack(counted) {
      for (const { key } of counted) {
        const count = counts.get(key)
        if (count === undefined) continue
        count.tries = Math.max(0, count.tries - 1)
        count.until = 0
      }
    },
    async forget(key) {
      counts.delete(key)
    },
  }
}
