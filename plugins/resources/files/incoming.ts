import { refuse as refuseByCore } from '#core/errors'
import { ProblemError } from '#core/problem'
import { scopeOf } from '#core/scope'
import { refuse } from '../errors.ts'
import { filenameIn } from './disposition.ts'
import { fitsType, headSize, mediaTypeOf } from './media.ts'
import { boundaryOf, filePartOf, headersLimit } from './multipart.ts'
import type { FileColumn } from './options.ts'

/** A file on its way in. */
export interface Incoming {
  readonly type: string
  readonly filename?: string | undefined
  readonly content: AsyncIterable<Uint8Array>
}

/**
 * The file of a request, whose type and announced length may be: not a byte of a refused one is read.
 * @throws {ProblemError} KWIK_BODY_TOO_LARGE, KWIK_BODY_TYPE, KWIK_BODY_MALFORMED
 */
export async function incomingOf(request: Request, column: FileColumn): Promise<Incoming> {
  const header = request.headers.get('content-type')
  const isForm = mediaTypeOf(header) === 'multipart/form-data'
  const length = request.headers.get('content-length')
  if (length !== null && Number(length) > column.maxBytes + (isForm ? 2 * headersLimit : 0)) throw tooLarge(column)
  if (!isForm) {
    const type = mediaTypeOf(header)
    checkType(type, column)
    return {
      type,
      filename: filenameIn(request.headers.get('content-disposition')),
      content: piecesOf(request, length),
    }
  }
  const part = await filePartOf(piecesOf(request, length), boundaryOf(header!))
  checkType(part.type, column)
  return part
}

/** @throws {ProblemError} KWIK_BODY_TYPE */
export function checkType(type: string, { field, types }: FileColumn): void {
  if (types.includes(type)) return
  throw refuseByCore(
    'KWIK_BODY_TYPE',
    { detail: `${field.name} takes ${types.join(', ')}: as the body itself, or as the one file of a form.` },
    { accept: types.join(', ') },
  )
}

/** The bytes, refused as soon as they are too many or not of their type. */
export async function* checked({ type, content }: Incoming, column: FileColumn): AsyncIterable<Uint8Array> {
  let size = 0
  let head: Buffer | undefined = Buffer.alloc(0)
  for await (const piece of content) {
    size += piece.byteLength
    if (size > column.maxBytes) throw tooLarge(column)
    if (head === undefined) yield piece
    else {
      head = Buffer.concat([head, piece])
      if (head.byteLength < headSize) continue
      checkHead(type, head, column)
      yield head
      head = undefined
    }
  }
  if (size === 0 && !column.empty) throw empty(column)
  if (head === undefined || size === 0) return
  checkHead(type, head, column)
  yield head
}

function checkHead(type: string, head: Uint8Array, { field }: FileColumn): void {
  if (fitsType(type, head.subarray(0, headSize))) return
  throw refuse('KWIK_FILE_CONTENT', {
    detail: `What was sent for ${field.name} is no ${type}.`,
    errors: [{ code: 'wrong-content', detail: `is no ${type}`, pointer: `/${field.name}` }],
  })
}

/** A request's body piece by piece, as far as somebody asks for it. What is not read when they stop is never read. */
async function* piecesOf(request: Request, length: string | null): AsyncGenerator<Uint8Array> {
  if (request.body === null) return
  const scope = scopeOf(request)
  const { signal } = scope
  const reader = request.body.getReader()
  const leave = (): void => void reader.cancel().catch(() => {})
  signal.addEventListener('abort', leave, { once: true })
  let size = 0
  scope.reading = true
  try {
    for (;;) {
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) break
      size += value.byteLength
      yield value
    }
    if (length !== null && Number(length) !== size) throw new Error(`${size} of ${length} bytes came`)
  } catch (error) {
    if (error instanceof ProblemError) throw error
    throw refuseByCore('KWIK_BODY_MALFORMED', { detail: 'The body broke off.', cause: error })
  } finally {
    scope.reading = false
    signal.removeEventListener('abort', leave)
    leave()
  }
}

const tooLarge = ({ field, maxBytes }: FileColumn): ProblemError =>
  refuseByCore('KWIK_BODY_TOO_LARGE', { detail: `${field.name} may have ${maxBytes} bytes.` }, { connection: 'close' })

const empty = ({ field }: FileColumn): ProblemError =>
  refuse('KWIK_FILE_EMPTY', {
    detail: `${field.name} needs a file with something in it.`,
    errors: [{ code: 'empty', detail: `${field.name} is empty`, pointer: `/${field.name}` }],
  })
