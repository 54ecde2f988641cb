import { serveObserved } from './observed.ts'

/** One line a request. */
serveObserved({ logging: { format: 'json' }, tracing: false, metrics: false })
