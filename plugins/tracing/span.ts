import type {
  Attributes,
  AttributeValue,
  Exception,
  Link,
  Span,
  SpanContext,
  SpanKind,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api'
import { redactText } from '#core/internal/redaction'

/** Seconds and nanoseconds, as OpenTelemetry has times. */
type HrTime = [number, number]

export interface SpanEvent {
  readonly name: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly attributes: Attributes
}

/** What a span is told to when it has ended. */
export interface SpanKeeper {
  /** `performance.now()` and this are milliseconds since 1970. */
  readonly offset: number
  readonly resource: Readonly<Record<string, unknown>>
  ended(span: RecordedSpan): void
}

/** Attributes and events of one span at most: what comes after them is left out. */
const most = 128

/**
 * A span that is recorded: OpenTelemetry's API to whoever works with it, and what the exporters of its SDK read
 * (`ReadableSpan`). Its values are taken as they are: who sets them is the program.
 */
export class RecordedSpan implements Span {
  name: string
  readonly kind: SpanKind
  readonly parentSpanContext: SpanContext | undefined
  readonly attributes: Attributes = {}
  readonly links: Link[]
  readonly instrumentationScope: { readonly name: string; readonly version?: string }
  readonly noted: SpanEvent[] = []
  status: SpanStatus = { code: 0 }
  /** Milliseconds since 1970. */
  readonly startedAt: number
  endedAt: number = Number.NaN
  readonly #context: SpanContext
  readonly #keeper: SpanKeeper
  #attributes = 0

  constructor(
    keeper: SpanKeeper,
    library: { readonly name: string; readonly version?: string },
    context: SpanContext,
    parent: SpanContext | undefined,
    name: string,
    kind: SpanKind,
    startedAt: number,
    links: Link[],
  ) {
    this.#keeper = keeper
    this.instrumentationScope = library
    this.#context = context
    this.parentSpanContext = parent
    this.name = name
    this.kind = kind
    this.startedAt = startedAt
    this.links = links
  }

  spanContext(): SpanContext {
    return this.#context
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (!(key in this.attributes) && ++this.#attributes > most) return this
    this.attributes[key] = value
    return this
  }

  setAttributes(attributes: Attributes): this {
    for (const key in attributes) {
      const value = attributes[key]
      if (value !== undefined) this.setAttribute(key, value)
    }
    return this
  }

  addEvent(name: string, given?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.noted.length >= most) return this
    const isTime = typeof given === 'number' || given instanceof Date || Array.isArray(given)
    const attributes = isTime ? {} : ((given as Attributes | undefined) ?? {})
    this.noted.push({ name, attributes, at: this.#msOf(isTime ? (given as TimeInput) : time) })
    return this
  }

  addLink(link: Link): this {
    if (this.links.length < most) this.links.push(link)
    return this
  }

  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link)
    return this
  }

  setStatus(status: SpanStatus): this {
    this.status = status
    return this
  }

  updateName(name: string): this {
    this.name = name
    return this
  }

  end(time?: TimeInput): void {
    if (!this.isRecording()) return
    this.endedAt = Math.max(this.startedAt, this.#msOf(time))
    this.#keeper.ended(this)
  }

  isRecording(): boolean {
    return Number.isNaN(this.endedAt)
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const { name, message, stack } =
      typeof exception === 'string' ? { name: 'Error', message: exception, stack: undefined } : exception
    this.addEvent(
      'exception',
      {
        'exception.type': name ?? 'Error',
        ...(message !== undefined && { 'exception.message': redactText(message) }),
        ...(stack !== undefined && { 'exception.stacktrace': redactText(stack) }),
      },
      time,
    )
  }

  // What the exporters of OpenTelemetry's SDK read beside it.

  get resource(): { readonly attributes: Readonly<Record<string, unknown>>; readonly asyncAttributesPending: false } {
    return { attributes: this.#keeper.resource, asyncAttributesPending: false }
  }
  get startTime(): HrTime {
    return hrTime(this.startedAt)
  }
  get endTime(): HrTime {
    return hrTime(this.endedAt)
  }
  get duration(): HrTime {
    return hrTime(this.endedAt - this.startedAt)
  }
  get ended(): boolean {
    return !this.isRecording()
  }
  get events(): { name: string; time: HrTime; attributes: Attributes; droppedAttributesCount: number }[] {
    return this.noted.map(({ name, at, attributes }) => ({
      name,
      time: hrTime(at),
      attributes,
      droppedAttributesCount: 0,
    }))
  }
  get droppedAttributesCount(): number {
    return Math.max(0, this.#attributes - most)
  }
  readonly droppedEventsCount = 0
  readonly droppedLinksCount = 0

  #msOf(time: TimeInput | undefined): number {
    return millisecondsOf(time, this.#keeper.offset)
  }
}

const hrTime = (ms: number): HrTime => {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)]
}

/** A time as OpenTelemetry takes it: a date, seconds and nanoseconds, or milliseconds since 1970 or of `performance.now()`. */
export function millisecondsOf(time: TimeInput | undefined, offset: number): number {
  if (time === undefined) return performance.now() + offset
  if (typeof time === 'number') return time < 1e11 ? time + offset : time
  return time instanceof Date ? time.getTime() : time[0] * 1000 + time[1] / 1e6
}
