import { defineProblems, type Refuse } from '#core/problem'

const kinds = {
  KWIK_FILE_CONTENT: { status: 422, title: 'The file is not what it says it is' },
  KWIK_FILE_EMPTY: { status: 422, title: 'The file is empty' },
  KWIK_FILE_RANGE: { status: 416, title: 'The file has no such part' },
  KWIK_IDEMPOTENCY_KEY: { status: 400, title: 'The Idempotency-Key is missing or cannot be read' },
  KWIK_IDEMPOTENCY_LOST: { status: 409, title: 'A repeat of this request has taken its place' },
  KWIK_IDEMPOTENCY_MISMATCH: { status: 422, title: 'The Idempotency-Key came with another request before' },
  KWIK_IDEMPOTENCY_NOT_KEPT: { status: 409, title: 'This was done, and its answer was not kept' },
  KWIK_IDEMPOTENCY_RUNNING: { status: 409, title: 'A request with this Idempotency-Key has not ended' },
  KWIK_RESOURCE_OUT_OF_SCOPE: { status: 403, title: 'The row would be out of reach' },
  KWIK_RESOURCE_TAKEN: { status: 409, title: 'A value is already taken' },
  KWIK_RESOURCE_PRECONDITION: { status: 412, title: 'The row is not as the request expects it' },
  KWIK_RESOURCE_VERSION_MISSING: { status: 428, title: 'The request must say which version it means' },
} as const

export const refuse: Refuse<typeof kinds> = defineProblems(kinds)
