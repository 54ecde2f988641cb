import { getLogger as getLogTapeLogger, type Logger } from '@logtape/logtape'
import { type Time, timeWith } from './timer.ts'

/** A logger of LogTape that measures, too. */
export interface CategoryLogger extends Logger {
  /** Writes how long something took, at `info`: `await log.time('resize', () => resize(photo))`. */
  readonly time: Time
}

/**
 * The logger of a category, of LogTape, whose lines know the request they belong to. From `kwik/logging`.
 *
 * @example
 * const log = getLogger(['shop', 'orders'])
 * log.info('order {id} placed', { id })
 * const invoice = await log.time('invoice', () => print(order))
 */
export function getLogger(category: string | readonly [string, ...string[]] | readonly string[] = []): CategoryLogger {
  const logger = getLogTapeLogger(category as string) as Logger & { time?: Time }
  logger.time ??= timeWith((message, properties) => logger.info(message, { ...properties }))
  return logger as CategoryLogger
}
