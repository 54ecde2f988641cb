/** When a request passed from one part of its way to the next, by `performance.now()`; 0 where it did not. */
export class PhaseTimes {
  /** Let in, before its route was found. */
  admitted = 0
  /** Its guards had nothing against it, and its body was read. */
  guarded = 0
  /** Its `load` steps were done. */
  loaded = 0
  /** The handler had answered. */
  handled = 0
  /** The headers left. */
  left = 0
}

/** A part of the way of a request, as logs and `Server-Timing` call it. */
export type Part = 'admit' | 'guards' | 'load' | 'handler' | 'respond' | 'stream'

/** How long each part took, in milliseconds; parts that a request did not come to are left out. */
export function partsOf(times: PhaseTimes, startedAt: number, endedAt: number): (readonly [Part, number])[] {
  const marks: readonly (readonly [Part, number])[] = [
    ['admit', times.admitted],
    ['guards', times.guarded],
    ['load', times.loaded],
    ['handler', times.handled],
    ['respond', times.left],
    ['stream', endedAt],
  ]
  const parts: (readonly [Part, number])[] = []
  let since = startedAt
  for (const [part, until] of marks) {
    if (until === 0) continue
    parts.push([part, until - since])
    since = until
  }
  return parts
}

/** The part that took longest. Asked for every request: it makes no list. */
export function slowestOf(
  times: PhaseTimes,
  startedAt: number,
  endedAt: number,
): { readonly part: Part; readonly ms: number } {
  let part: Part = 'admit'
  let ms = 0
  let since = startedAt
  const look = (one: Part, until: number): void => {
    if (until === 0) return
    if (until - since > ms) {
      part = one
      ms = until - since
    }
    since = until
  }
  look('admit', times.admitted)
  look('guards', times.guarded)
  look('load', times.loaded)
  look('handler', times.handled)
  look('respond', times.left)
  look('stream', endedAt)
  return { part, ms }
}
