/** What a caller says of its trace (W3C Trace Context). */
export interface RemoteParent {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const zeros = /^0+$/

/**
 * Reads a `traceparent`; anything but its exact form is none: capital letters, ids of zeros, the version `ff`. Of later
 * versions the parts that this one has are read.
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
export function parentIn(header: string | null): RemoteParent | undefined {
  if (header === null || header.length > 512) return undefined
  const [, version, traceId, spanId, flags, more] = form.exec(header) ?? []
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined
  if (zeros.test(traceId!) || zeros.test(spanId!)) return undefined
  return { traceId: traceId!, spanId: spanId!, traceFlags: Number.parseInt(flags!, 16) & 1 }
}

export const parentText = ({ traceId, spanId, traceFlags }: RemoteParent): string =>
  `00-${traceId}-${spanId}-${(traceFlags & 1) === 1 ? '01' : '00'}`
