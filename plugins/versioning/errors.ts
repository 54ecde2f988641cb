import { defineProblems, type Refuse } from '#core/problem'

const kinds = {
  KWIK_VERSION_UNKNOWN: { status: 406, title: 'There is no such version of this API' },
  KWIK_VERSION_RETIRED: { status: 410, title: 'This version of the API is no longer served' },
  KWIK_VERSION_BROWNOUT: { status: 410, title: 'This version of the API is switched off for a while, as announced' },
  KWIK_VERSION_BODY_UNKNOWN: { status: 415, title: 'The body is in a version that this API does not know' },
  KWIK_VERSION_MIGRATION: { status: 500, title: 'A request of an older version could not be brought up to date' },
} as const

/** The problems of versioning. */
export const refuse: Refuse<typeof kinds> = defineProblems(kinds)
