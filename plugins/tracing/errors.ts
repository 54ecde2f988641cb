import { defineProblems, type Refuse } from '#core/problem'

const kinds = {
  KWIK_TRACING_BROKEN: { status: 500, title: 'This app is set up to be traced, and cannot be' },
} as const

export const refuse: Refuse<typeof kinds> = defineProblems(kinds)
