import type { FileRange } from '#core/ports/file-store'

/**
 * The part that a `Range` header asks for: `undefined` for the whole, `'none'` for one that lies outside. Several parts, and
 * what is no range of bytes, are answered with the whole (RFC 9110, 14.2).
 */
export function rangeOf(header: string | null, size: number): FileRange | 'none' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'none' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= size) return 'none'
  return { start, end: Math.min(last === '' ? size - 1 : Number(last), size - 1) }
}

/** Whether a list of entity tags has this one; weak ones are as good where nothing is put together (RFC 9110, 8.8.3.2). */
export const hasTag = (header: string | null, etag: string): boolean =>
  header?.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag) ?? false
