import { tracingChannel } from 'node:diagnostics_channel'
import type { Span } from '@opentelemetry/api'
import type { Telemetry } from './adapters/telemetry.ts'

/** What node-redis publishes of a command, or of commands that are sent together. */
interface Published {
  readonly command?: string
  readonly args?: readonly unknown[]
  readonly batchMode?: string
  readonly batchSize?: number
  error?: unknown
}

/**
 * A client span for each command of node-redis, whoever sends it, through the channels that it publishes by itself. Its
 * own masking shows the arguments of EVAL and many others: here the name alone is shown, and how many arguments there are.
 *
 * @returns how to stop it
 */
export function redisSpans({ api, tracer, recording }: Telemetry, isOurs: () => boolean): () => void {
  const open = new WeakMap<object, Span>()
  const handlers = {
    start(message: object) {
      const parent = recording()
      if (parent === undefined || !isOurs()) return
      const { command, args, batchMode, batchSize } = message as Published
      const name = (command ?? batchMode ?? 'BATCH').toUpperCase().slice(0, 64)
      const asked = args === undefined ? name : `${name}${' ?'.repeat(Math.min(args.length - 1, 20))}`
      open.set(
        message,
        tracer.startSpan(
          name,
          {
            kind: api.SpanKind.CLIENT,
            attributes: {
              'db.system.name': 'redis',
              'db.operation.name': name,
              'db.query.text': asked,
              ...(batchSize !== undefined && { 'db.operation.batch.size': batchSize }),
            },
          },
          parent,
        ),
      )
    },
    end() {},
    asyncStart() {},
    asyncEnd(message: object) {
      open.get(message)?.end()
      open.delete(message)
    },
    error(message: object) {
      const span = open.get(message)
      if (!span) return
      // The first word of what Redis says is its kind: WRONGTYPE, NOSCRIPT.
      const [type] = /^[A-Z]{2,32}\b/.exec(String((message as { error?: Error }).error?.message)) ?? []
      span.setStatus({ code: api.SpanStatusCode.ERROR })
      span.setAttribute('error.type', type ?? 'Error')
      if (type !== undefined) span.setAttribute('db.response.status_code', type)
    },
  }
  const channels = ['node-redis:command', 'node-redis:batch'].map((name) => tracingChannel<object, object>(name))
  for (const channel of channels) channel.subscribe(handlers)
  return () => {
    for (const channel of channels) channel.unsubscribe(handlers)
  }
}
