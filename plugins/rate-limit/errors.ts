import { defineProblems, type Refuse } from '#core/problem'

const kinds = {
  KWIK_RATE_LIMITED: { status: 429, title: 'Too many requests' },
  KWIK_RATE_LIMIT_COST: { status: 400, title: 'The request asks for more than ever passes at once' },
} as const

export const refuse: Refuse<typeof kinds> = defineProblems(kinds)
