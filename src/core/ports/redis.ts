import '../errors.ts'
import { ProblemError } from '../problem.ts'

/** Why Redis did not answer: no connection, no answer within the deadline, or it said that it cannot serve now. */
export type RedisTrouble = 'down' | 'slow' | 'busy'

/** Redis did not answer. Where nobody catches it, it leaves as 503 `KWIK_UNAVAILABLE` with Retry-After. */
export class RedisUnavailable extends ProblemError {
  readonly trouble: RedisTrouble

  constructor(trouble: RedisTrouble, cause?: unknown) {
    super('KWIK_UNAVAILABLE', { detail: 'Try again in a moment.', cause }, { 'retry-after': '1' })
    this.trouble = trouble
  }
}

/** What comes on a line of its own. */
export interface Subscriber {
  message(text: string, channel: string): void
  /** The line stands, for the first time or again. */
  opened(): void
  /** The line broke: messages may be missed from now on, until it is open again. */
  lost(): void
}

/** A connection to Redis that never lets a caller wait: made by `openRedis()`. */
export interface Redis {
  /** Begins the name of every key that Kwik writes. */
  readonly prefix: string
  /**
   * Sends one command and answers its reply, as RESP3 says it.
   * @throws {RedisUnavailable} within the deadline; the command may have run all the same
   */
  run(command: readonly (string | number)[]): Promise<unknown>
  /** Whether Redis answers now. */
  ping(): Promise<boolean>
  /** Hears channels on a connection of its own, which comes back by itself and does not keep the process alive. */
  subscribe?(channels: readonly string[], subscriber: Subscriber): { close(): Promise<void> }
  close(): Promise<void>
}
