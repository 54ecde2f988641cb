import { bytesIn, type Size } from '#core/internal/size'

/** How a body may be packed. */
export type Encoding = 'zstd' | 'br' | 'gzip'

/** Which answers are made smaller. */
export interface CompressionOptions {
  /** What is offered, the best first. @default ['zstd', 'br', 'gzip'], as far as the runtime has them */
  readonly encodings?: readonly Encoding[]
  /** Smaller bodies are left as they are. @default '1KB' */
  readonly threshold?: Size
  /**
   * Whether answers to signed-in callers are compressed too. Where such an answer has a secret beside something that a
   * stranger can choose, its length tells of the secret (BREACH): `false` leaves them as they are.
   * @default true
   */
  readonly signedIn?: boolean
}

/** Of a route: `false` leaves its answers as they are. */
export type RouteCompression = Pick<CompressionOptions, 'threshold' | 'signedIn'>

export interface ResolvedCompressionOptions {
  readonly encodings: readonly Encoding[]
  /** Bytes. */
  readonly threshold: number
  readonly signedIn: boolean
}

const known: readonly string[] = ['zstd', 'br', 'gzip'] satisfies Encoding[]

/**
 * @param available what the runtime has
 * @throws {TypeError} for an encoding or a size that is none
 */
export function resolveCompressionOptions(
  { encodings, threshold = '1KB', signedIn = true }: CompressionOptions,
  available: readonly Encoding[],
): ResolvedCompressionOptions {
  for (const one of encodings ?? [])
    if (!known.includes(one)) throw new TypeError(`compression: encodings are ${known.join(', ')}, not "${one}"`)
  return {
    encodings: (encodings ?? (known as Encoding[])).filter((one) => available.includes(one)),
    threshold: bytesIn(threshold),
    signedIn,
  }
}
