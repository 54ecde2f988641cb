import { serveObserved } from './observed.ts'

/** Nothing is watched, and the parts that could watch are not there. */
serveObserved({ logging: false, tracing: false, metrics: false })
