import type { Context, Span, Tracer } from '@opentelemetry/api'
import { currentCollector } from '#core/collecting'
import { currentScope } from '#core/context'
import { keyValues, resourceOf } from '#core/otlp/json'
import { otlpSender } from '#core/otlp/sender'
import { isAskedFor, otlpTarget } from '#core/otlp/target'
import type { Logger } from '#core/ports/logger'
import { type Batches, batchesTo, type SpanExporter } from '../batches.ts'
import { contextOf, ScopeContexts } from '../contexts.ts'
import type { ResolvedTracingOptions } from '../options.ts'
import { w3cPropagator } from '../propagator.ts'
import type { RecordedSpan } from '../span.ts'
import { spansJson } from '../span-json.ts'
import { SpanProvider } from '../tracer.ts'
import { type Api, loadApi } from './library.ts'

/** OpenTelemetry at work for one app. */
export interface Telemetry {
  readonly api: Api
  readonly tracer: Tracer
  /** Whether somebody else has set OpenTelemetry up in this process: spans go where that says. */
  readonly foreign: boolean
  /** The context of the caller: that of the request it runs in, or of a span inside it. */
  active(): Context
  /** The context that the caller runs in, when its trace is recorded. */
  recording(): Context | undefined
  /** Sends what was not sent, and gives back what it took of the process. */
  stop(): Promise<void>
}

/** How long the last spans may take to leave when the app stops, in milliseconds. */
const farewell = 3000

/** @throws {Error} when the library is missing, or spans would be lost */
export async function startTelemetry(options: ResolvedTracingOptions, logger: () => Logger): Promise<Telemetry> {
  const api = await loadApi()
  const foreign = isSetUp(api)
  const batches = foreign ? undefined : batchesFor(options, logger)
  const provider = foreign ? undefined : providerFor(api, options, batches)
  const release = provider && register(api, provider)
  const tracer = provider?.getTracer('kwik') ?? api.trace.getTracer('kwik')
  const active = (): Context => {
    const context = api.context.active()
    if (api.trace.getSpan(context) !== undefined) return context
    const scope = currentScope()
    return (scope && contextOf(api, scope)) ?? context
  }
  testItself(api, tracer, release !== undefined)
  return {
    api,
    tracer,
    foreign,
    active,
    recording() {
      const scope = currentScope()
      // What is not recorded needs no context.
      if (scope?.trace !== undefined && !scope.trace.sampled) return undefined
      const context = active()
      const span = api.trace.getSpanContext(context)
      return span !== undefined && (span.traceFlags & 1) === 1 ? context : undefined
    },
    async stop() {
      release?.()
      if (batches) await within(farewell, batches.close())
    },
  }
}

/** Whether a provider was registered before. */
function isSetUp({ trace }: Api): boolean {
  const proxy = trace.getTracerProvider() as { getDelegate?(): object }
  const provider = proxy.getDelegate?.() ?? proxy
  return provider.constructor.name !== 'NoopTracerProvider'
}

function providerFor(api: Api, { ratio, service }: ResolvedTracingOptions, batches: Batches | undefined): SpanProvider {
  const ended = (span: RecordedSpan): void => {
    currentCollector()?.span(span)
    batches?.add(span)
  }
  return new SpanProvider(api, { ratio, resource: resourceOf(service), ended })
}

/** Makes the provider the one of the process, for `trace.getTracer()` anywhere. @returns how to undo it; `undefined` where another app is */
function register(api: Api, provider: SpanProvider): (() => void) | undefined {
  if (!api.trace.setGlobalTracerProvider(provider)) return undefined
  const contexts = api.context.setGlobalContextManager(new ScopeContexts(api))
  const propagation = api.propagation.setGlobalPropagator(w3cPropagator(api))
  return () => {
    api.trace.disable()
    if (contexts) api.context.disable()
    if (propagation) api.propagation.disable()
  }
}

/** A span that should be recorded, and is not, would be found by nobody: the app would look well and leave no traces. */
function testItself(api: Api, tracer: Tracer, registered: boolean): void {
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
      'tracing: a span that should be recorded is not: what was registered with @opentelemetry/api is of another version of it. ' +
        'Let all packages use one: bun add --exact @opentelemetry/api@1.9.0, and "overrides" in package.json',
    )
}

/** `undefined` where only a test switched tracing on. */
function batchesFor(options: ResolvedTracingOptions, logger: () => Logger): Batches | undefined {
  const { exporter, control, endpoint, enabled } = options
  if (exporter) return batchesTo(exporter, () => {})
  if (control?.on && endpoint === undefined && enabled === undefined && !isAskedFor('traces')) return undefined
  const sender = otlpSender({ signal: 'traces', target: otlpTarget('traces', options), logger })
  const resource = keyValues(resourceOf(options.service))
  const otlp: SpanExporter = {
    export: (spans, done) => void sender.send(spansJson(spans, resource), spans.length).then(() => done({ code: 0 })),
    shutdown: async () => {},
  }
  return batchesTo(otlp, (count) => sender.lost(count, 'more spans came than it takes'))
}

async function within(ms: number, done: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([done.catch(() => {}), late])
  clearTimeout(timer)
}
