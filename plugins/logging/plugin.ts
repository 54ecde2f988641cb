import { type Changing, Current } from '#core/internal/changing'
import { PhaseTimes } from '#core/phase-times'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { End, Scope } from '#core/scope'
import type { Works } from '#core/works'
import { isSlow, levelOf, routeOf } from './access-line.ts'
import { watchCrashes } from './crashes.ts'
import { createLogger, type LineLogger } from './logger.ts'
import { attach, detach } from './logtape.ts'
import {
  type LoggingOptions,
  type ResolvedLoggingOptions,
  resolveLoggerOptions,
  resolveLoggingOptions,
} from './options.ts'
import { watchQueries } from './queries.ts'
import { acceptedId, requestIds } from './request-id.ts'
import type { Sampling } from './sampling.ts'
import { mayAsk, serverTiming } from './server-timing.ts'

export type LoggingPlugin = KwikPlugin<{}>

/**
 * One line for each request when its last byte is out, an id for each request, and `getLogger()` lines that know their
 * request. From `kwik/logging`.
 *
 * @param changes brings other thresholds of what is slow while the app runs: `kwik()` has them of its settings
 * @throws {TypeError} for a level or format that does not exist
 * @example
 * const app = new Elysia().use(logging({ level: 'info' })).get('/', () => 'hello')
 */
export function logging(options: LoggingOptions = {}, changes?: Changing<LoggingOptions>): LoggingPlugin {
  const { clock } = resolveLoggerOptions({ ...options, sinks: [] })
  const resolved = resolveLoggingOptions(options)
  const newId = requestIds(clock)
  return definePlugin<LoggingPlugin, LoggingOptions>({
    name: 'logging',
    options,
    keys: [],
    setup: ({ logger = createLogger(options) }) => {
      const { access, timing } = resolved
      const thresholds = new Current<Thresholds>(resolved)
      const unfollow = changes?.follow((next) => thresholds.becomes(resolveLoggingOptions(next)))
      const measures = access || timing !== undefined
      return {
        logger,
        open: (scope) => {
          // A HEAD request walks through twice.
          scope.id ??= acceptedId(scope.request.headers.get('x-request-id')) ?? newId()
          scope.logger = logger
          scope.header('x-request-id', scope.id)
          if (measures) scope.times ??= new PhaseTimes()
          if (access) {
            scope.weighs = true
            // Of a client that has left nobody knows it any more.
            void scope.address
          }
          if (changes) thresholds.begin(scope)
        },
        ...(timing && {
          respond: (scope: Scope) => {
            if (timing.debug || (timing.key !== undefined && mayAsk(scope.request, timing.key, clock)))
              scope.header('server-timing', serverTiming(scope))
          },
        }),
        ...(access && {
          close: (scope: Scope, end: End) => writeAccess(logger, resolved.sample, thresholds.of(scope), scope, end),
        }),
        ...running(logger, resolved.crashes, thresholds, unfollow),
      }
    },
  })
}

/** From how many milliseconds on something is slow. */
type Thresholds = Pick<ResolvedLoggingOptions, 'slowRequest' | 'slowQuery'>

function writeAccess(
  logger: LineLogger,
  sample: Sampling | undefined,
  { slowRequest }: Thresholds,
  scope: Scope,
  end: End,
): void {
  const slow = isSlow(scope, end, slowRequest)
  const level = levelOf(end, slow)
  if (!logger.takes(level, 'kwik.access')) return
  let rate: number | undefined
  if (sample !== undefined && level === 'info') {
    const kept = sample(routeOf(scope) ?? '', scope.request.method, end.status)
    if (kept === undefined) return
    if (kept < 1) rate = kept
  }
  logger.access(scope, { ...end, slow, rate })
}

/** What is done from the boot of an app to its end. */
function running(
  logger: LineLogger,
  crashes: boolean,
  thresholds: Current<Thresholds>,
  unfollow: (() => void) | undefined,
): Pick<Works, 'booted' | 'listening' | 'stop'> {
  let unwatch: (() => void) | undefined
  let forget: (() => void) | undefined
  return {
    booted: ({ database }) => {
      attach(logger)
      unwatch ??= database?.observe?.(watchQueries(logger, (scope) => thresholds.of(scope).slowQuery))
    },
    listening: () => {
      if (crashes) forget ??= watchCrashes(logger)
    },
    stop: () => {
      unfollow?.()
      unwatch?.()
      forget?.()
      unwatch = forget = undefined
      detach(logger)
      return logger.flush()
    },
  }
}
