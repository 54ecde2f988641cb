import { opentelemetry } from '@elysiajs/opentelemetry'
import { context, propagation, trace } from '@opentelemetry/api'
import { type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { type AnyElysia, Elysia } from 'elysia'
import { core } from '#core/access'
import { stopGracefully } from '#core/lifecycle'
import { afterAll, describe, expect, sleep, test } from '#test'
import { openDatabase } from '../../../plugins/database/index.ts'
import { createLogger, logging } from '../../../plugins/logging/index.ts'
import { record, tracing } from '../../../plugins/tracing/index.ts'
import { keeping, named, seen } from './spans.ts'

const open = { public: true } as never

// One for the process, as in programs: the second call would take the first one's provider.
const spans: ReadableSpan[] = []
const theirs = opentelemetry({
  serviceName: 'theirs',
  spanProcessors: [
    new SimpleSpanProcessor({
      ...keeping().exporter,
      export: (batch, done) => {
        spans.push(...batch)
        done({ code: 0 })
      },
    }),
  ],
})

describe('beside @elysiajs/opentelemetry', () => {
  // Its SDK is the one of the process from then on: other tests need their own.
  afterAll(() => {
    for (const part of [trace, context, propagation]) part.disable()
  })

  for (const order of ['before', 'after'] as const)
    test(`used ${order} it, its span of a request is the parent of ours, and there is no second one`, async () => {
      spans.length = 0
      const db = openDatabase({ url: 'sqlite::memory:' })
      const lines: string[] = []
      const log = logging({ logger: createLogger({ write: (line) => void lines.push(line), format: 'json' }) })
      const ours = tracing({ exporter: keeping().exporter })
      const app = new Elysia().use(core({ signals: false, database: db, strict: false })).use(log)
      const both: AnyElysia = order === 'before' ? app.use(ours).use(theirs) : app.use(theirs).use(ours)
      const made = both.get(
        '/x',
        async () => {
          await db.values('select 1')
          return record('work', () => 'x')
        },
        open,
      )
      for (let n = 0; n < 3; n++) expect(await (await made.handle(new Request('http://localhost/x'))).text()).toBe('x')
      await sleep(20)
      await stopGracefully(made)
      await db.close()
      const all = spans.map(seen)
      const servers = all.filter(({ kind }) => kind === 1)
      expect(servers.length).toBe(3)
      const query = named(all, 'SELECT')
      const traces = new Set(servers.map(({ traceId }) => traceId))
      expect([traces.has(query.traceId), traces.has(named(all, 'work').traceId), query.parent === undefined]).toEqual([
        true,
        true,
        false,
      ])
      const line = JSON.parse(lines.find((text) => text.includes('kwik.access'))!)
      expect(traces.has(line.traceId)).toBe(true)
    })
})
