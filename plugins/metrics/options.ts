import { type Duration, milliseconds } from '#core/internal/duration'
import { isAskedFor, type OtlpOptions } from '#core/otlp/target'
import { Meter } from './meter.ts'

/** Who may read metrics over HTTP: one of the two must be said. */
export interface PrometheusOptions {
  /** @default '/metrics' */
  readonly path?: string
  /** The permission that a caller needs: `metrics:read`. */
  readonly permission?: string
  /** What a scraper sends as `Authorization: Bearer <token>`, 16 characters or more. Keep it in a setting. */
  readonly token?: string
}

/** What is measured, and where it goes. What is left out is read from the standard `OTEL_*` variables. */
export interface MetricsOptions extends OtlpOptions {
  /** Name of the service. @default OTEL_SERVICE_NAME */
  readonly service?: string
  /** Sends metrics to a collector by OTLP; by itself where an endpoint is said, here or by the standard variables. */
  readonly otlp?: boolean
  /** How often. @default '60s', or OTEL_METRIC_EXPORT_INTERVAL */
  readonly interval?: Duration
  /** Metrics as text, for Prometheus. */
  readonly prometheus?: PrometheusOptions
  /** The app's own instruments. @default a new meter */
  readonly meter?: Meter
}

export interface ResolvedMetricsOptions {
  readonly otlp: OtlpOptions | undefined
  /** Milliseconds. */
  readonly interval: number
  readonly service: string | undefined
  readonly prometheus: (PrometheusOptions & { readonly path: string }) | undefined
  readonly meter: Meter
}

type Env = Readonly<Record<string, string | undefined>>

/** Whether anybody wants metrics. */
export const isOn = (options: MetricsOptions | undefined, env: Env): boolean =>
  options !== undefined || isAskedFor('metrics', env)

/** @throws {TypeError} for metrics that anybody could read, and for a token that can be guessed */
export function resolveMetricsOptions(options: MetricsOptions, env: Env): ResolvedMetricsOptions {
  const { endpoint, headers, service, prometheus, meter = new Meter() } = options
  const { otlp = endpoint !== undefined || isAskedFor('metrics', env) } = options
  const said = Number(env['OTEL_METRIC_EXPORT_INTERVAL'])
  if (prometheus) checkGuard(prometheus)
  return {
    otlp: otlp ? { ...(endpoint !== undefined && { endpoint }), ...(headers && { headers }) } : undefined,
    interval: options.interval === undefined ? (said > 0 ? said : 60_000) : milliseconds(options.interval),
    service,
    prometheus: prometheus && { ...prometheus, path: prometheus.path ?? '/metrics' },
    meter,
  }
}

function checkGuard({ permission, token }: PrometheusOptions): void {
  if ((permission === undefined) === (token === undefined))
    throw new TypeError(
      'metrics: say who may read them: prometheus: { token } or prometheus: { permission }, one of the two',
    )
  if (token !== undefined && token.length < 16)
    throw new TypeError('metrics: the token has fewer than 16 characters: it could be guessed')
}
