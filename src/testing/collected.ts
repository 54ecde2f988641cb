import type { CollectedLine, Collector } from '#core/collecting'
import type { RecordedSpan } from '../../plugins/tracing/index.ts'

/** The lines that a test's flow has logged, as they were written: without secrets. */
export interface CollectedLog {
  readonly lines: readonly CollectedLine[]
  /** The access lines among them. */
  readonly access: readonly CollectedLine[]
  /** The messages of one category, or of all but access lines. @param logger `shop.orders` */
  messages(logger?: string): readonly string[]
}

/** A finished span. */
export interface CollectedSpan {
  readonly name: string
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  readonly traceId: string
  readonly spanId: string
  /** The span above it. */
  readonly parentId: string | undefined
  readonly attributes: Readonly<Record<string, unknown>>
  readonly failed: boolean
  /** Milliseconds. */
  readonly duration: number
}

/** The spans that a test's flow has made. */
export interface CollectedTraces {
  readonly spans: readonly CollectedSpan[]
  /** The first span of a name. @throws {TypeError} naming the spans that there are */
  span(name: string): CollectedSpan
  /** Names, each below the one that it belongs to. */
  tree(): string
}

const kinds = ['internal', 'server', 'client', 'producer', 'consumer'] as const

/** Collects for one test. */
export function collector(): { into: Collector; log: CollectedLog; traces: CollectedTraces } {
  const lines: CollectedLine[] = []
  const spans: CollectedSpan[] = []
  return {
    into: { line: (line) => void lines.push(line), span: (span) => void spans.push(collected(span as RecordedSpan)) },
    log: {
      lines,
      get access() {
        return lines.filter(({ logger }) => logger === 'kwik.access')
      },
      messages: (wanted) =>
        lines
          .filter(({ logger }) => (wanted === undefined ? logger !== 'kwik.access' : logger === wanted))
          .map(({ message }) => message),
    },
    traces: {
      spans,
      span(name) {
        const found = spans.find((span) => span.name === name)
        if (found) return found
        throw new TypeError(`no span "${name}"; there are: ${spans.map((span) => span.name).join(', ') || 'none'}`)
      },
      tree: () => treeOf(spans, undefined, ''),
    },
  }
}

function treeOf(spans: readonly CollectedSpan[], parent: string | undefined, indent: string): string {
  const known = new Set(spans.map(({ spanId }) => spanId))
  return spans
    .filter(({ parentId }) =>
      parent === undefined ? parentId === undefined || !known.has(parentId) : parentId === parent,
    )
    .map(({ name, spanId }) => `${indent}${name}\n${treeOf(spans, spanId, `${indent}  `)}`)
    .join('')
}

function collected(span: RecordedSpan): CollectedSpan {
  const { traceId, spanId } = span.spanContext()
  return {
    name: span.name,
    kind: kinds[span.kind] ?? 'internal',
    traceId,
    spanId,
    parentId: span.parentSpanContext?.spanId,
    attributes: span.attributes,
    failed: span.status.code === 2,
    duration: span.endedAt - span.startedAt,
  }
}
