import { type AnyElysia, ElysiaCustomStatusResponse, NotFoundError, ParseError } from 'elysia'
import { consoleLogger } from '../adapters/console-logger.ts'
import type { App } from '../boot.ts'
import { BootError } from '../boot-error.ts'
import { refuse } from '../errors.ts'
import { ProblemError } from '../problem.ts'
import { type Scope, scopeOf } from '../scope.ts'
import { routeExists, routesOf } from './door.ts'
import { isInvalid, problemOfInvalid } from './invalid.ts'

/** Every error that leaves. It destructures: handing the context on would make Elysia parse everything on every route. */
export const errorHook = ({ error, request }: { error: unknown; request: Request }): Response => {
  const answer = answerTo(scopeOf(request), error)
  return answer
}

/** What an error is answered with: its problem, or what it says itself. */
export function answerTo(scope: Scope, error: unknown): Response {
  // A parser may refuse as a handler does; whatever else goes wrong in one is a body that cannot be read.
  const meant = error instanceof ParseError && isRefusal(error.cause) ? error.cause : error
  return answerOf(scope, meant) ?? problemFor(scope, meant).toResponse()
}

/** The problem of an error. One that is ours to mend is in the log: message and stack go there, never to the client. */
export function problemFor(scope: Scope, error: unknown): ProblemError {
  const problem = problemOf(scope, error)
  scope.refusal = problem
  if (problem.status >= 500 && !isMeant(problem, error)) report(scope, problem, error)
  return problem
}

const isRefusal = (thrown: unknown): boolean =>
  thrown instanceof ProblemError || thrown instanceof ElysiaCustomStatusResponse || thrown instanceof Response

/** What was thrown in place of an answer: a response, a status with a body of its own, an error that renders itself. */
function answerOf(scope: Scope, thrown: unknown): Response | undefined {
  if (thrown instanceof Response) {
    // It may be of any length.
    scope.streams = true
    return thrown
  }
  if (thrown instanceof ElysiaCustomStatusResponse) return statusAnswer(thrown)
  if (thrown instanceof NotFoundError && scope.route === undefined) return missing(scope)
  if (thrown instanceof ProblemError || !(thrown instanceof Error) || isInvalid(thrown)) return undefined
  try {
    const own: unknown = (thrown as { toResponse?(): unknown }).toResponse?.()
    return own instanceof Response ? own : undefined
  } catch {
    return undefined
  }
}

function statusAnswer({ code, response }: ElysiaCustomStatusResponse<number, unknown>): Response | undefined {
  if (response instanceof Response) return response
  if (typeof response === 'object' && response !== null) return Response.json(response, { status: code })
  if (code >= 400) return undefined
  return new Response(code === 204 || code === 304 ? null : String(response ?? ''), { status: code })
}

function problemOf(scope: Scope, error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  if (error instanceof NotFoundError) return refuse('KWIK_NOT_FOUND')
  if (error instanceof ParseError)
    return refuse('KWIK_BODY_MALFORMED', { detail: 'The body cannot be read as its content type.' })
  if (error instanceof ElysiaCustomStatusResponse) {
    const { code, response } = error as ElysiaCustomStatusResponse<number, unknown>
    return refuse('KWIK_STATUS', {
      status: code,
      ...(code < 500 && typeof response === 'string' && { detail: response }),
    })
  }
  if (error instanceof BootError) return refuse('KWIK_BOOT')
  if (isInvalid(error)) return problemOfInvalid(error)
  for (const map of scope.app?.errors ?? []) {
    const known = map(error)
    if (known) return known
  }
  return refuse('KWIK_INTERNAL')
}

/** Who is sent away because too many are there is no failure: a stack for each of them would make it worse. */
const isMeant = (problem: ProblemError, error: unknown): boolean =>
  problem === error && problem.status === 503 && problem.cause === undefined

/** A stream that breaks off can answer no problem any more: the log is told, and the client, who misses the end. */
export function reportBroken(scope: Scope, error: unknown): void {
  report(scope, problemOf(scope, error), error, 'The answer broke off')
}

function report(scope: Scope, problem: ProblemError, error: unknown, message: string = problem.problem.title): void {
  // What a plugin makes of an error leaves out what a log should not have: drizzle puts parameters into its messages.
  scope.failure = problem.cause ?? error
  const logger = scope.logger ?? scope.app?.logger ?? consoleLogger
  logger.error(message, {
    code: problem.code,
    route: scope.route,
    requestId: scope.id,
    error: scope.failure,
  })
}

const knownMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** 404; 405 with Allow where the path takes other methods; 501 for a method nobody knows; OPTIONS is answered. */
function missing(scope: Scope): Response {
  const { method, url } = scope.request
  const { app, elsewhere } = scope
  const isOptions = method === 'OPTIONS'
  const methods = !app ? [] : isOptions ? offeredBy(app, pathOf(url)) : methodsOf(app.root, pathOf(elsewhere ?? url))
  const allow = methods.join(', ')
  if (isOptions && methods.length > 0) return new Response(null, { status: 204, headers: { allow } })
  const code = !knownMethods.has(method)
    ? 'KWIK_METHOD_UNKNOWN'
    : methods.length === 0
      ? 'KWIK_NOT_FOUND'
      : 'KWIK_METHOD_NOT_ALLOWED'
  const detail = code === 'KWIK_METHOD_NOT_ALLOWED' ? { detail: `This path takes ${allow}.` } : {}
  scope.refusal = refuse(code, detail, methods.length > 0 ? { allow } : {})
  return scope.refusal.toResponse()
}

export function pathOf(url: string): string {
  const from = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('://') + 3)
  const query = url.indexOf('?', from)
  return query === -1 ? url.slice(from) : url.slice(from, query)
}

/** The methods that a path takes, HEAD and OPTIONS included. */
export function methodsOf(root: AnyElysia, path: string): string[] {
  const all = new Set(routesOf(root).map((route) => route.method))
  return whole([...all].filter((method) => method !== 'WS' && routeExists(root, method, path)))
}

/** The same, with those that it takes for some clients alone: who asks which they are need not say who they are. */
export const offeredBy = ({ root, methods }: App, path: string): string[] =>
  whole([...methodsOf(root, path), ...methods.flatMap((more) => more(path, root))])

function whole(found: string[]): string[] {
  if (found.length === 0) return []
  if (found.includes('GET')) found.push('HEAD')
  return [...new Set([...found, 'OPTIONS'])].sort()
}
