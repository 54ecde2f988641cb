import { defineProblems, type Refuse } from '#core/problem'

const kinds = {
  KWIK_DATABASE_TAKEN: { status: 409, title: 'A value that must be unique is taken' },
  KWIK_DATABASE_REFERENCED: { status: 409, title: 'Something else still refers to this' },
  KWIK_DATABASE_REFERENCE: { status: 422, title: 'A reference points at nothing' },
  KWIK_DATABASE_VALUE: { status: 422, title: 'The database does not take a value' },
  KWIK_DATABASE_BUSY: { status: 503, title: 'Too many changes at the same time' },
  KWIK_QUERY_TIMEOUT: { status: 503, title: 'The database took too long' },
} as const

/** What the database refuses. Its own messages, SQL and values stay in the log. */
export const refuse: Refuse<typeof kinds> = defineProblems(kinds)
