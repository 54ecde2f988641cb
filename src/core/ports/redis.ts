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
  close(): Promise<void>
}
