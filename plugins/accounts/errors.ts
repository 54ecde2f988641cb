import { databaseErrorIn } from '#core/database-error'
import { refuse as refuseByCore } from '#core/errors'
import { defineProblems, type ProblemError, type ProblemIssue, type Refuse } from '#core/problem'

const kinds = {
  KWIK_ACCOUNTS_LOGIN_REFUSED: { status: 401, title: 'The e-mail address or the password is not right' },
  KWIK_ACCOUNTS_ESCALATION: { status: 403, title: 'Nobody may give what they do not have' },
  KWIK_ACCOUNTS_TAKEN: { status: 409, title: 'Another one has this already' },
  KWIK_ACCOUNTS_ROLE_IN_USE: { status: 409, title: 'Somebody has this role' },
  KWIK_ACCOUNTS_LAST_ADMIN: { status: 409, title: 'There must be an administrator' },
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

export const missing = (what: 'user' | 'role', id: string): ProblemError =>
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
