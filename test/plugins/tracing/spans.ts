import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import { stopGracefully } from '#core/lifecycle'
import type { Database } from '#core/ports/database'
import { createLogger, logging } from '../../../plugins/logging/index.ts'
import { type TracingOptions, tracing } from '../../../plugins/tracing/index.ts'

/** A span as tests look at it. */
export interface Seen {
  readonly name: string
  readonly kind: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly traceId: string
  readonly spanId: string
  readonly parent: string | undefined
  readonly status: number
  readonly events: readonly string[]
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly ms: number
  readonly links: readonly string[]
}

export const seen = (span: ReadableSpan): Seen => ({
  name: span.name,
  kind: span.kind,
  attributes: span.attributes,
  traceId: span.spanContext().traceId,
  spanId: span.spanContext().spanId,
  parent: span.parentSpanContext?.spanId,
  status: span.status.code,
  events: span.events.map((event) => JSON.stringify(event)),
  startedAt: span.startTime[0] * 1000 + span.startTime[1] / 1e6,
  ms: span.duration[0] * 1000 + span.duration[1] / 1e6,
  links: span.links.map((link) => link.context.traceId),
})

/** Keeps what is exported. */
export function keeping() {
  const spans: ReadableSpan[] = []
  return {
    spans,
    exporter: {
      export: (batch: ReadableSpan[], done: (result: { code: number }) => void) => {
        spans.push(...batch)
        done({ code: 0 })
      },
      shutdown: async () => {},
    },
  }
}

interface Made {
  readonly options?: TracingOptions
  readonly database?: Database
}

/** Runs with a traced app, and answers the spans that it has made when it is stopped. */
export async function traced(
  build: (app: AnyElysia) => AnyElysia,
  run: (ask: (path: string, init?: RequestInit) => Promise<Response>, app: AnyElysia, lines: string[]) => Promise<void>,
  { options = {}, database }: Made = {},
): Promise<Seen[]> {
  const { spans, exporter } = keeping()
  const lines: string[] = []
  const app = build(
    new Elysia()
      .use(core({ signals: false, ...(database && { database }) }))
      .use(
        logging({ logger: createLogger({ write: (line) => void lines.push(line), format: 'json', level: 'debug' }) }),
      )
      .use(tracing({ exporter, ...options })),
  )
  try {
    await run(async (path, init) => app.handle(new Request(`http://localhost${path}`, init)), app, lines)
  } finally {
    await stopGracefully(app)
  }
  return spans.map(seen)
}

export const named = (spans: readonly Seen[], name: string): Seen => {
  const found = spans.find((span) => span.name === name)
  if (!found) throw new Error(`no span ${name} in ${spans.map((span) => span.name).join(', ')}`)
  return found
}
