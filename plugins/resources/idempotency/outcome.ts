import { consoleLogger } from '#core/adapters/console-logger'
import type { Scope } from '#core/scope'
import { grantedTo, recorded, written } from './answer.ts'
import type { Claim, KeyStore } from './key-store.ts'
import type { RouteRules } from './options.ts'

/** Who is sent away is not answered: another credential or a later time may be let in. */
const passing: ReadonlySet<number> = new Set([401, 403, 429])
/** When to try once more to tell a store that did not answer, in milliseconds. */
const pauses: readonly number[] = [100, 300, 1000, 3000, 10_000]

/** Settles the key with the answer that leaves, or with the one that comes after the client was told to wait no longer. */
export function watchAnswer(scope: Scope, store: KeyStore, claim: Claim, rules: RouteRules): void {
  const kept = { granted: grantedTo(scope), more: rules.headers }
  let committed = false
  ;(scope.beforeCommit ??= []).push(async (database) => {
    database.afterCommit(() => {
      committed = true
    })
    await store.commit?.(claim)
  })
  let waits = false
  const wait = (): void => {
    waits = true
    ;(scope.whenLate ??= []).push((last) => void settle(last))
  }
  const keep = (answer?: string): Promise<void> => told(scope, () => store.keep(claim, answer))
  const settle = (response: Response): Response | void | Promise<Response | void> => {
    const { status } = response
    // Its handler still works: what it does is known when it has done it.
    if (scope.late && !waits) return wait()
    if (status >= 500 || passing.has(status)) return committed ? keep() : told(scope, () => store.release(claim))
    if (response.body === null) return keep(written(response, null, kept))
    if (isEndless(response)) return keep()
    const { maxBytes } = rules
    const done = (body: Uint8Array | undefined): Promise<void> => keep(body && written(response, body, kept))
    // What a handler made itself may be a stream: it leaves as it comes.
    if (scope.streams && !scope.late) return recorded(response, maxBytes, done)
    if (scope.streams) return keep()
    return response
      .clone()
      .arrayBuffer()
      .then((body) => done(body.byteLength > maxBytes ? undefined : new Uint8Array(body)))
  }
  if (scope.late) wait()
  ;(scope.onResponse ??= []).push(settle)
}

const isEndless = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('text/event-stream') === true

/** The answer does not wait for a store that is away, and is not lost with it. */
async function told(scope: Scope, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch {
    insist(scope, run)
  }
}

/** Tries again in the background: until the store knows, repeats of the request are told that it is running. */
export function insist(scope: Scope, run: () => Promise<void>, at = 0): void {
  const pause = pauses[at]
  const timer = setTimeout(async () => {
    try {
      await run()
    } catch (error) {
      if (at + 1 < pauses.length) return insist(scope, run, at + 1)
      const logger = scope.logger ?? scope.app?.logger ?? consoleLogger
      logger.error('the outcome of an idempotency key could not be written', { route: scope.route, error })
    }
  }, pause)
  timer.unref?.()
}
