import { defineProblems, type Refuse } from '#core/problem'

const kinds = {
  KWIK_EXPORT_TOO_LARGE: { status: 400, title: 'More rows fit than one export may have' },
  KWIK_SEARCH_UNAVAILABLE: { status: 503, title: 'The list cannot be searched yet' },
} as const

export const refuse: Refuse<typeof kinds> = defineProblems(kinds)
