import { defineProblems, type Refuse } from '#core/problem'

const kinds = {
  KWIK_RESOURCE_OUT_OF_SCOPE: { status: 403, title: 'The row would be out of reach' },
} as const

export const refuse: Refuse<typeof kinds> = defineProblems(kinds)
