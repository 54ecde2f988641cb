import { attributesJson, nanoseconds } from '#core/otlp/json'
import type { Instrument } from './instruments.ts'

/** A delivery of all metrics as OTLP's JSON, cumulative since `startedAt`. @returns the body and how many series are in it */
export function metricsJson(
  instruments: Iterable<Instrument>,
  resource: string,
  startedAt: number,
  now: number,
): { readonly body: string; readonly count: number } {
  const times = `"startTimeUnixNano":"${nanoseconds(startedAt)}","timeUnixNano":"${nanoseconds(now)}"`
  let count = 0
  const metrics: string[] = []
  for (const instrument of instruments) {
    const points = [...pointsOf(instrument, times)]
    count += points.length
    if (points.length === 0) continue
    const { name, unit, description } = instrument
    metrics.push(
      `{"name":${JSON.stringify(name)},"unit":${JSON.stringify(unit)},"description":${JSON.stringify(description)},${dataOf(instrument, points)}}`,
    )
  }
  const scope = `{"scope":{"name":"kwik"},"metrics":[${metrics.join(',')}]}`
  return { body: `{"resourceMetrics":[{"resource":{"attributes":${resource}},"scopeMetrics":[${scope}]}]}`, count }
}

function* pointsOf(instrument: Instrument, times: string): Iterable<string> {
  if (instrument.kind === 'histogram')
    for (const { labels, counts, sum, count } of instrument.points())
      yield `{"attributes":${attributesJson(labels)},${times},"count":"${count}","sum":${sum},"bucketCounts":[${counts
        .map((one) => `"${one}"`)
        .join(',')}],"explicitBounds":${JSON.stringify(instrument.bounds)}}`
  else
    for (const { labels, value } of instrument.points())
      yield `{"attributes":${attributesJson(labels)},${times},"asDouble":${Number.isFinite(value) ? value : 0}}`
}

function dataOf(instrument: Instrument, points: readonly string[]): string {
  const data = `"dataPoints":[${points.join(',')}]`
  if (instrument.kind === 'gauge') return `"gauge":{${data}}`
  if (instrument.kind === 'sum')
    return `"sum":{${data},"aggregationTemporality":2,"isMonotonic":${instrument.monotonic}}`
  return `"histogram":{${data},"aggregationTemporality":2}`
}
