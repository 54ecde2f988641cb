import { consoleLogger } from '#core/adapters/console-logger'
import { anyValue, type KeyValue, keyValues, nanoseconds, resourceOf } from '#core/otlp/json'
import { otlpSender } from '#core/otlp/sender'
import { type OtlpOptions, otlpTarget } from '#core/otlp/target'
import type { LogLevel } from '#core/ports/logger'
import type { Entry, Sink } from '../sink.ts'

export interface OtlpSinkOptions extends OtlpOptions {
  /** Name of the service. @default OTEL_SERVICE_NAME */
  readonly service?: string
}

/** Entries that wait at most, and go in one delivery at most. */
const most = 4096
const batch = 512
/** How long an entry may wait for others, in milliseconds. */
const patience = 1000

const severities: Readonly<Record<LogLevel, number>> = { debug: 5, info: 9, warning: 13, error: 17, fatal: 21 }

/**
 * Lines to a collector by OTLP over HTTP, with the ids of their trace. From `kwik/logging`. A collector that is down or
 * slow costs memory for 4096 lines, then lines; they are counted, and a warning a minute says so on standard error.
 *
 * @throws {TypeError} for an endpoint that is none
 */
export function otlpSink(options: OtlpSinkOptions = {}): Sink {
  const sender = otlpSender({ signal: 'logs', target: otlpTarget('logs', options), logger: () => consoleLogger })
  const resource = keyValues(resourceOf(options.service))
  let waiting: object[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> | undefined
  let dropped = 0

  const deliver = async (): Promise<void> => {
    while (waiting.length > 0) {
      const now = waiting.slice(0, batch)
      waiting = waiting.slice(batch)
      const scopeLogs = [{ scope: { name: 'kwik' }, logRecords: now }]
      const body = JSON.stringify({ resourceLogs: [{ resource: { attributes: resource }, scopeLogs }] })
      if (!(await sender.send(body, now.length))) dropped += now.length
    }
  }
  const go = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    running ??= deliver().finally(() => {
      running = undefined
    })
    return running
  }

  return {
    entry(entry) {
      if (waiting.length >= most) {
        dropped++
        sender.lost(1, 'more lines came than it takes')
        return
      }
      waiting.push(recordOf(entry))
      if (waiting.length >= batch) void go()
      else if (timer === undefined) {
        timer = setTimeout(go, patience)
        if (typeof timer === 'object') timer.unref()
      }
    },
    get dropped() {
      return dropped
    },
    flush: async () => {
      await running
      await go()
    },
  }
}

function recordOf({ time, level, logger, message, fields }: Entry): object {
  const { traceId, spanId } = fields
  const at = nanoseconds(time)
  const attributes: KeyValue[] = [{ key: 'logger', value: { stringValue: logger } }]
  for (const key in fields)
    if (fields[key] !== undefined && key !== 'traceId' && key !== 'spanId')
      attributes.push({ key, value: anyValue(fields[key]) })
  const isTraced = typeof traceId === 'string' && typeof spanId === 'string'
  return {
    timeUnixNano: at,
    observedTimeUnixNano: at,
    severityNumber: severities[level],
    severityText: level,
    body: anyValue(message),
    attributes,
    traceId: isTraced ? traceId : undefined,
    spanId: isTraced ? spanId : undefined,
  }
}
