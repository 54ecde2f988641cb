import process from 'node:process'
import type { RecordedSpan } from './span.ts'

/** Takes finished spans. The exporters of OpenTelemetry's SDK fit. */
export interface SpanExporter {
  /** An exporter says which spans it takes: `RecordedSpan[]`, or the `ReadableSpan[]` of the SDK, whose fields they have. */
  export(spans: never[], done: (result: { code: number }) => void): void
  forceFlush?(): Promise<void>
  shutdown(): Promise<void>
}

/** Collects finished spans and hands them on together; what does not fit is counted, nobody waits. */
export interface Batches {
  add(span: RecordedSpan): void
  /** Hands on all that there are, and ends. */
  close(): Promise<void>
}

type Env = Readonly<Record<string, string | undefined>>

/** @param lost is told how many spans did not fit */
export function batchesTo(exporter: SpanExporter, lost: (count: number) => void, env: Env = process.env): Batches {
  const said = (name: string, byDefault: number): number => {
    const value = Number(env[name])
    return value > 0 ? value : byDefault
  }
  const delay = said('OTEL_BSP_SCHEDULE_DELAY', 5000)
  const most = said('OTEL_BSP_MAX_QUEUE_SIZE', 2048)
  const size = Math.min(said('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512), most)
  let waiting: RecordedSpan[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> | undefined

  const one = (): Promise<void> =>
    new Promise((done) => {
      const now = waiting.length <= size ? waiting : waiting.slice(0, size)
      waiting = waiting.length <= size ? [] : waiting.slice(size)
      try {
        exporter.export(now as never[], () => done())
      } catch {
        lost(now.length)
        done()
      }
    })
  const deliver = async (least: number): Promise<void> => {
    while (waiting.length >= least) await one()
  }
  const go = (least: number): void => {
    clearTimeout(timer)
    timer = undefined
    running ??= deliver(least).finally(() => {
      running = undefined
      if (waiting.length > 0) later()
    })
  }
  const later = (): void => {
    if (timer !== undefined) return
    timer = setTimeout(() => go(1), delay)
    if (typeof timer === 'object') timer.unref()
  }

  return {
    add(span) {
      if (waiting.length >= most) return lost(1)
      waiting.push(span)
      if (waiting.length >= size) go(size)
      else later()
    },
    async close() {
      await running
      clearTimeout(timer)
      await deliver(1)
      await exporter.forceFlush?.()
      await exporter.shutdown()
    },
  }
}
