import { inScope } from './context.ts'
import { refuse } from './errors.ts'
import type { Logger } from './ports/logger.ts'
import { type End, type Scope, scopeOf, shareScope } from './scope.ts'

type Handle = (request: Request, ...rest: unknown[]) => Response | Promise<Response>

/** The one wrap: opens the scope, and closes it with the response that really goes out. */
export function wrap(next: Handle): Handle {
  return (request, ...rest) => {
    const whole = repaired(request)
    return answer(scopeOf(whole), whole, next, rest)
  }
}

function answer(scope: Scope, request: Request, next: Handle, rest: unknown[]): Response | Promise<Response> {
  const response = inScope(scope, next, request, ...rest)
  if (scope.waiting !== undefined) return whenAdmitted(scope, request, next, rest)
  // An asynchronous onRequest hook of the app is before ours: what there is to wait for is known after it.
  if (!scope.admitted && response instanceof Promise)
    return response.then((settled) =>
      scope.waiting === undefined ? proceed(scope, next, rest, settled) : whenAdmitted(scope, request, next, rest),
    )
  return proceed(scope, next, rest, response)
}

function proceed(
  scope: Scope,
  next: Handle,
  rest: unknown[],
  response: Response | Promise<Response>,
): Response | Promise<Response> {
  const { method } = scope.request
  if (method === 'HEAD' || method === 'OPTIONS') return answerForOther(scope, next, rest, response)
  return response instanceof Promise ? withDeadline(scope, response) : finish(scope, response)
}

/** A step before routing asks another service: the request is handed in again when it has answered. */
async function whenAdmitted(scope: Scope, request: Request, next: Handle, rest: unknown[]): Promise<Response> {
  const refused = await scope.waiting
  scope.waiting = undefined
  return refused ? finish(scope, refused) : answer(scope, request, next, rest)
}

/** Elysia looks for the path from the 11th character on: with `http://db/x`, or no host at all, it would take another. */
function repaired(request: Request): Request {
  const { url } = request
  const secure = url.startsWith('https:')
  const path = url.startsWith('/') ? 0 : url.indexOf('/', secure ? 8 : 7)
  if (path >= 11) return request
  const moved = new Request(`${secure ? 'https' : 'http'}://localhost${url.slice(path)}`, request)
  // Bun's own router has found the path parameters already.
  const { params } = request as { params?: object }
  if (params !== undefined) Object.defineProperty(moved, 'params', { value: params })
  shareScope(request, moved)
  return moved
}

/** HEAD is answered as GET without the body; OPTIONS with what is allowed. */
async function answerForOther(
  scope: Scope,
  next: Handle,
  rest: unknown[],
  refused: Response | Promise<Response>,
): Promise<Response> {
  const { request } = scope
  const response = await refused
  const { allowed } = scope
  if (allowed === undefined) return finish(scope, response)
  scope.allowed = undefined
  if (request.method === 'HEAD' && !allowed.includes('GET')) return finish(scope, response)
  scope.refusal = undefined
  if (request.method === 'OPTIONS')
    return finish(scope, new Response(null, { status: 204, headers: { allow: allowed.join(', ') } }))
  const get = new Request(request.url, { method: 'GET', headers: request.headers, signal: request.signal })
  shareScope(request, get)
  const answer = await withDeadline(scope, Promise.resolve(inScope(scope, next, get, ...rest)))
  void answer.body?.cancel()
  return new Response(null, { status: answer.status, headers: answer.headers })
}

/** 503 when the handler takes longer than its route allows; its signal is aborted. */
function withDeadline(scope: Scope, response: Promise<Response>): Promise<Response> {
  const { deadlines } = scope
  if (deadlines === undefined) return response.then((settled) => finish(scope, settled))
  return new Promise<Response>((settle, fail) => {
    let late = false
    const waiting = deadlines.enter(() => {
      late = true
      const problem = scope.reading ? refuse('KWIK_BODY_TIMEOUT') : refuse('KWIK_TIMEOUT', {}, { 'retry-after': '5' })
      scope.abort(problem)
      scope.failure = problem
      scope.refusal = problem
      settle(finish(scope, problem.toResponse()))
    })
    response.then(
      (settled) => {
        if (late) return
        deadlines.leave(waiting)
        try {
          settle(finish(scope, settled))
        } catch (error) {
          fail(error)
        }
      },
      (error) => {
        if (!late) deadlines.leave(waiting)
        fail(error)
      },
    )
  })
}

function finish(scope: Scope, response: Response): Response | Promise<Response> {
  const app = scope.app
  // A web socket that was accepted has no response.
  if (app === undefined || response === undefined) return response
  for (let i = 0; i < (scope.onResponse?.length ?? 0); i++) {
    const changed = scope.onResponse![i]!(response)
    if (changed instanceof Promise) return finishLater(scope, changed, response, i + 1)
    if (changed) response = changed
  }
  for (let i = 0; i < app.respond.length; i++) {
    const changed = app.respond[i]!(scope, response)
    if (changed instanceof Promise)
      return finishLater(scope, changed, response, (scope.onResponse?.length ?? 0) + i + 1)
    if (changed) response = changed
  }
  return leave(scope, response)
}

async function finishLater(
  scope: Scope,
  first: Promise<Response | void>,
  response: Response,
  from: number,
): Promise<Response> {
  const steps = [
    ...(scope.onResponse ?? []),
    ...scope.app!.respond.map((step) => (last: Response) => step(scope, last)),
  ]
  let last = (await first) ?? response
  for (let i = from; i < steps.length; i++) last = (await steps[i]!(last)) ?? last
  return leave(scope, last)
}

/** Writes the headers that steps collected, and ends the request: now, or when the last byte of a stream is out. */
function leave(scope: Scope, response: Response): Response {
  if (scope.headers !== undefined) {
    // A redirect or a fetched response has headers that cannot be written.
    try {
      for (const name in scope.headers) response.headers.set(name, scope.headers[name]!)
    } catch {
      response = new Response(response.body, response)
      for (const name in scope.headers) response.headers.set(name, scope.headers[name]!)
    }
  }
  if (scope.streams && response.body !== null) return new Response(watched(scope, response), response)
  end(scope, response.status, false)
  return response
}

function end(scope: Scope, status: number, aborted: boolean): void {
  const { close, logger } = scope.app!
  if (close.length === 0 && scope.onEnd === undefined) return
  const how: End = { status, ms: performance.now() - scope.startedAt, aborted }
  for (const one of close) attempt(() => one(scope, how), scope.logger ?? logger)
  for (const one of scope.onEnd ?? []) attempt(() => one(how), scope.logger ?? logger)
}

/** The response is on its way: what fails now is logged. */
function attempt(run: () => void, logger: Logger): void {
  try {
    run()
  } catch (error) {
    logger.error('closing a request failed', { error })
  }
}

function watched(scope: Scope, response: Response): ReadableStream<Uint8Array> {
  const reader = response.body!.getReader()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        // A generator runs in the context of who asks it for more.
        const { done, value } = await inScope(scope, () => reader.read())
        if (!done) return controller.enqueue(value)
        controller.close()
        end(scope, response.status, false)
      } catch (error) {
        scope.failure = error
        controller.error(error)
        end(scope, response.status, true)
      }
    },
    async cancel(reason) {
      end(scope, response.status, true)
      await reader.cancel(reason)
    },
  })
}
