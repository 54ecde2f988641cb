import { serveObserved, startCollector } from './observed.ts'

/** Tracing of which no request is recorded. */
serveObserved({ logging: false, metrics: false, tracing: { endpoint: await startCollector(), ratio: 0 } })
