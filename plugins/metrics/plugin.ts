import { createHash, timingSafeEqual } from 'node:crypto'
import process from 'node:process'
import type { AnyElysia } from 'elysia'
import { unauthenticated } from '#core/access'
import { consoleLogger } from '#core/adapters/console-logger'
import { keyValues, resourceOf } from '#core/otlp/json'
import { otlpSender } from '#core/otlp/sender'
import { otlpTarget } from '#core/otlp/target'
import { definePlugin, type KwikPlugin } from '#core/plugin'
import type { Logger } from '#core/ports/logger'
import type { Neighbours, Works } from '#core/works'
import { databaseMetrics } from './database.ts'
import { eventLoopMetrics } from './event-loop.ts'
import { isOn, type MetricsOptions, type ResolvedMetricsOptions, resolveMetricsOptions } from './options.ts'
import { metricsJson } from './otlp.ts'
import { prometheusText, prometheusType } from './prometheus.ts'
import { requestMetrics } from './requests.ts'

export type MetricsPlugin = KwikPlugin<{}>

/**
 * Durations and numbers of requests and statements, connections, the lag of the event loop, refusals: by OTLP, and as text
 * for Prometheus at a path that is guarded. From `kwik/metrics`.
 *
 * @throws {BootError} at boot, for metrics that anybody could read, and an endpoint that is none
 * @example
 * const app = new Elysia().use(metrics({ prometheus: { token: settings.current.metricsToken.reveal() } }))
 */
export function metrics(options?: MetricsOptions): MetricsPlugin {
  return definePlugin<MetricsPlugin, MetricsOptions | undefined>({
    name: 'metrics',
    options,
    keys: [],
    setup: (_, neighbours) =>
      isOn(options, process.env) ? worksOf(resolveMetricsOptions(options ?? {}, process.env), neighbours) : {},
  })
}

function worksOf(options: ResolvedMetricsOptions, neighbours: Neighbours): Works {
  const { meter, prometheus } = options
  const requests = requestMetrics(meter)
  let logger: Logger = consoleLogger
  let watches = false
  const undo: (() => void)[] = []
  const deliver = options.otlp && delivery(options, () => logger)
  return {
    ...requests,
    booted: (app) => {
      logger = app.logger
      meter.unread = (name, error) => logger.warning('A gauge cannot be read', { gauge: name, error })
      if (watches) return
      watches = true
      undo.push(eventLoopMetrics(meter))
      if (app.database) undo.push(databaseMetrics(meter, app.database))
      if (deliver) undo.push(repeat(options.interval, deliver.now))
    },
    ...(prometheus && { routes: (root) => addRoute(root, options, neighbours) }),
    stop: async () => {
      for (const one of undo.splice(0)) one()
      await deliver?.last()
    },
  }
}

function repeat(ms: number, run: () => Promise<unknown>): () => void {
  const timer: unknown = setInterval(() => void run(), ms)
  if (typeof timer === 'object') (timer as { unref(): void }).unref()
  return () => clearInterval(timer as ReturnType<typeof setInterval>)
}

interface Delivery {
  /** One at a time: what was measured meanwhile goes with the next. */
  now(): Promise<unknown>
  /** Everything, when the app ends. */
  last(): Promise<unknown>
}

function delivery(options: ResolvedMetricsOptions, logger: () => Logger): Delivery {
  const sender = otlpSender({ signal: 'metrics', target: otlpTarget('metrics', options.otlp), logger })
  const resource = keyValues(resourceOf(options.service))
  const startedAt = Date.now()
  let running: Promise<unknown> | undefined
  const now = (): Promise<unknown> => {
    if (running) return running
    const { body, count } = metricsJson(options.meter.instruments(), resource, startedAt, Date.now())
    running = sender.send(body, count).finally(() => {
      running = undefined
    })
    return running
  }
  return {
    now,
    last: async () => {
      await running
      await now()
    },
  }
}

function addRoute(root: AnyElysia, { prometheus, meter }: ResolvedMetricsOptions, { knows }: Neighbours): void {
  const { path, permission, token } = prometheus!
  if (permission !== undefined && !knows('permission'))
    throw new TypeError(
      `prometheus: { permission: '${permission}' } needs permissions: kwik({ permissions }), or a token`,
    )
  const guard = permission !== undefined ? { permission } : knows('public') ? { public: true } : {}
  root.get(
    path,
    ({ request, set }) => {
      if (token !== undefined && !isToken(request.headers.get('authorization'), token)) throw unauthenticated()
      set.headers['content-type'] = prometheusType
      set.headers['cache-control'] = 'no-store'
      return prometheusText(meter.instruments())
    },
    { ...guard, detail: { hide: true } } as never,
  )
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** In a time that says nothing of how much of it was right. */
const isToken = (header: string | null, token: string): boolean =>
  timingSafeEqual(digest((header ?? '').replace(/^bearer +/i, 'Bearer ')), digest(`Bearer ${token}`))
