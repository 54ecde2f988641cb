import { databaseErrorIn } from '#core/database-error'
import { refuse as refuseByCore } from '#core/errors'
import { defineProblems, type ProblemError, type ProblemIssue, type Refuse } from '#core/problem'

const kinds = {
  KWIK_ACCOUNTS_LOGIN_REFUSED: { status: 401, title: 'The e-mail address or the password is not right' },
  KWIK_ACCOUNTS_API_KEY_INVALID: { status: 401, title: 'The API key is not valid' },
  KWIK_ACCOUNTS_API_KEY_REFUSED: { status: 403, title: 'No API key may do this' },
  KWIK_ACCOUNTS_IMPERSONATED: { status: 403, title: 'Nobody may do this for somebody else' },
  KWIK_ACCOUNTS_IMPERSONATION_REFUSED: { status: 403, title: 'The caller may not act for this user' },
  KWIK_ACCOUNTS_ESCALATION: { status: 403, title: 'Nobody may give what they do not have' },
  KWIK_ACCOUNTS_TAKEN: { status: 409, title: 'Another one has this already' },
  KWIK_ACCOUNTS_ROLE_IN_USE: { status: 409, title: 'Somebody has this role' },
  KWIK_ACCOUNTS_LAST_ADMIN: { status: 409, title: 'There must be an administrator' },
  KWIK_ACCOUNTS_DISABLED: { status: 409, title: 'The account is disabled' },
  KWIK_ACCOUNTS_NOT_IMPERSONATING: { status: 409, title: 'The caller acts for nobody' },
  KWIK_ACCOUNTS_API_KEY_LIMIT: { status: 409, title: 'The user has too many API keys' },
  KWIK_ACCOUNTS_API_KEY_OVER: { status: 409, title: 'The API key is not good any more' },
  KWIK_ACCOUNTS_BUSY: { status: 503, title: 'Too many passwords are being checked' },
} as const

/** The problems of accounts. */
export const refuse: Refuse<typeof kinds> = defineProblems(kinds)

/** The same for an unknown address, a wrong password and a disabled user. */
export const loginRefused = (): ProblemError =>
  refuse(
    'KWIK_ACCOUNTS_LOGIN_REFUSED',
    { detail: 'Check both and try again.', errors: [{ code: 'login-refused', detail: 'cannot sign in with these' }] },
    { 'www-authenticate': 'Bearer' },
  )

export function taken(field: 'users.email' | 'roles.name'): ProblemError {
  const pointer = `/${field.slice(field.indexOf('.') + 1)}`
  const detail = `${field} already in use`
  return refuse('KWIK_ACCOUNTS_TAKEN', { detail, errors: [{ code: 'taken', detail: 'already in use', pointer }] })
}

export const lastAdmin = (): ProblemError =>
  refuse('KWIK_ACCOUNTS_LAST_ADMIN', {
    detail: 'After this nobody active would hold every permission: make another administrator first.',
    errors: [{ code: 'last-admin', detail: 'is the last administrator' }],
  })

export const missing = (what: 'user' | 'role' | 'API key', id: string): ProblemError =>
  refuseByCore('KWIK_NOT_FOUND', {
    detail: `There is no ${what} with this id.`,
    errors: [{ code: 'unknown-id', detail: `${id} is no ${what}`, parameter: 'id' }],
  })

export const invalid = (errors: readonly ProblemIssue[]): ProblemError =>
  refuseByCore('KWIK_INVALID', { detail: 'The body does not fit its schema.', errors })

/** Two that ask at once both find a value free: the database lets one have it, and the other one is told which. */
export async function unlessTaken<T>(field: 'users.email' | 'roles.name', write: PromiseLike<T>): Promise<T> {
  try {
    return await write
  } catch (error) {
    throw databaseErrorIn(error)?.failure === 'unique' ? taken(field) : error
  }
}

export const apiKeyOver = (): ProblemError =>
  refuse('KWIK_ACCOUNTS_API_KEY_OVER', {
    detail: 'It was revoked or replaced, or it has expired: make a new one.',
    errors: [{ code: 'over', detail: 'is not good any more', parameter: 'id' }],
  })

export const tooManyApiKeys = (most: number): ProblemError =>
  refuse('KWIK_ACCOUNTS_API_KEY_LIMIT', {
    detail: `A user may have ${most} good keys: revoke one first.`,
    errors: [{ code: 'too-many', detail: `has ${most} keys already` }],
  })
