import { databaseErrorIn } from '#core/database-error'
import { refuse as refuseByCore } from '#core/errors'
import { defineProblems, type ProblemError, type ProblemIssue, type Refuse } from '#core/problem'
import { fieldOf } from '#core/table/columns'

const kinds = {
  KWIK_ACCOUNTS_LOGIN_REFUSED: { status: 401, title: 'The e-mail address or the password is not right' },
  KWIK_ACCOUNTS_API_KEY_INVALID: { status: 401, title: 'The API key is not valid' },
  KWIK_ACCOUNTS_API_KEY_REFUSED: { status: 403, title: 'No API key may do this' },
  KWIK_ACCOUNTS_IMPERSONATED: { status: 403, title: 'Nobody may do this for somebody else' },
  KWIK_ACCOUNTS_IMPERSONATION_REFUSED: { status: 403, title: 'The caller may not act for this user' },
  KWIK_ACCOUNTS_TOKEN_REFUSED: { status: 401, title: 'The link is not good any more' },
  KWIK_ACCOUNTS_ESCALATION: { status: 403, title: 'Nobody may give what they do not have' },
  KWIK_ACCOUNTS_TAKEN: { status: 409, title: 'Another one has this already' },
  KWIK_ACCOUNTS_ROLE_IN_USE: { status: 409, title: 'Somebody has this role' },
  KWIK_ACCOUNTS_LAST_ADMIN: { status: 409, title: 'There must be an administrator' },
  KWIK_ACCOUNTS_DISABLED: { status: 409, title: 'The account is disabled' },
  KWIK_ACCOUNTS_NOT_IMPERSONATING: { status: 409, title: 'The caller acts for nobody' },
  KWIK_ACCOUNTS_API_KEY_LIMIT: { status: 409, title: 'The user has too many API keys' },
  KWIK_ACCOUNTS_API_KEY_OVER: { status: 409, title: 'The API key is not good any more' },
  KWIK_ACCOUNTS_THROTTLED: { status: 429, title: 'Too many wrong passwords' },
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

/** The same for a token that never was, was used, is too old, is for something else, or whose owner has changed since. */
export const tokenRefused = (): ProblemError =>
  refuse(
    'KWIK_ACCOUNTS_TOKEN_REFUSED',
    {
      detail: 'It was used, is too old, or something has changed since: ask for a new one.',
      errors: [{ code: 'token-refused', detail: 'cannot be used', pointer: '/token' }],
    },
    { 'www-authenticate': 'Bearer' },
  )

/** @param seconds until the next try */
export const throttled = (seconds: number): ProblemError =>
  refuse(
    'KWIK_ACCOUNTS_THROTTLED',
    {
      detail: `Try again in ${seconds} s.`,
      errors: [{ code: 'throttled', detail: 'too many wrong passwords for this account' }],
    },
    { 'retry-after': String(seconds) },
  )

export const wrongPassword = (pointer: string): ProblemError =>
  invalid([{ code: 'wrong-password', detail: 'is not your password', pointer }])

export function taken(field: string): ProblemError {
  const pointer = `/${field.slice(field.indexOf('.') + 1)}`
  const detail = `${field} already in use`
  return refuse('KWIK_ACCOUNTS_TAKEN', { detail, errors: [{ code: 'taken', detail: 'already in use', pointer }] })
}

/** For who may give roles in one tenant. */
export const onlyIn = (tenant: string): ProblemError =>
  refuse('KWIK_ACCOUNTS_ESCALATION', {
    detail: `The caller may give roles in the tenant ${tenant} only: say it in the body.`,
    errors: [{ code: 'out-of-tenant', detail: `must be ${tenant}`, pointer: '/tenant', allowed: [tenant] }],
  })

export const lastAdmin = (): ProblemError =>
  refuse('KWIK_ACCOUNTS_LAST_ADMIN', {
    detail: 'After this nobody active would hold every permission: make another administrator first.',
    errors: [{ code: 'last-admin', detail: 'is the last administrator' }],
  })

export const missing = (
  what: 'user' | 'role' | 'permission' | 'API key',
  id: string,
  parameter: 'id' | 'userId' | 'name' = 'id',
): ProblemError =>
  refuseByCore('KWIK_NOT_FOUND', {
    detail: `There is no ${what} with this ${parameter === 'name' ? 'name' : 'id'}.`,
    errors: [{ code: 'unknown-id', detail: `${id} is no ${what}`, parameter }],
  })

export const invalid = (errors: readonly ProblemIssue[]): ProblemError =>
  refuseByCore('KWIK_INVALID', { detail: 'The body does not fit its schema.', errors })

/**
 * Two that ask at once both find a value free: the database lets one have it, and the other one is told which. What else
 * goes wrong is told without the values of the statement: a password hash is among them.
 */
export async function unlessTaken<T>(usual: 'users.email' | 'roles.name', write: PromiseLike<T>): Promise<T> {
  try {
    return await write
  } catch (error) {
    const refused = databaseErrorIn(error)
    if (refused?.failure !== 'unique') throw refused ?? error
    // An app's own columns may be unique too.
    const [column] = refused.columns
    throw taken(column === undefined ? usual : `${usual.slice(0, usual.indexOf('.'))}.${fieldOf(column)}`)
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
