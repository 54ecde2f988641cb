import { refuse } from '#core/errors'
import type { ProblemError } from '#core/problem'
import { invalid } from './errors.ts'

/** Characters of an Authorization header that are looked at; ours have some 400. */
const longest = 4096

const form = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** Whether a text has the form of a token of ours. */
export const isToken = (text: string): boolean => text.length <= longest && form.test(text)

/**
 * The token in an Authorization header: `null` when it has another scheme, a problem when it cannot be a token of ours.
 * It costs the same however long the header is (RFC 6750, 2.1; RFC 7515, 7.1).
 */
export function bearerToken(header: string): string | ProblemError | null {
  if (!isBearer(header)) return null
  // Fetch joins headers of one name by a comma, and no token has one.
  const token = header.slice(7).trim()
  if (isToken(token)) return token
  return header.slice(0, longest).includes(',') ? ambiguous() : invalid()
}

/** Without making a lower-case copy of each header. */
const isBearer = (header: string): boolean =>
  header.startsWith('Bearer ') || header.slice(0, 7).toLowerCase() === 'bearer '

const ambiguous = (): ProblemError =>
  refuse(
    'KWIK_CREDENTIALS_AMBIGUOUS',
    {
      detail: 'Send one Authorization header.',
      errors: [{ code: 'repeated', detail: 'was sent more than once', parameter: 'Authorization' }],
    },
    { 'www-authenticate': 'Bearer error="invalid_request"' },
  )
