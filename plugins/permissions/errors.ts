import { defineProblems, type Refuse } from '#core/problem'

const kinds = {
  KWIK_FORBIDDEN: { status: 403, title: 'The caller may not do this' },
} as const

/** The problems of permissions. */
export const refuse: Refuse<typeof kinds> = defineProblems(kinds)
