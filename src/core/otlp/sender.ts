import { outOfScope } from '../context.ts'
import { rawFetch } from '../internal/raw-fetch.ts'
import type { Logger } from '../ports/logger.ts'
import type { OtlpTarget, Signal } from './target.ts'

/** Delivers JSON to a collector, and never throws: telemetry that is lost is counted and reported once a minute. */
export interface OtlpSender {
  /** @param count how many things are in it @returns whether the collector has it */
  send(body: string, count: number): Promise<boolean>
  /** Reports what was lost before it could be sent. */
  lost(count: number, why: string): void
}

export interface OtlpSenderOptions {
  readonly signal: Signal
  readonly target: OtlpTarget
  /** Asked for when there is something to say: an app has its logger later. */
  readonly logger: () => Logger
  readonly now?: () => number
}

const minute = 60_000

export function otlpSender({ signal, target, logger, now = Date.now }: OtlpSenderOptions): OtlpSender {
  let lost = 0
  let reportedAt = Number.NEGATIVE_INFINITY
  const lose = (count: number, why: string): void => {
    lost += count
    if (now() - reportedAt < minute) return
    reportedAt = now()
    // Outside of the request that happened to be last: it has nothing to do with it.
    outOfScope(() =>
      logger().warning(`${signal} cannot be delivered: ${why}`, { signal, lost, collector: hostOf(target.url) }),
    )
    lost = 0
  }
  return {
    lost: lose,
    send: (body, count) =>
      outOfScope(async () => {
        try {
          const answer = await rawFetch()(target.url, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...target.headers },
            body,
            signal: AbortSignal.timeout(target.timeout),
            redirect: 'error',
          })
          // Unread, the connection could not be used again.
          await answer.arrayBuffer()
          if (!answer.ok) lose(count, `the collector answers ${answer.status}`)
          return answer.ok
        } catch (error) {
          lose(count, reasonOf(error))
          return false
        }
      }),
  }
}

const reasonOf = (error: unknown): string =>
  (error as Error).name === 'TimeoutError'
    ? 'the collector does not answer in time'
    : `the collector cannot be reached (${(error as { code?: unknown }).code ?? (error as Error).name})`

/** The URL may have a key in it. */
const hostOf = (url: string): string => new URL(url).host
