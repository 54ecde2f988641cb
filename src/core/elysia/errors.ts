import type { ValueError } from '@sinclair/typebox/errors'
import type { AnyElysia } from 'elysia'
import { consoleLogger } from '../adapters/console-logger.ts'
import { refuse } from '../errors.ts'
import { ProblemError } from '../problem.ts'
import { issuesOf } from '../schema.ts'
import { type Scope, scopeOf } from '../scope.ts'
import { routeExists, routesOf } from './door.ts'

interface Failure {
  code: string | number
  error: unknown
  request: Request
}

/** Every error that leaves, as a problem. It destructures: handing the context on would make Elysia parse everything on every route. */
export const errorHook = ({ code, error, request }: Failure): Response => {
  const answer = failureToResponse(code, error, request)
  return answer
}

function failureToResponse(code: string | number, error: unknown, request: Request): Response {
  const scope = scopeOf(request)
  const problem = problemOf(code, error, scope)
  scope.refusal = problem
  if (problem.status >= 500 && !isMeant(problem, error)) report(scope, problem, error)
  return problem.toResponse()
}

function problemOf(code: string | number, error: unknown, scope: Scope): ProblemError {
  if (error instanceof ProblemError) return error
  if (code === 'NOT_FOUND') return missing(scope)
  if (code === 'PARSE') return refuse('KWIK_BODY_MALFORMED', { detail: 'The body cannot be read as its content type.' })
  if (code === 'VALIDATION') return invalid(error as Invalid)
  if (typeof code === 'number' && code < 500) return refuse('KWIK_STATUS', { status: code, ...said(error) })
  if ((error as { code?: unknown } | null)?.code === 'KWIK_BOOT') return refuse('KWIK_BOOT')
  for (const map of scope.app?.errors ?? []) {
    const known = map(error)
    if (known) return known
  }
  return refuse('KWIK_INTERNAL')
}

/** Who is sent away because too many are there is no failure: a stack for each of them would make it worse. */
const isMeant = (problem: ProblemError, error: unknown): boolean =>
  problem === error && problem.status === 503 && problem.cause === undefined

/** Never to the client: message and stack go to the log. */
function report(scope: Scope, problem: ProblemError, error: unknown): void {
  scope.failure = problem === error ? (problem.cause ?? problem) : error
  const logger = scope.logger ?? scope.app?.logger ?? consoleLogger
  logger.error(problem.problem.title, {
    code: problem.code,
    route: scope.route,
    requestId: scope.id,
    error: scope.failure,
  })
}

function said(error: unknown): { detail?: string } {
  const response = (error as { response?: unknown } | null)?.response
  return typeof response === 'string' ? { detail: response } : {}
}

interface Invalid {
  readonly type: string
  readonly validator?: { Errors?(value: unknown): Iterable<ValueError> }
  readonly value?: unknown
}

function invalid(error: Invalid): ProblemError {
  if (error.type === 'response') return refuse('KWIK_RESPONSE_INVALID', { cause: error })
  const errors = error.validator?.Errors?.(error.value) ?? []
  if (error.type === 'body')
    return refuse('KWIK_INVALID', {
      detail: 'The body does not fit its schema.',
      errors: issuesOf(errors, (pointer) => ({ pointer })),
    })
  const names = { params: 'path parameter', query: 'query parameter', headers: 'header', cookie: 'cookie' } as const
  const name = names[error.type as keyof typeof names] ?? error.type
  return refuse(error.type === 'query' ? 'KWIK_QUERY_INVALID' : 'KWIK_INVALID', {
    detail: `A ${name} does not fit its schema.`,
    errors: issuesOf(errors, (path) => ({ parameter: path.slice(1) })),
  })
}

const knownMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** 404; 405 with Allow where the path takes other methods; 501 for a method nobody knows; OPTIONS is answered. */
function missing(scope: Scope): ProblemError {
  const { method, url } = scope.request
  const root = scope.app?.root
  const path = pathOf(url)
  const methods = root ? methodsOf(root, path) : []
  if (methods.length === 0) return knownMethods.has(method) ? refuse('KWIK_NOT_FOUND') : refuse('KWIK_METHOD_UNKNOWN')
  const allow = methods.join(', ')
  if (!knownMethods.has(method)) return refuse('KWIK_METHOD_UNKNOWN', {}, { allow })
  scope.allowed = methods
  return refuse('KWIK_METHOD_NOT_ALLOWED', { detail: `This path takes ${allow}.` }, { allow })
}

export function pathOf(url: string): string {
  const from = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('://') + 3)
  const query = url.indexOf('?', from)
  return query === -1 ? url.slice(from) : url.slice(from, query)
}

/** The methods that a path takes, HEAD and OPTIONS included. */
export function methodsOf(root: AnyElysia, path: string): string[] {
  const all = new Set(routesOf(root).map((route) => route.method))
  const found = [...all].filter((method) => method !== 'WS' && routeExists(root, method, path))
  if (found.length === 0) return []
  if (found.includes('GET')) found.push('HEAD')
  return [...new Set([...found, 'OPTIONS'])].sort()
}
