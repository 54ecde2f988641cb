import { Buffer } from 'node:buffer'
import { weighed } from './internal/weight.ts'

/** One thing that is wrong with a request: where it is, what it is, and what would be right. */
export interface ProblemIssue {
  /** Stable kebab-case name of the mistake: `unknown-field`, `required`. */
  readonly code: string
  readonly detail: string
  /** JSON pointer (RFC 6901) into the body. */
  readonly pointer?: string
  /** Name of the query, path or header parameter. */
  readonly parameter?: string
  /** The closest right word. */
  readonly suggestion?: string
  /** The words that are allowed. */
  readonly allowed?: readonly string[]
  /** Where in the parameter's value, in characters. */
  readonly at?: { readonly offset: number; readonly length: number }
}

/** Problem details, the one shape in which an error leaves (RFC 9457). */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail?: string
  readonly instance?: string
  readonly errors?: readonly ProblemIssue[]
}

/** What a code of a registry stands for. */
export interface ProblemKind {
  readonly status: number
  /** What went wrong, in a few words that fit each case of the code. */
  readonly title: string
}

/** Makes the problems of one family. */
export type Refuse<Kinds> = (
  code: keyof Kinds & string,
  extra?: ProblemExtra,
  headers?: Readonly<Record<string, string>>,
) => ProblemError

const registry = new Map<string, ProblemKind>()

/**
 * Registers a family of error codes and returns a maker for its problems. From `kwik/core`.
 *
 * @param kinds what each code stands for; codes read `KWIK_<AREA>_<WHAT>`
 * @throws {TypeError} when a code is registered twice with another meaning
 * @example
 * const refuse = defineProblems({ KWIK_SHOP_CLOSED: { status: 409, title: 'The shop is closed' } })
 * throw refuse('KWIK_SHOP_CLOSED', { detail: 'It opens at nine.' })
 */
export function defineProblems<const Kinds extends Readonly<Record<`KWIK_${string}`, ProblemKind>>>(
  kinds: Kinds,
): Refuse<Kinds> {
  for (const [code, kind] of Object.entries(kinds)) {
    const known = registry.get(code)
    if (known && (known.status !== kind.status || known.title !== kind.title))
      throw new TypeError(`the problem code ${code} is registered twice with different meanings`)
    registry.set(code, kind)
  }
  return (code, extra, headers) => new ProblemError(code, extra, headers)
}

/** Every registered code with its meaning, for the reference and its test. */
export const problemCodes = (): ReadonlyMap<string, ProblemKind> => registry

export interface ProblemExtra {
  /** One sentence about this occurrence, for the person who reads it. Never a secret, SQL or a raw message. */
  readonly detail?: string
  readonly instance?: string
  readonly errors?: readonly ProblemIssue[]
  /** Instead of the status of the code: only for codes that stand for any status. */
  readonly status?: number
  /** What really happened, for the log; it never leaves. */
  readonly cause?: unknown
}

/**
 * A refusal. Steps return it, handlers throw it, and it renders itself, so it survives an app without Kwik's error hook.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly code: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly problem: Problem

  constructor(code: string, extra: ProblemExtra = {}, headers: Readonly<Record<string, string>> = {}) {
    const kind = registry.get(code)
    if (!kind) throw new TypeError(`unknown problem code ${code}: register it with defineProblems`)
    super(extra.detail ?? kind.title, extra.cause === undefined ? undefined : { cause: extra.cause })
    this.code = code
    this.status = extra.status ?? kind.status
    this.headers = headers
    this.problem = {
      type: problemType(code),
      title: kind.title,
      status: this.status,
      code,
      ...(extra.detail !== undefined && { detail: extra.detail }),
      ...(extra.instance !== undefined && { instance: extra.instance }),
      ...(extra.errors !== undefined && { errors: extra.errors }),
    }
  }

  toResponse(): Response {
    return renderProblem(this.problem, this.headers)
  }
}

/** The relative `type` of a problem: `/problems/body-malformed`. An app may put its own base before it when it renders. */
export const problemType = (code: string): string =>
  `/problems/${code
    .replace(/^KWIK_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`

export function renderProblem(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  const text = JSON.stringify(problem)
  const response = new Response(text, {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  })
  return weighed(response, Buffer.byteLength(text))
}
