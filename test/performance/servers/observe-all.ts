import { createLogger, otlpSink, standardOutput } from 'kwik/logging'
import { serveObserved, startCollector } from './observed.ts'

/** A line a request to standard output and to a collector, a span for each, and metrics. */
const endpoint = await startCollector()
serveObserved({
  logging: { logger: createLogger({ format: 'json', sinks: [standardOutput(), otlpSink({ endpoint })] }) },
  tracing: { endpoint },
  metrics: { endpoint },
})
