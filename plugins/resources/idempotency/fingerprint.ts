import { createHash, type Hash } from 'node:crypto'
import type { Scope } from '#core/scope'
import { mediaTypeOf } from '../files/media.ts'

/** What a request asks for, in a form in which two requests can be compared: its texts, and files still to be read. */
export interface Asked {
  readonly hash: Hash
  readonly files: readonly Blob[]
}

/**
 * Takes in everything that makes two requests the same: order of an object's names does not matter, nor does their spelling.
 * Version and tenant are part of it (`scope.variant`): an answer is said again only to who would get one like it.
 */
export function asked({ request, variant }: Pick<Scope, 'request' | 'variant'>, body: unknown): Asked {
  const { pathname, search } = new URL(request.url)
  const files: Blob[] = []
  const hash = createHash('sha256').update(JSON.stringify([pathname, search, variant, ...typeOf(request)]))
  if (body instanceof ArrayBuffer) hash.update(new Uint8Array(body))
  else if (ArrayBuffer.isView(body)) hash.update(new Uint8Array(body.buffer, body.byteOffset, body.byteLength))
  else hash.update(canonical(body, files))
  return { hash, files }
}

/** The same text is another thing to do as a merge patch, or in another version. The boundary of a form is new each time. */
function typeOf({ headers }: Request): [type: string, version: string | null] {
  const header = headers.get('content-type')
  return [mediaTypeOf(header), /;\s*version\s*=\s*"?([^\s";]+)/i.exec(header ?? '')?.[1] ?? null]
}

/** The digest, files included. */
export async function digestOf({ hash, files }: Asked): Promise<string> {
  for (const file of files) for await (const chunk of file.stream()) hash.update(chunk)
  return hash.digest('base64url')
}

function canonical(body: unknown, files: Blob[]): string {
  const sorted = (_name: string, value: unknown): unknown => {
    if (value instanceof Blob) {
      files.push(value)
      return { file: 'name' in value ? value.name : '', type: value.type, size: value.size }
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  return JSON.stringify(body, sorted) ?? ''
}
