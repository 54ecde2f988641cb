import process from 'node:process'
import type { Meter } from './meter.ts'

/** How often the loop is asked how late it is, in milliseconds. */
const every = 500

/** How late timers run: whatever computes without a pause holds up all requests. @returns how to stop it */
export function eventLoopMetrics(meter: Meter): () => void {
  const lag = meter.histogram('kwik.event_loop.lag', {
    unit: 's',
    description: 'How much later than asked for a timer runs.',
    bounds: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  })
  let due = performance.now() + every
  const timer: unknown = setInterval(() => {
    const now = performance.now()
    lag.record(Math.max(0, now - due) / 1000)
    due = now + every
  }, every)
  // An app that is done must not be kept by it.
  if (typeof timer === 'object') (timer as { unref(): void }).unref()
  meter.gauge('process.memory.usage', () => process.memoryUsage().rss, {
    unit: 'By',
    description: 'Memory that the process has.',
  })
  return () => clearInterval(timer as ReturnType<typeof setInterval>)
}
