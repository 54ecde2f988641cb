import type { Sink as LogTapeSink } from '@logtape/logtape'
import type { Sink } from '../sink.ts'

/**
 * Hands lines to any sink of LogTape: `@logtape/file`, `@logtape/sentry` and their like. From `kwik/logging`. Secrets are
 * masked already.
 *
 * @example
 * createLogger({ sinks: [standardOutput(), logtapeSink(getSentrySink())] })
 */
export function logtapeSink(sink: LogTapeSink): Sink {
  return {
    entry: ({ time, level, logger, message, fields }) =>
      sink({
        category: logger.split('.'),
        level,
        message: [message],
        rawMessage: message,
        timestamp: time,
        properties: fields,
      }),
  }
}
