import { consoleLogger } from '#core/adapters/console-logger'
import { currentScope } from '#core/context'
import { isTracedBySomebody } from '#core/elysia/door'
import { otlpTarget } from '#core/otlp/target'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Logger } from '#core/ports/logger'
import type { BootedApp, Works } from '#core/works'
import { refuseTwoCopies } from './adapters/copies.ts'
import { startTelemetry, type Telemetry } from './adapters/telemetry.ts'
import { refuse } from './errors.ts'
import { fetchSpans } from './fetch-spans.ts'
import { isOn, type ResolvedTracingOptions, resolveTracingOptions, type TracingOptions } from './options.ts'
import { querySpans } from './query-spans.ts'
import { redisSpans } from './redis-spans.ts'
import { type RequestSpans, requestSpans } from './request-spans.ts'

export type TracingPlugin = KwikPlugin<{}>

/**
 * One span for each request, with the statements, Redis commands and outgoing calls below it, exported by OTLP. Without
 * options the standard `OTEL_*` variables switch it on; what is not on loads nothing. From `kwik/tracing`.
 *
 * @throws {BootError} at boot, for an endpoint or ratio that cannot be meant, and where two copies of OpenTelemetry's API meet
 * @example
 * const app = new Elysia().use(tracing({ endpoint: 'http://collector:4318', ratio: 0.1 }))
 */
export function tracing(options?: TracingOptions): TracingPlugin {
  return definePlugin<TracingPlugin, TracingOptions | undefined>({
    name: 'tracing',
    options,
    keys: [],
    setup: () => {
      const { control } = options ?? {}
      if (control) control.read = true
      return control?.on || isOn(options) ? worksOf(resolveTracingOptions(options ?? {})) : {}
    },
  })
}

function worksOf(options: ResolvedTracingOptions): Works {
  refuseTwoCopies()
  if (!options.exporter) otlpTarget('traces', options)
  let logger: Logger = consoleLogger
  let app: BootedApp | undefined
  let telemetry: Telemetry | undefined
  let spans: RequestSpans | undefined
  let trouble: Error | undefined
  let watchesDatabase = false
  let isTraced = false
  const undo: (() => void)[] = []
  const isOurs = (): boolean => {
    const scope = currentScope()
    return scope === undefined || scope.app?.root === app?.root
  }

  const watchDatabase = (): void => {
    if (!telemetry || !options.queries || watchesDatabase || !app?.database?.observe) return
    watchesDatabase = true
    undo.push(app.database.observe(querySpans(telemetry, isOurs)))
  }
  let loading: Promise<void> | undefined
  const load = (): Promise<void> =>
    startTelemetry(options, () => logger).then(
      (started) => {
        telemetry = started
        spans = requestSpans(started, options, () => isTraced)
        if (options.redis) undo.push(redisSpans(started, isOurs))
        if (options.fetch) undo.push(fetchSpans(started, isOurs))
        watchDatabase()
        if (started.foreign)
          logger.info('tracing: OpenTelemetry was set up by somebody else in this process: spans go where that says')
      },
      (error: Error) => {
        trouble = error
        logger.error(error.message, { error })
      },
    )

  return {
    open: (scope) => spans?.begin(scope),
    // Requests that come before the library is there wait for it.
    admit: (scope) => {
      if (spans !== undefined) return
      return loading?.then(() => {
        spans?.begin(scope)
        if (trouble) return refuse('KWIK_TRACING_BROKEN')
      })
    },
    close: (scope, end) => {
      if (spans !== undefined) return spans.end(scope, end)
      // Refused before the library was there.
      void loading?.then(() => {
        spans?.begin(scope)
        spans?.end(scope, end)
      })
    },
    booted: (booted) => {
      app = booted
      logger = booted.logger
      isTraced = isTracedBySomebody(booted.root)
      watchDatabase()
      // Not before: an app that is refused must leave nothing behind.
      loading ??= load()
    },
    stop: async () => {
      await loading
      for (const one of undo.splice(0)) one()
      await telemetry?.stop()
    },
  }
}
