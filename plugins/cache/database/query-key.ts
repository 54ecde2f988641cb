import { createHash } from 'node:crypto'
import type { Dialect } from '#core/ports/database'

/** A statement with the values of its placeholders. */
export interface Statement {
  readonly text: string
  readonly parameters: readonly unknown[]
}

/**
 * The key of what a statement finds: its text, and its parameters with their types and lengths, so that `1` and `'1'`, or
 * `a, bc` and `ab, c`, are never taken for each other.
 *
 * @param scope whose rows they are, where that is no parameter: a tenant
 * @throws {TypeError} for a parameter that has no one text, such as a placeholder without a value
 */
export function queryKey({ text, parameters }: Statement, dialect: Dialect, scope: readonly string[] = []): string {
  const hash = createHash('sha256')
  hash.update(part('s', dialect)).update(part('s', text))
  for (const one of scope) hash.update(part('c', one))
  for (const [at, value] of parameters.entries()) hash.update(partOf(value, at))
  return `query:${hash.digest('base64url')}`
}

const part = (type: string, text: string): string => `${type}${text.length}:${text}`

function partOf(value: unknown, at: number): string {
  switch (typeof value) {
    case 'string':
      return part('s', value)
    case 'number':
      return part('n', Object.is(value, -0) ? '-0' : String(value))
    case 'bigint':
      return part('i', String(value))
    case 'boolean':
      return value ? 't' : 'f'
    case 'undefined':
      return 'u'
  }
  if (value === null) return '0'
  if (value instanceof Date) return part('d', String(value.getTime()))
  if (value instanceof Uint8Array) return part('b', Buffer.from(value).toString('base64'))
  if (Array.isArray(value)) return part('a', value.map((one) => partOf(one, at)).join(''))
  throw new TypeError(
    `cache.query: parameter ${at + 1} is neither text, number, date nor bytes: it cannot stand in a key`,
  )
}
