import type { Instrument, Labels } from './instruments.ts'

/** Content type of the text. */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Metrics as Prometheus reads them.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @see https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 */
export function prometheusText(instruments: Iterable<Instrument>): string {
  const lines: string[] = []
  for (const instrument of instruments) {
    const name = prometheusName(instrument)
    if (instrument.description) lines.push(`# HELP ${name} ${instrument.description.replaceAll(/[\\\n]/g, ' ')}`)
    lines.push(`# TYPE ${name} ${typeOf(instrument)}`)
    if (instrument.kind === 'histogram')
      for (const { labels, counts, sum, count } of instrument.points()) {
        let below = 0
        for (const [at, bound] of instrument.bounds.entries()) {
          below += counts[at]!
          lines.push(`${name}_bucket${labelText({ ...labels, le: String(bound) })} ${below}`)
        }
        lines.push(`${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}`)
        lines.push(`${name}_sum${labelText(labels)} ${sum}`, `${name}_count${labelText(labels)} ${count}`)
      }
    else for (const { labels, value } of instrument.points()) lines.push(`${name}${labelText(labels)} ${value}`)
  }
  return `${lines.join('\n')}\n`
}

const units: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds', By: 'bytes', '1': 'ratio' }

/** The name of an instrument as Prometheus has it. */
export function prometheusName(
  instrument: Pick<Instrument, 'name' | 'unit'> & { kind: string; monotonic?: boolean },
): string {
  const bare = instrument.name.replaceAll(/[^A-Za-z0-9_:]/g, '_')
  const unit = units[instrument.unit]
  const whole = unit === undefined || bare.endsWith(`_${unit}`) ? bare : `${bare}_${unit}`
  return instrument.kind === 'sum' && instrument.monotonic && !whole.endsWith('_total') ? `${whole}_total` : whole
}

const typeOf = (instrument: Instrument): string =>
  instrument.kind === 'histogram'
    ? 'histogram'
    : instrument.kind === 'sum' && instrument.monotonic
      ? 'counter'
      : 'gauge'

function labelText(labels: Labels): string {
  const values = new Map<string, string>()
  for (const label in labels) {
    const name = label.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d|$)/, '_')
    const before = values.get(name)
    const value = escaped(String(labels[label]))
    // As OpenTelemetry has it for names that become one.
    values.set(name, before === undefined ? value : `${before};${value}`)
  }
  const parts = [...values].map(([name, value]) => `${name}="${value}"`)
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
