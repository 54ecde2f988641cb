/** How long to wait before a process that ended is started again. */
export interface Backoff {
  /** It listens. */
  served(): void
  /** It ended. @returns milliseconds to wait; `undefined` when it never came so far as to listen, too many times in a row */
  failed(served: boolean): number | undefined
}

const first = 100
const longest = 10_000
/** Who served for so long has not crashed at once, in milliseconds. */
const well = 30_000

export function backoff(mostFailedStarts: number, now: () => number = Date.now): Backoff {
  let crashes = 0
  let neverServed = 0
  let since = 0
  return {
    served() {
      since = now()
      neverServed = 0
    },
    failed(served) {
      if (!served && ++neverServed >= mostFailedStarts) return undefined
      if (served && now() - since >= well) crashes = 0
      return Math.min(first * 2 ** crashes++, longest)
    },
  }
}
