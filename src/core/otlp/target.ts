import process from 'node:process'

/** What is exported by OTLP. */
export type Signal = 'traces' | 'metrics' | 'logs'

/** Where a signal goes, as options say it; the standard `OTEL_*` variables fill in what they leave out. */
export interface OtlpOptions {
  /** Base URL of the collector: `http://collector:4318`. @default OTEL_EXPORTER_OTLP_ENDPOINT, else http://localhost:4318 */
  readonly endpoint?: string
  /** Headers of each delivery, such as a key of the collector. @default OTEL_EXPORTER_OTLP_HEADERS */
  readonly headers?: Readonly<Record<string, string>>
}

export interface OtlpTarget {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds that a delivery may take. */
  readonly timeout: number
}

type Env = Readonly<Record<string, string | undefined>>

/** Whether the standard variables ask for a signal: an endpoint is set, or the exporter `otlp` is. */
export function isAskedFor(signal: Signal, env: Env = process.env): boolean {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false
  const exporter = env[`OTEL_${signal.toUpperCase()}_EXPORTER`]
  if (exporter !== undefined && exporter !== '') return exporter.split(',').includes('otlp')
  return Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`])
}

/**
 * Where a signal goes.
 * @throws {TypeError} for an endpoint that is no URL, and for a protocol other than OTLP over HTTP
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function otlpTarget(signal: Signal, options: OtlpOptions = {}, env: Env = process.env): OtlpTarget {
  const said = (name: string): string | undefined =>
    env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${name}`] || env[`OTEL_EXPORTER_OTLP_${name}`] || undefined
  const protocol = options.endpoint === undefined ? said('PROTOCOL') : undefined
  if (protocol?.startsWith('grpc'))
    throw new TypeError(
      `${signal}: Kwik speaks OTLP over HTTP, not ${protocol}: give the collector's HTTP endpoint (port 4318) and OTEL_EXPORTER_OTLP_PROTOCOL=http/json`,
    )
  const whole = options.endpoint === undefined ? env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`] : undefined
  const base = options.endpoint ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? 'http://localhost:4318'
  const url = whole || `${base.replace(/\/+$/, '')}/v1/${signal}`
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new TypeError(`${signal}: the endpoint is no URL of a collector: write http://host:4318`)
  return {
    url,
    headers: { ...headersIn(said('HEADERS')), ...options.headers },
    timeout: positive(said('TIMEOUT')) ?? 10_000,
  }
}

/** `key=value,other=value`, values percent-encoded (W3C Baggage). */
export function headersIn(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').flatMap((pair) => {
    const at = pair.indexOf('=')
    return at < 1 ? [] : [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())] as const]
  })
  return Object.fromEntries(pairs)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text)
  return text !== undefined && value > 0 ? value : undefined
}
