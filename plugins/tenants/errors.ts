import { defineProblems, type ProblemError, type Refuse } from '#core/problem'

const kinds = {
  KWIK_TENANT_MISSING: { status: 400, title: 'The request does not say for which tenant it is' },
  KWIK_TENANT_INVALID: { status: 400, title: 'The request names what cannot be a tenant' },
  KWIK_TENANT_FOREIGN: { status: 403, title: 'The caller does not belong to this tenant' },
} as const

/** The problems of tenants. */
export const refuse: Refuse<typeof kinds> = defineProblems(kinds)

export const missing = (how: string): ProblemError => refuse('KWIK_TENANT_MISSING', { detail: how })

export const malformed = (): ProblemError =>
  refuse('KWIK_TENANT_INVALID', { detail: 'A tenant has 1 to 100 characters, without spaces and commas.' })

/** The same for a tenant that is not there: whether it is, is not the caller's to know. */
export const foreign = (): ProblemError =>
  refuse('KWIK_TENANT_FOREIGN', {
    detail: 'The caller has no role in the tenant that the request is for.',
    errors: [{ code: 'tenant-foreign', detail: 'is no tenant of the caller' }],
  })
