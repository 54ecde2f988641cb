import { Buffer } from 'node:buffer'
import type { Context, Span, SpanContext, SpanOptions, Tracer, TracerProvider } from '@opentelemetry/api'
import type { Api } from './adapters/library.ts'
import { millisecondsOf, RecordedSpan, type SpanKeeper } from './span.ts'

/** https://github.com/open-telemetry/opentelemetry-js: what is exported must not be traced itself. */
const suppressed = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

export interface ProviderOptions {
  /** The part of the traces that begin here which is recorded; what a parent says is followed. */
  readonly ratio: number
  readonly resource: Readonly<Record<string, unknown>>
  ended(span: RecordedSpan): void
}

/** Makes the spans of one app, for OpenTelemetry's API. */
export class SpanProvider implements TracerProvider, SpanKeeper {
  readonly resource: Readonly<Record<string, unknown>>
  readonly ended: (span: RecordedSpan) => void
  readonly #api: Api
  /** The random part of the first id that is not recorded; `undefined` where all are. */
  readonly #below: string | undefined
  readonly #tracers = new Map<string, Tracer>()
  #offset = 0
  #offsetUntil = 0

  constructor(api: Api, { ratio, resource, ended }: ProviderOptions) {
    this.#api = api
    this.#below =
      ratio >= 1
        ? undefined
        : Math.ceil(ratio * 2 ** 56)
            .toString(16)
            .padStart(14, '0')
    this.resource = resource
    this.ended = ended
  }

  getTracer(name: string, version?: string): Tracer {
    const key = `${name} ${version}`
    let tracer = this.#tracers.get(key)
    if (tracer === undefined) {
      tracer = this.#make({ name, ...(version !== undefined && { version }) })
      this.#tracers.set(key, tracer)
    }
    return tracer
  }

  /** Both clocks drift: they are compared every ten seconds, not for each span, so that spans of one request agree. */
  get offset(): number {
    const now = performance.now()
    if (now > this.#offsetUntil) {
      this.#offset = Date.now() - now
      this.#offsetUntil = now + 10_000
    }
    return this.#offset
  }

  #make(library: { readonly name: string; readonly version?: string }): Tracer {
    const { trace, context: contexts, INVALID_SPAN_CONTEXT } = this.#api
    const startSpan = (name: string, options: SpanOptions = {}, context: Context = contexts.active()): Span => {
      if (context.getValue(suppressed) === true) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
      const above = options.root ? undefined : trace.getSpanContext(context)
      const parent = above !== undefined && trace.isSpanContextValid(above) ? above : undefined
      const traceId = parent?.traceId ?? randomHex(32)
      const sampled = parent === undefined ? this.#isSampled(traceId) : (parent.traceFlags & 1) === 1
      const own = { traceId, spanId: randomHex(16), traceFlags: sampled ? 1 : 0 }
      const spanContext: SpanContext = parent?.traceState ? { ...own, traceState: parent.traceState } : own
      if (!sampled) return trace.wrapSpanContext(spanContext)
      const startedAt = millisecondsOf(options.startTime, this.offset)
      const links = options.links === undefined ? [] : [...options.links]
      const span = new RecordedSpan(this, library, spanContext, parent, name, options.kind ?? 0, startedAt, links)
      return options.attributes === undefined ? span : span.setAttributes(options.attributes)
    }
    const startActiveSpan = (name: string, ...given: unknown[]): unknown => {
      const run = given.pop() as (span: Span) => unknown
      const [options, context = contexts.active()] = given as [SpanOptions?, Context?]
      const span = startSpan(name, options, context)
      return contexts.with(trace.setSpan(context, span), run, undefined, span)
    }
    return { startSpan, startActiveSpan: startActiveSpan as Tracer['startActiveSpan'] }
  }

  /** By the random part of the id, so that all who see a trace decide alike. Digits of one length compare as their numbers do. */
  #isSampled(traceId: string): boolean {
    return this.#below === undefined || traceId.slice(18) < this.#below
  }
}

/** Random bytes are fetched many at once: each fetch costs more than an id. */
let pool = ''
let at = 0

function randomHex(digits: number): string {
  if (at + digits > pool.length) {
    pool = Buffer.from(crypto.getRandomValues(new Uint8Array(4096))).toString('hex')
    at = 0
  }
  at += digits
  const id = pool.slice(at - digits, at)
  // All zeros stand for no id at all.
  return /[1-9a-f]/.test(id) ? id : randomHex(digits)
}
