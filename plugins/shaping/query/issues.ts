import { refuse } from '#core/errors'
import type { ProblemError, ProblemIssue } from '#core/problem'
import type { Names } from './names.ts'

export type Issue = ProblemIssue & { readonly parameter: string }

/** Mistakes shown of one query. */
const most = 50

/** Collects what is wrong with a query, so that one answer tells all of it. */
export class Issues {
  private readonly all: ProblemIssue[] = []
  private readonly names: Names | undefined

  /** @param names in whose words mistakes are told */
  constructor(names?: Names) {
    this.names = names
  }

  add(issue: Issue): void {
    this.addAsSent(this.names?.told(issue) ?? issue)
  }

  /** Takes a mistake that is in the client's words already. */
  addAsSent(told: Issue): void {
    if (this.all.length < most) this.all.push({ ...told, parameter: told.parameter.slice(0, 200) })
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
