import { defineProblems, type Refuse } from '#core/problem'

const kinds = {
  KWIK_IDEMPOTENCY_KEY: { status: 400, title: 'The Idempotency-Key is missing or cannot be read' },
  KWIK_IDEMPOTENCY_LOST: { status: 409, title: 'A repeat of this request has taken its place' },
  KWIK_IDEMPOTENCY_MISMATCH: { status: 422, title: 'The Idempotency-Key came with another request before' },
  KWIK_IDEMPOTENCY_NOT_KEPT: { status: 409, title: 'This was done, and its answer was not kept' },
  KWIK_IDEMPOTENCY_RUNNING: { status: 409, title: 'A request with this Idempotency-Key has not ended' },
  KWIK_RESOURCE_OUT_OF_SCOPE: { status: 403, title: 'The row would be out of reach' },
} as const

export const refuse: Refuse<typeof kinds> = defineProblems(kinds)
