import type { FileStore } from '#core/ports/file-store'
import type { Actor } from '../actor.ts'
import { refuse } from '../errors.ts'
import type { ColumnWork } from './column-work.ts'
import { dispositionOf } from './disposition.ts'
import { hasTag, rangeOf } from './ranges.ts'

/** The file of a row as an answer: whole, a part of it (RFC 9110, 14), or that the client has it already. */
export async function download(key: unknown, actor: Actor, work: ColumnWork, files: FileStore): Promise<Response> {
  const { request } = actor
  const { name, known } = await work.open(key, actor)
  const { type, size, storedAt, filename } = known
  const { column } = work
  // A name is given once: it stands for these bytes and no others.
  const etag = `"${name.split('.', 1)[0]}"`
  const modified = new Date(Math.floor(storedAt / 1000) * 1000).toUTCString()
  const headers: Record<string, string> = {
    etag,
    'last-modified': modified,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
  }
  if (hasTag(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  const condition = request.headers.get('if-range')
  const isSame = condition === null || condition === etag || condition === modified
  const range = isSame ? rangeOf(request.headers.get('range'), size) : undefined
  if (range === 'none')
    throw refuse(
      'KWIK_FILE_RANGE',
      { detail: `The file has ${size} bytes.` },
      { 'content-range': `bytes */${size}`, 'accept-ranges': 'bytes' },
    )
  const body = await files.get(name, range)
  return new Response(body ?? null, {
    status: range === undefined ? 200 : 206,
    headers: {
      ...headers,
      ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
      'content-length': String(range === undefined ? size : range.end - range.start + 1),
      'content-type': type.startsWith('text/') ? `${type}; charset=utf-8` : type,
      'content-disposition': dispositionOf(
        column.isInline(type) ? 'inline' : 'attachment',
        filename ?? `${column.field.name}.${name.split('.')[1]}`,
      ),
      'x-content-type-options': 'nosniff',
      // Whatever is in it, it runs nothing here.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    },
  })
}
