import { AsyncLocalStorage } from 'node:async_hooks'

/** A log line as it was written, for tests: redacted, with the request it belongs to. */
export interface CollectedLine {
  readonly level: string
  readonly logger: string
  readonly message: string
  readonly [field: string]: unknown
}

/** What a test collects of all that its flow does. */
export interface Collector {
  line(line: CollectedLine): void
  /** A finished span, as OpenTelemetry's SDK has it. */
  span(span: unknown): void
}

const storage = new AsyncLocalStorage<Collector>()
/** An app that no test looks at pays nothing. */
const seen = { any: false }

/** Runs with a collector: what the flow logs and traces is handed to it too. */
export function collecting<T>(collector: Collector, run: () => T): T {
  seen.any = true
  return storage.run(collector, run)
}

export const currentCollector = (): Collector | undefined => (seen.any ? storage.getStore() : undefined)
