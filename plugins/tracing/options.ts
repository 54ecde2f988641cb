import process from 'node:process'
import { isAskedFor, type OtlpOptions } from '#core/otlp/target'
import type { SpanExporter } from './batches.ts'
import type { TracingSwitch } from './switch.ts'

/** What is traced, and where spans go. What is left out is read from the standard `OTEL_*` variables. */
export interface TracingOptions extends OtlpOptions {
  /** Name of the service in all spans. @default OTEL_SERVICE_NAME */
  readonly service?: string
  /** Which part of the traces that begin here is recorded, from 0 to 1; a caller's own decision is followed. @default OTEL_TRACES_SAMPLER_ARG, else 1 */
  readonly ratio?: number
  /** Whether a valid `traceparent` of a caller is followed. Anybody may send one: with `false` every trace begins here. @default true */
  readonly followCallers?: boolean
  /** Spans for statements of the database. @default true */
  readonly queries?: boolean
  /** Spans for Redis commands: their names, never keys or values. @default true */
  readonly redis?: boolean
  /** Spans for outgoing `fetch`, which then carries `traceparent`; the global function is replaced while the app runs. @default true */
  readonly fetch?: boolean
  /** What of requests is written into spans beside route and status. Their values leave with the span. @default nothing */
  readonly record?: {
    readonly headers?: readonly string[]
    readonly query?: readonly string[]
  }
  /** Takes the finished spans in place of OTLP over HTTP: an exporter of OpenTelemetry's SDK, or your own. */
  readonly exporter?: SpanExporter
  /** Whether spans are wanted. @default yes, where any option is said; else what the standard variables say */
  readonly enabled?: boolean
  /** Lets tests switch tracing on. */
  readonly control?: TracingSwitch
}

export interface ResolvedTracingOptions extends TracingOptions {
  readonly ratio: number
  readonly followCallers: boolean
  readonly queries: boolean
  readonly redis: boolean
  readonly fetch: boolean
  readonly headers: Readonly<Record<string, string>>
  readonly shown: { readonly headers: readonly string[]; readonly query: readonly string[] }
}

type Env = Readonly<Record<string, string | undefined>>

/** Whether spans are wanted at all. The switch for tests alone asks for nothing. */
export function isOn(options: TracingOptions | undefined, env: Env = process.env): boolean {
  const { control, enabled, ...said } = options ?? {}
  if (enabled === false) return false
  if (enabled !== true && (options === undefined || (control !== undefined && Object.keys(said).length === 0)))
    return isAskedFor('traces', env)
  return env['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true'
}

/** @throws {TypeError} for a ratio that is none */
export function resolveTracingOptions(options: TracingOptions, env: Env = process.env): ResolvedTracingOptions {
  const {
    ratio = ratioOf(env),
    followCallers = true,
    queries = true,
    redis = true,
    fetch = true,
    record = {},
  } = options
  if (!(ratio >= 0 && ratio <= 1)) throw new TypeError(`tracing: ratio is a number from 0 to 1, not ${ratio}`)
  return {
    ...options,
    ratio,
    followCallers,
    queries,
    redis,
    fetch,
    headers: options.headers ?? {},
    shown: { headers: (record.headers ?? []).map((name) => name.toLowerCase()), query: record.query ?? [] },
  }
}

function ratioOf(env: Env): number {
  const sampler = env['OTEL_TRACES_SAMPLER'] ?? ''
  if (sampler.endsWith('always_off')) return 0
  if (!sampler.endsWith('traceidratio')) return 1
  const ratio = Number(env['OTEL_TRACES_SAMPLER_ARG'] ?? '1')
  return Number.isNaN(ratio) ? 1 : ratio
}
