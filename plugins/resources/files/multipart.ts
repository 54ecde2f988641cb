import { refuse } from '#core/errors'
import type { ProblemError } from '#core/problem'
import { filenameIn } from './disposition.ts'
import { mediaTypeOf } from './media.ts'

/** The one file of a form. */
export interface FilePart {
  readonly type: string
  readonly filename: string | undefined
  readonly content: AsyncIterable<Uint8Array>
}

/** Bytes of the headers of a part. */
export const headersLimit = 8192

const malformed = (detail: string): ProblemError => refuse('KWIK_BODY_MALFORMED', { detail })

/** The boundary of a form, as its Content-Type says it (RFC 2046, 5.1.1). */
export function boundaryOf(contentType: string): string {
  const [, quoted, token] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(contentType) ?? []
  const boundary = quoted ?? token
  if (boundary === undefined) throw malformed('The Content-Type of the form has no boundary.')
  return boundary
}

/** Reads a form that is one file, piece by piece: what is not yet asked for stays with the client (RFC 7578). */
export async function filePartOf(source: AsyncIterable<Uint8Array>, boundary: string): Promise<FilePart> {
  const reader = new PieceReader(source)
  try {
    return await opened(reader, boundary)
  } catch (error) {
    await reader.stop()
    throw error
  }
}

async function opened(reader: PieceReader, boundary: string): Promise<FilePart> {
  const opening = Buffer.from(`--${boundary}\r\n`)
  const start = await reader.upTo(opening, headersLimit)
  if (start === undefined || (start.byteLength > 0 && !start.subarray(-2).equals(lineEnd)))
    throw malformed('The form does not begin with its boundary.')
  const headers = await reader.upTo(headersEnd, headersLimit)
  if (headers === undefined) throw malformed('The headers of the file do not end.')
  const text = headers.toString('utf8')
  const header = (name: string): string | null => new RegExp(`^${name}:\\s*(.*?)\\s*$`, 'im').exec(text)?.[1] ?? null
  const disposition = header('content-disposition')
  if (disposition === null || !/;\s*filename\*?=/i.test(disposition))
    throw malformed('Send the file alone in its form: a part without a filename is none.')
  return {
    type: mediaTypeOf(header('content-type')) || 'application/octet-stream',
    filename: filenameIn(disposition),
    content: contentOf(reader, Buffer.from(`\r\n--${boundary}`)),
  }
}

const lineEnd: Buffer = Buffer.from('\r\n')
const headersEnd: Buffer = Buffer.from('\r\n\r\n')

async function* contentOf(reader: PieceReader, closing: Buffer): AsyncIterable<Uint8Array> {
  try {
    yield* reader.before(closing)
    const after = await reader.take(2)
    if (after.equals(lineEnd)) throw malformed('Send one file in a form, and nothing beside it.')
    if (after.toString('latin1') !== '--') throw malformed('The form does not end with its boundary.')
    await reader.rest()
  } finally {
    await reader.stop()
  }
}

/** Looks for marks in a stream without holding more of it than a mark is long. */
class PieceReader {
  private readonly pieces: AsyncIterator<Uint8Array>
  private held: Buffer = Buffer.alloc(0)
  private over = false

  constructor(source: AsyncIterable<Uint8Array>) {
    this.pieces = source[Symbol.asyncIterator]()
  }

  /** What stands before a mark, which is passed; `undefined` when it is not within `limit` bytes. */
  async upTo(mark: Buffer, limit: number): Promise<Buffer | undefined> {
    for (;;) {
      const at = this.held.indexOf(mark)
      if (at !== -1) {
        const before = this.held.subarray(0, at)
        this.held = this.held.subarray(at + mark.byteLength)
        return at > limit ? undefined : before
      }
      if (this.held.byteLength > limit || !(await this.more())) return undefined
    }
  }

  /** Everything before a mark, as it comes; the mark is passed. */
  async *before(mark: Buffer): AsyncIterable<Uint8Array> {
    for (;;) {
      const at = this.held.indexOf(mark)
      if (at !== -1) {
        if (at > 0) yield this.held.subarray(0, at)
        this.held = this.held.subarray(at + mark.byteLength)
        return
      }
      // The mark may have begun in what is held.
      const safe = this.held.byteLength - mark.byteLength + 1
      if (safe > 0) {
        yield this.held.subarray(0, safe)
        this.held = this.held.subarray(safe)
      }
      if (!(await this.more())) throw malformed('The form broke off.')
    }
  }

  async take(bytes: number): Promise<Buffer> {
    while (this.held.byteLength < bytes && (await this.more()));
    return this.held.subarray(0, bytes)
  }

  /** What follows the last boundary means nothing, and the connection goes on behind it. */
  async rest(): Promise<void> {
    do this.held = Buffer.alloc(0)
    while (await this.more())
  }

  /** Lets go of the source: nobody reads on. */
  async stop(): Promise<void> {
    await this.pieces.return?.()
  }

  private async more(): Promise<boolean> {
    if (this.over) return false
    const { done, value } = await this.pieces.next()
    if (done) {
      this.over = true
      return false
    }
    this.held = this.held.byteLength === 0 ? Buffer.from(value) : Buffer.concat([this.held, value])
    return true
  }
}
