import type { Context, Span, Tracer } from '@opentelemetry/api'
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { currentCollector } from '#core/collecting'
import { currentScope } from '#core/context'
import { attributesJson, resourceOf } from '#core/otlp/json'
import { otlpSender } from '#core/otlp/sender'
import { isAskedFor, otlpTarget } from '#core/otlp/target'
import type { Logger } from '#core/ports/logger'
import { contextSlot, ScopeContexts } from '../contexts.ts'
import type { ResolvedTracingOptions } from '../options.ts'
import { spansJson } from '../span-json.ts'
import { type Library, loadLibrary } from './library.ts'

/** OpenTelemetry at work for one app. */
export interface Telemetry {
  readonly api: Library['api']
  readonly tracer: Tracer
  /** Whether somebody else has set OpenTelemetry up in this process: spans go where that says. */
  readonly foreign: boolean
  /** The context of the caller: that of the request it runs in, or of a span inside it. */
  active(): Context
  /** The span that the caller runs in, when its trace is recorded. */
  recording(): Context | undefined
  /** Sends what was not sent, and gives back what it took of the process. */
  stop(): Promise<void>
}

/** How long the last spans may take to leave when the app stops, in milliseconds. */
const farewell = 3000

/** @throws {Error} when the library is missing, or spans would be lost */
export async function startTelemetry(options: ResolvedTracingOptions, logger: () => Logger): Promise<Telemetry> {
  const library = await loadLibrary()
  const { api } = library
  const known = delegateOf(library)
  const provider = known === undefined ? providerFor(library, options, logger) : undefined
  const release = provider && register(library, provider)
  const tracer = provider?.getTracer('kwik') ?? api.trace.getTracer('kwik')
  const active = (): Context => {
    const context = api.context.active()
    if (api.trace.getSpan(context) !== undefined) return context
    return currentScope()?.get(contextSlot) ?? context
  }
  testItself(library, release !== undefined, tracer)
  return {
    api,
    tracer,
    foreign: known !== undefined,
    active,
    recording() {
      const context = active()
      const span = api.trace.getSpan(context)
      return span !== undefined && (span.spanContext().traceFlags & 1) === 1 ? context : undefined
    },
    async stop() {
      release?.()
      if (provider) await within(farewell, provider.shutdown())
    },
  }
}

type Delegating = { getDelegate?(): { getTracer(name: string): Tracer } }

/** The provider that somebody has registered before. */
function delegateOf({ api }: Library): object | undefined {
  const proxy = api.trace.getTracerProvider() as Delegating
  const delegate = proxy.getDelegate?.() ?? proxy
  return delegate.constructor.name === 'NoopTracerProvider' ? undefined : delegate
}

type Provider = InstanceType<Library['sdk']['BasicTracerProvider']>

function providerFor(library: Library, options: ResolvedTracingOptions, logger: () => Logger): Provider {
  const { sdk } = library
  const exporter = options.exporter ?? otlpExporter(library, options, logger)
  const processors: SpanProcessor[] = [collectingProcessor()]
  if (exporter) processors.push(new sdk.BatchSpanProcessor(exporter))
  return new sdk.BasicTracerProvider({
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(options.ratio) }),
    spanProcessors: processors,
  })
}

/** Makes the provider the one of the process, for `trace.getTracer()` anywhere. @returns how to undo it; `undefined` where another app is */
function register({ api, core }: Library, provider: Provider): (() => void) | undefined {
  if (!api.trace.setGlobalTracerProvider(provider)) return undefined
  const contexts = api.context.setGlobalContextManager(new ScopeContexts(api.ROOT_CONTEXT))
  const propagation = api.propagation.setGlobalPropagator(new core.W3CTraceContextPropagator())
  return () => {
    api.trace.disable()
    if (contexts) api.context.disable()
    if (propagation) api.propagation.disable()
  }
}

/** A span that says it is recorded, and is not, would be found by nobody: the app would look well and leave no traces. */
function testItself({ api }: Library, registered: boolean, tracer: Tracer): void {
  const parent = api.trace.setSpanContext(api.ROOT_CONTEXT, {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    isRemote: true,
  })
  const isLost = (span: Span): boolean => !span.isRecording()
  // Never ended, so never exported.
  const own = tracer.startSpan('kwik self-test', {}, parent)
  const global = api.trace.getTracer('kwik self-test').startSpan('kwik self-test', {}, parent)
  if (isLost(own) || (registered && isLost(global)))
    throw new Error(
      'tracing: a span that should be recorded is not: @opentelemetry/api and @opentelemetry/sdk-trace-base do not fit. ' +
        'Let all packages use one API: bun add --exact @opentelemetry/api@1.9.0 @opentelemetry/sdk-trace-base@2.0.0',
    )
}

/** Hands spans to the test in whose flow they ended. */
const collectingProcessor = (): SpanProcessor => ({
  onStart() {},
  onEnd: (span) => currentCollector()?.span(span),
  forceFlush: async () => {},
  shutdown: async () => {},
})

/** OTLP over HTTP as JSON. `undefined` where only a test switched tracing on. */
function otlpExporter(
  { core }: Library,
  options: ResolvedTracingOptions,
  logger: () => Logger,
): SpanExporter | undefined {
  if (options.control?.on && options.endpoint === undefined && !isAskedFor('traces')) return undefined
  const sender = otlpSender({ signal: 'traces', target: otlpTarget('traces', options), logger })
  const resource = attributesJson(resourceOf(options.service))
  let last: Promise<unknown> = Promise.resolve()
  return {
    export(spans: ReadableSpan[], done) {
      // What is lost is reported by the sender: the processor would print it to the console, once for each delivery.
      last = sender.send(spansJson(spans, resource), spans.length)
      void last.then(() => done({ code: core.ExportResultCode.SUCCESS }))
    },
    forceFlush: () => last.then(() => {}),
    shutdown: () => last.then(() => {}),
  }
}

async function within(ms: number, done: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([done.catch(() => {}), late])
  clearTimeout(timer)
}
