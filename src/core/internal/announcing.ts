import type { Announcements } from '../ports/announcements.ts'

/** Milliseconds until an announcement that failed is tried again. */
const pause = 100

/**
 * Tells all processes what has ended. Where they cannot be told it tries again until their copies have died by
 * themselves: whoever waits that long may answer all the same.
 *
 * @param until when no copy is believed any more, in the time of `performance.now()`
 */
export async function announceUntil(
  announcements: Announcements,
  names: readonly string[],
  until: number,
): Promise<void> {
  for (;;) {
    const told = announcements.announce(names).then(
      () => true,
      () => false,
    )
    const left = until - performance.now()
    if (left <= 0 || (await within(told, left))) return
    await within(undefined, Math.min(pause, until - performance.now()))
  }
}

/** What a promise gives within a time, or `undefined`. */
function within<R>(promise: Promise<R> | undefined, ms: number): Promise<R | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), Math.max(0, ms))
    void promise?.then((value) => {
      clearTimeout(timer)
      resolve(value)
    })
  })
}
