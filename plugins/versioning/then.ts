import type { ProblemIssue } from '#core/problem'

const then: unique symbol = Symbol('kwik.versioning.then')

/** Notes on a mistake, and on copies of it, that it is in the words of its client already. */
export const toldThen = (issue: ProblemIssue): ProblemIssue => ({ ...issue, [then]: true }) as ProblemIssue
export const isToldThen = (issue: ProblemIssue): boolean => then in issue
