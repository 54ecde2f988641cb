import type { Redis } from '#core/ports/redis'
import { type Held, releaseInRedis, renewInRedis } from './redis.ts'

/** Keeps the places of this process's requests in Redis for as long as they are under way. */
export interface Leases {
  /** @returns what frees them, once */
  hold(places: readonly Held[]): () => void
  stop(): void
}

/** A place that is not renewed for its lease is free again: so a killed process frees what it had. */
export function leasesIn(redis: Redis): Leases {
  const held = new Set<Held>()
  let timer: ReturnType<typeof setInterval> | undefined
  let pause = 0

  const stop = (): void => {
    clearInterval(timer)
    timer = undefined
  }
  const renew = (): void => {
    // Without Redis they are counted anew by whoever comes; the next time may go well.
    void renewInRedis(redis, [...held]).catch(() => {})
  }
  const watch = (lease: number): void => {
    const third = lease / 3000
    if (timer !== undefined && pause <= third) return
    stop()
    pause = third
    timer = setInterval(renew, third)
    ;(timer as unknown as { unref?(): void }).unref?.()
  }

  return {
    hold(places) {
      for (const place of places) {
        held.add(place)
        watch(place.lease)
      }
      return () => {
        for (const place of places) {
          held.delete(place)
          // Else its lease ends.
          void releaseInRedis(redis, place).catch(() => {})
        }
        if (held.size === 0) stop()
      }
    },
    stop,
  }
}
