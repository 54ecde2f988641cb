import { serveObserved } from './observed.ts'

/** Tracing and metrics are there, and nothing asks for them. */
serveObserved({ logging: false })
