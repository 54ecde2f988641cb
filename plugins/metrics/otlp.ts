import { type KeyValue, keyValues, nanoseconds } from '#core/otlp/json'
import type { Instrument } from './instruments.ts'

/** A delivery of all metrics as OTLP's JSON, cumulative since `startedAt`. @returns the body and how many series are in it */
export function metricsJson(
  instruments: Iterable<Instrument>,
  resource: readonly KeyValue[],
  startedAt: number,
  now: number,
): { readonly body: string; readonly count: number } {
  const times = { startTimeUnixNano: nanoseconds(startedAt), timeUnixNano: nanoseconds(now) }
  let count = 0
  const metrics: object[] = []
  for (const instrument of instruments) {
    const dataPoints = [...pointsOf(instrument, times)]
    count += dataPoints.length
    if (dataPoints.length === 0) continue
    const { name, unit, description } = instrument
    metrics.push({ name, unit, description, ...dataOf(instrument, dataPoints) })
  }
  const scopeMetrics = [{ scope: { name: 'kwik' }, metrics }]
  return { body: JSON.stringify({ resourceMetrics: [{ resource: { attributes: resource }, scopeMetrics }] }), count }
}

function* pointsOf(instrument: Instrument, times: object): Iterable<object> {
  if (instrument.kind === 'histogram')
    for (const { labels, counts, sum, count } of instrument.points())
      yield {
        attributes: keyValues(labels),
        ...times,
        count: String(count),
        sum,
        bucketCounts: [...counts].map(String),
        explicitBounds: instrument.bounds,
      }
  else
    for (const { labels, value } of instrument.points())
      yield { attributes: keyValues(labels), ...times, asDouble: Number.isFinite(value) ? value : 0 }
}

function dataOf(instrument: Instrument, dataPoints: readonly object[]): object {
  if (instrument.kind === 'gauge') return { gauge: { dataPoints } }
  const data = { dataPoints, aggregationTemporality: 2 }
  return instrument.kind === 'sum' ? { sum: { ...data, isMonotonic: instrument.monotonic } } : { histogram: data }
}
