import type { Announcements } from '#core/ports/announcements'
import type { Redis } from '#core/ports/redis'

/** A connection whose next answer waits until it is let through, or which has none. */
export function gated(redis: Redis) {
  const self = {
    broken: false,
    gate: undefined as Promise<void> | undefined,
    redis: {
      ...withoutLine(redis),
      run: async (command: readonly (string | number)[]) => {
        const { gate, broken } = self
        self.gate = undefined
        if (broken) throw new Error('gone')
        const reply = await redis.run(command)
        await gate
        return reply
      },
    },
    stop(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>()
      self.gate = promise
      return resolve
    },
  }
  return self
}
export const withoutLine = (redis: Redis): Redis => ({
  prefix: redis.prefix,
  run: (command) => redis.run(command),
  ping: () => redis.ping(),
  close: async () => {},
})

/** Announcements as an object whose parts can be replaced. */
export const given = (announcements: Announcements) => ({
  hears: () => announcements.hears(),
  listen: (over: (name: string) => void, lost: () => void) => announcements.listen(over, lost),
  announce: (names: readonly string[]) => announcements.announce(names),
  ready: (ms: number) => announcements.ready(ms),
  close: async () => {},
})
