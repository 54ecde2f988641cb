import { defineProblems, type Refuse } from '#core/problem'

const kinds = {
  KWIK_SEARCH_UNAVAILABLE: { status: 503, title: 'The list cannot be searched yet' },
} as const

export const refuse: Refuse<typeof kinds> = defineProblems(kinds)
