import { serveObserved, startCollector } from './observed.ts'

/** A line a request to standard output, a span for each and metrics to a collector. */
const endpoint = await startCollector()
serveObserved({ logging: { format: 'json' }, tracing: { endpoint }, metrics: { endpoint } })
