import { refuse } from '#core/errors'
import type { ProblemError, ProblemIssue } from '#core/problem'

/** Mistakes shown of one query. */
const most = 50

/** Collects what is wrong with a query, so that one answer tells all of it. */
export class Issues {
  private readonly all: ProblemIssue[] = []

  add(issue: ProblemIssue & { readonly parameter: string }): void {
    if (this.all.length < most) this.all.push({ ...issue, parameter: issue.parameter.slice(0, 200) })
  }

  get none(): boolean {
    return this.all.length === 0
  }

  /** Whether no more are told: then the rest of the query need not be looked at. */
  get full(): boolean {
    return this.all.length >= most
  }

  problem(headers?: Readonly<Record<string, string>>): ProblemError {
    const names = [...new Set(this.all.map((issue) => issue.parameter))].slice(0, 5).join(', ')
    return refuse('KWIK_QUERY_INVALID', { detail: `Look at ${names}.`, errors: this.all }, headers)
  }
}
