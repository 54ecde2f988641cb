import { definePlugin, type KwikPlugin } from '#core/plugin'
import { createLogger } from './logger.ts'
import { attach, detach } from './logtape.ts'
import { type LoggingOptions, resolveLoggerOptions } from './options.ts'
import { acceptedId, requestIds } from './request-id.ts'

export type LoggingPlugin = KwikPlugin<{}>

/**
 * One line for each request when its last byte is out, an id for each request, and `getLogger()` lines that know their
 * request. From `kwik/logging`.
 *
 * @throws {TypeError} for a level or format that does not exist
 * @example
 * const app = new Elysia().use(logging({ level: 'info' })).get('/', () => 'hello')
 */
export function logging(options: LoggingOptions = {}): LoggingPlugin {
  const newId = requestIds(resolveLoggerOptions(options).clock)
  return definePlugin<LoggingPlugin, LoggingOptions>({
    name: 'logging',
    options,
    keys: [],
    setup: ({ access = true, logger = createLogger(options) }) => ({
      logger,
      open: (scope) => {
        // A HEAD request walks through twice.
        scope.id ??= acceptedId(scope.request.headers.get('x-request-id')) ?? newId()
        scope.logger = logger
        scope.header('x-request-id', scope.id)
      },
      ...(access && { close: (scope, end) => logger.access(scope, end) }),
      booted: () => attach(logger),
      stop: () => {
        detach(logger)
        return logger.flush()
      },
    }),
  })
}
