/** What a breaker goes by. Times are milliseconds. */
export interface BreakerOptions {
  /** Failures one after the other that open it. @default 3 */
  readonly failures?: number
  /** How long it stays open at first; each failed probe doubles it. @default 500 */
  readonly pause?: number
  /** The longest pause. @default 10000 */
  readonly longestPause?: number
  readonly now?: () => number
}

/** Keeps callers from waiting for a service that does not answer: after each pause one of them tries, the others are told at once. */
export interface Breaker {
  /** Whether the caller may try now. Who may must say how it went. */
  mayTry(): boolean
  succeeded(): void
  /** Answers how many times in a row the breaker has opened by now. */
  failed(): number
  /** Forgets all failures: the service was seen well. */
  reset(): void
}

/** Closed, open and half-open (Nygard, Release It!). */
export function makeBreaker({
  failures = 3,
  pause = 500,
  longestPause = 10_000,
  now = Date.now,
}: BreakerOptions = {}): Breaker {
  let failed = 0
  let openings = 0
  let openUntil = 0
  let probing = false
  const reset = (): void => {
    failed = openings = openUntil = 0
    probing = false
  }
  return {
    mayTry() {
      if (openings === 0) return true
      if (probing || now() < openUntil) return false
      probing = true
      return true
    },
    // An answer to what was asked before it opened is no probe.
    succeeded: () => {
      if (openings === 0) failed = 0
      else if (probing) reset()
    },
    failed() {
      if (openings > 0 && !probing) return openings
      if (openings === 0 && ++failed < failures) return 0
      probing = false
      openUntil = now() + Math.min(pause * 2 ** openings, longestPause)
      return ++openings
    },
    reset,
  }
}
