import { defineProblems, type ProblemError, type Refuse } from '#core/problem'

const kinds = {
  KWIK_TENANT_MISSING: { status: 400, title: 'The request does not say for which tenant it is' },
  KWIK_TENANT_INVALID: { status: 400, title: 'The request names what cannot be a tenant' },
} as const

/** The problems of tenants. */
export const refuse: Refuse<typeof kinds> = defineProblems(kinds)

export const missing = (how: string): ProblemError => refuse('KWIK_TENANT_MISSING', { detail: how })

export const malformed = (): ProblemError =>
  refuse('KWIK_TENANT_INVALID', { detail: 'A tenant has 1 to 100 characters, without spaces and commas.' })
