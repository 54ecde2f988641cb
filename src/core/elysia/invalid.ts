import type { ValueError } from '@sinclair/typebox/errors'
import { InvalidCookieSignature, InvalidFileType, ValidationError } from 'elysia'
import { refuse } from '../errors.ts'
import type { ProblemError } from '../problem.ts'
import { issuesOf } from '../schema.ts'

/** What Elysia's own checks throw, of a request or of an answer. */
export type Invalid = ValidationError | InvalidCookieSignature | InvalidFileType
export const isInvalid = (error: unknown): error is Invalid =>
  error instanceof ValidationError || error instanceof InvalidCookieSignature || error instanceof InvalidFileType

export function problemOfInvalid(error: Invalid): ProblemError {
  if (error instanceof InvalidCookieSignature)
    return refuse('KWIK_INVALID', {
      detail: 'A cookie is not the one that was set.',
      errors: [{ code: 'wrong-signature', detail: 'the signature is not right', parameter: error.key }],
    })
  if (error instanceof InvalidFileType)
    return refuse('KWIK_INVALID', {
      detail: 'The body does not fit its schema.',
      errors: [{ code: 'wrong-type', detail: 'the file is of another type', pointer: `/${error.property}` }],
    })
  return unfit(error as unknown as Unfit)
}

interface Unfit {
  readonly type: string
  readonly validator?: { Errors?(value: unknown): Iterable<ValueError> }
  readonly value?: unknown
}

function unfit(error: Unfit): ProblemError {
  if (error.type === 'response') return refuse('KWIK_RESPONSE_INVALID', { cause: error })
  const errors = error.validator?.Errors?.(error.value) ?? []
  if (error.type === 'body')
    return refuse('KWIK_INVALID', {
      detail: 'The body does not fit its schema.',
      errors: issuesOf(errors, (pointer) => ({ pointer })),
    })
  // Elysia reads a text as a number before it checks it, and does not say whose.
  if (error.type === 'property')
    return refuse('KWIK_INVALID', {
      detail: 'A number does not fit its schema.',
      errors: [{ code: 'invalid', detail: 'a number is too large, too small, or none' }],
    })
  const names = { params: 'path parameter', query: 'query parameter', headers: 'header', cookie: 'cookie' } as const
  const name = names[error.type as keyof typeof names] ?? error.type
  return refuse(error.type === 'query' ? 'KWIK_QUERY_INVALID' : 'KWIK_INVALID', {
    detail: `A ${name} does not fit its schema.`,
    errors: issuesOf(errors, (path) => ({ parameter: path.slice(1) })),
  })
}
