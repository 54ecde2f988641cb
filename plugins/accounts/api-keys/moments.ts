import { type Duration, milliseconds } from '#core/internal/duration'
import type { ProblemIssue } from '#core/problem'
import { invalid } from '../errors.ts'

/** How long a key that was replaced is still good. */
export const defaultOverlap: Duration = '1h'
const longestOverlap = milliseconds('30d')

/** @throws {ProblemError} `KWIK_INVALID` for one that is over */
export function momentAfter(text: string, now: number): Date {
  const moment = new Date(text)
  if (moment.getTime() > now && moment.getUTCFullYear() < 10_000) return moment
  throw invalid([{ code: 'wrong-moment', detail: 'must be a moment to come', pointer: '/expiresAt' }])
}

/** In milliseconds. @throws {ProblemError} `KWIK_INVALID` */
export function overlapOf(overlap: Duration): number {
  let more: number | undefined
  try {
    more = milliseconds(overlap)
  } catch {}
  if (more !== undefined && more <= longestOverlap) return more
  const issue: ProblemIssue = {
    code: 'wrong-format',
    detail: "must be a time such as '1h', 30 days at most; 0 ends the old key at once",
    pointer: '/overlap',
  }
  throw invalid([issue])
}
