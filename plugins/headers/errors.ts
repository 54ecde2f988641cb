import { defineProblems, type Refuse } from '#core/problem'

const kinds = {
  KWIK_HOST_NOT_ALLOWED: { status: 421, title: 'This server does not answer for this host' },
} as const

export const refuse: Refuse<typeof kinds> = defineProblems(kinds)
