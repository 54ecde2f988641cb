export type { Counter, Histogram, Labels } from './instruments.ts'
export { type InstrumentOptions, Meter } from './meter.ts'
export type { MetricsOptions, PrometheusOptions } from './options.ts'
export { type MetricsPlugin, metrics } from './plugin.ts'
