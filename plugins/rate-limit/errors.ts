import { defineProblems, type Refuse } from '#core/problem'

const kinds = {
  KWIK_RATE_LIMITED: { status: 429, title: 'Too many requests' },
} as const

export const refuse: Refuse<typeof kinds> = defineProblems(kinds)
