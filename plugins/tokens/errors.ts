import { defineProblems, type ProblemError, type Refuse } from '#core/problem'

const kinds = {
  KWIK_TOKEN_INVALID: { status: 401, title: 'The access token is not valid' },
  KWIK_TOKEN_EXPIRED: { status: 401, title: 'The access token has expired' },
  KWIK_TOKEN_REFRESH: { status: 401, title: 'The refresh token is not valid' },
  KWIK_CROSS_SITE: { status: 403, title: 'Another site may not send this' },
} as const

/** The problems of tokens. What exactly is wrong with a token is never said: it would help whoever forges one. */
export const refuse: Refuse<typeof kinds> = defineProblems(kinds)

/** RFC 6750, 3: the scheme says what went wrong. */
const challenge = (description: string): Record<string, string> => ({
  'www-authenticate': `Bearer error="invalid_token", error_description="${description}"`,
})

export const invalid = (): ProblemError =>
  refuse(
    'KWIK_TOKEN_INVALID',
    {
      detail: 'Sign in again to get a new one.',
      errors: [{ code: 'token-invalid', detail: 'is not valid', ...place }],
    },
    challenge('The access token is not valid'),
  )

export const expired = (): ProblemError =>
  refuse(
    'KWIK_TOKEN_EXPIRED',
    { detail: 'Sign in again to get a new one.', errors: [{ code: 'token-expired', detail: 'has expired', ...place }] },
    challenge('The access token expired'),
  )

/** One answer for every reason: unknown, forged, used, expired, revoked. */
export const refreshRefused = (): ProblemError =>
  refuse('KWIK_TOKEN_REFRESH', {
    detail: 'Sign in again.',
    errors: [{ code: 'token-invalid', detail: 'is not valid', pointer: '/refreshToken' }],
  })

export const crossSite = (): ProblemError =>
  refuse('KWIK_CROSS_SITE', {
    detail:
      'A page of another origin may not use the cookies of this one. Name its origin in refresh.trustedOrigins to allow it.',
  })

const place = { parameter: 'Authorization' } as const
