import { randomUUID } from 'node:crypto'
import type { Clock } from '#core/ports/clock'

const valid = /^[A-Za-z0-9._-]{1,128}$/

/** The id that came with a request when its form is safe to write anywhere; else `undefined`. */
export function acceptedId(header: string | null): string | undefined {
  return header !== null && valid.test(header) ? header : undefined
}

/** Makes the ids of one app: UUIDs of version 7 (RFC 9562), which sort by time. */
export function requestIds(clock: Clock): () => string {
  let last = Number.NaN
  let begins = ''
  return () => {
    const now = clock.now()
    if (now !== last) {
      last = now
      const time = now.toString(16).padStart(12, '0')
      begins = `${time.slice(0, 8)}-${time.slice(8)}-7`
    }
    // The variant and the random bits of version 4 stand at the same places.
    return begins + randomUUID().slice(15)
  }
}
