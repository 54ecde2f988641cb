import { Buffer } from 'node:buffer'
import { inScope } from './context.ts'
import { answerTo, reportBroken } from './elysia/errors.ts'
import { refuse } from './errors.ts'
import { weighed, weightOf } from './internal/weight.ts'
import { type End, type Left, type Scope, scopeOf, shareScope } from './scope.ts'

/** Bun's adapter hands its server on; a fixed number of parameters costs less than any number of them. */
type Handle = (request: Request, server?: unknown) => Response | Promise<Response>

/** The one wrap: opens the scope, and closes it with the response that really goes out. */
export function wrap(next: Handle): Handle {
  return (request, server) => {
    const whole = repaired(request)
    const scope = scopeOf(whole)
    return scope.inside ? next(whole, server) : answer(scope, whole, next, server)
  }
}

function answer(scope: Scope, request: Request, next: Handle, server: unknown): Response | Promise<Response> {
  try {
    const response = inScope(scope, next, request, server)
    if (scope.waiting !== undefined) return whenAdmitted(scope, request, next, server)
    if (scope.elsewhere !== undefined && !scope.inside) return answerElsewhere(scope, request, scope.elsewhere, server)
    if (scope.asGet) return answerAsGet(scope, request, next, server)
    if (scope.left !== undefined) return withDeadline(scope, whenSettled(scope, scope.left))
    return response instanceof Promise ? withDeadline(scope, response) : finish(scope, response)
  } catch (error) {
    return finish(scope, answerTo(scope, error))
  }
}

/** A step before routing asks another service: the request is handed in again when it has answered. */
async function whenAdmitted(scope: Scope, request: Request, next: Handle, server: unknown): Promise<Response> {
  const refused = await scope.waiting
  scope.waiting = undefined
  return refused ? finish(scope, refused) : answer(scope, request, next, server)
}

/** A step asks another service: the route is entered again when it has answered. */
async function whenSettled(scope: Scope, { settled, enter }: Left): Promise<Response> {
  scope.left = undefined
  await settled
  const response = await inScope(scope, enter)
  return scope.left === undefined ? response : whenSettled(scope, scope.left)
}

/** HEAD is GET without the body: Elysia would read the whole body to count it, also of a stream that never ends. */
function answerAsGet(scope: Scope, request: Request, next: Handle, server: unknown): Response | Promise<Response> {
  scope.asGet = false
  return answer(scope, standIn(request, new Request(request, { method: 'GET' })), next, server)
}

/** On a socket `next` may be the one route that Bun's own router found: the app finds the other. */
function answerElsewhere(scope: Scope, request: Request, url: string, server: unknown): Response | Promise<Response> {
  const { root } = scope.app!
  const method = scope.asGet ? 'GET' : (scope.elsewhereMethod ?? request.method)
  scope.asGet = false
  scope.inside = true
  const other = repaired(new Request(new Request(url, request), { method }))
  shareScope(request, other)
  return answer(scope, other, (again) => root.fetch(again), server)
}

/** Elysia looks for the path from the 11th character on: with `http://db/x`, or no host at all, it would take another. */
function repaired(request: Request): Request {
  const { url } = request
  const secure = url.startsWith('https:')
  const path = url.startsWith('/') ? 0 : url.indexOf('/', secure ? 8 : 7)
  if (path >= 11) return request
  return standIn(request, new Request(`${secure ? 'https' : 'http'}://localhost${url.slice(path)}`, request))
}

function standIn(request: Request, other: Request): Request {
  // Bun's own router has found the path parameters already.
  const { params } = request as { params?: object }
  if (params !== undefined) Object.defineProperty(other, 'params', { value: params })
  shareScope(request, other)
  return other
}

/** 503 when the handler takes longer than its route allows; its signal is aborted. */
function withDeadline(scope: Scope, response: Promise<Response>): Response | Promise<Response> {
  const { deadlines, route } = scope
  if (deadlines === undefined && route !== undefined) return settled(scope, response)
  // An asynchronous hook of the app may stand before the guards.
  if (route === undefined)
    response = response.then((made) => (scope.left === undefined ? made : whenSettled(scope, scope.left)))
  return new Promise<Response>((settle, fail) => {
    let line = deadlines
    const late = (): void => {
      scope.late = true
      const problem = scope.reading ? refuse('KWIK_BODY_TIMEOUT') : refuse('KWIK_TIMEOUT', {}, { 'retry-after': '5' })
      scope.abort(problem)
      scope.failure = problem
      scope.refusal = problem
      settle(finish(scope, problem.toResponse()))
    }
    let waiting = line?.enter(late)
    // The time of the route begins where its gate is.
    if (line === undefined)
      scope.whenEntered = (entered) => {
        line = entered
        waiting = entered.enter(late)
      }
    const done = (answer: () => Response): void => {
      if (scope.late) {
        if (scope.whenLate !== undefined) {
          const made = answer()
          for (const one of scope.whenLate) one(made)
        }
        return
      }
      if (waiting !== undefined) line!.leave(waiting)
      try {
        settle(finish(scope, answer()))
      } catch (error) {
        fail(error)
      }
    }
    response.then(
      (made) => done(() => made),
      (error) => done(() => answerTo(scope, error)),
    )
  })
}

const settled = (scope: Scope, response: Promise<Response>): Promise<Response> =>
  response.then(
    (made) => finish(scope, made),
    (error) => finish(scope, answerTo(scope, error)),
  )

function finish(scope: Scope, response: Response): Response | Promise<Response> {
  const app = scope.app
  if (app === undefined) return response
  // A web socket that was accepted has no response: its handshake has ended.
  if (response === undefined) {
    end(scope, 101, 'whole', 0)
    return response
  }
  try {
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
  } catch (error) {
    response = answerTo(scope, error)
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
  let last = response
  try {
    last = (await first) ?? response
    for (let i = from; i < steps.length; i++) last = (await steps[i]!(last)) ?? last
  } catch (error) {
    last = answerTo(scope, error)
  }
  return leave(scope, last)
}

/** Writes the headers that steps collected, and ends the request: now, or when the last byte of a stream is out. */
function leave(scope: Scope, response: Response): Response | Promise<Response> {
  if (scope.headers !== undefined) response = withHeaders(scope, scope.headers, response)
  if (scope.cookies !== undefined) response = withCookies(scope.cookies, response)
  if (scope.times !== undefined) scope.times.left = performance.now()
  if (scope.request.method === 'HEAD' && response.body !== null) return leaveWithoutBody(scope, response)
  if (scope.streams) {
    if (response.body !== null) return new Response(watched(scope, response), response)
    end(scope, response.status, 'whole', 0)
    return response
  }
  if (scope.weighs) return leaveWeighed(scope, response)
  end(scope, response.status, 'whole', undefined)
  return response
}

/** Elysia's own answers are read to be counted, where they are whole already: nobody else knows their length. */
function leaveWeighed(scope: Scope, response: Response): Response | Promise<Response> {
  const known = isBare(response.status) ? 0 : (weightOf(response) ?? lengthOf(response))
  if (known !== undefined || scope.answered === 'other') {
    end(scope, response.status, 'whole', known)
    return response
  }
  return response.arrayBuffer().then((body) => {
    end(scope, response.status, 'whole', body.byteLength)
    return new Response(body.byteLength === 0 ? null : body, response)
  })
}

/** Statuses whose answers have no body (RFC 9110, 15). */
const isBare = (status: number): boolean => status === 204 || status === 304

function lengthOf({ headers }: Response): number | undefined {
  const said = headers.get('content-length')
  return said === null ? undefined : Number(said)
}

function withHeaders(scope: Scope, headers: Readonly<Record<string, string>>, response: Response): Response {
  try {
    for (const name in headers) response.headers.set(name, headers[name]!)
    return response
  } catch {
    // A redirect or a fetched response has headers that cannot be written; a value that no header can have is left out.
    const writable = new Response(response.body, response)
    const weight = weightOf(response)
    if (weight !== undefined) weighed(writable, weight)
    for (const name in headers)
      try {
        writable.headers.set(name, headers[name]!)
      } catch (error) {
        tell(scope, error)
      }
    return writable
  }
}

function withCookies(cookies: readonly string[], response: Response): Response {
  // A response of Elysia's may be one that cannot be written, and cookies are few.
  const writable = new Response(response.body, response)
  for (const cookie of cookies) writable.headers.append('set-cookie', cookie)
  return writable
}

/** Without a stream, or a length, Bun says that the length is 0. */
async function leaveWithoutBody(scope: Scope, response: Response): Promise<Response> {
  end(scope, response.status, 'whole', 0)
  if (scope.streams) {
    void response.body?.cancel().catch(() => {})
    return new Response(new ReadableStream({ pull: (to) => to.close() }, { highWaterMark: 0 }), response)
  }
  const { size } = await response.blob()
  const bare = new Response(null, response)
  bare.headers.set('content-length', String(size))
  return bare
}

/** Milliseconds. */
const moment = 5

type Ending = 'whole' | 'aborted' | 'broken'

/** Once: a client that leaves cancels the stream, and fails what it was being read for. */
function end(scope: Scope, status: number, ending: Ending, bytes: number | undefined): void {
  const { close, events } = scope.app!
  if (scope.streams) events.delete(scope)
  if (scope.ended || (close.length === 0 && scope.onEnd === undefined)) return
  scope.ended = true
  const ms = performance.now() - scope.startedAt
  // Who is answered at once has not had the time to leave, and is not asked.
  const left = ms > moment && scope.request.signal.aborted
  const how: End = {
    status,
    ms,
    aborted: ending === 'aborted' || left,
    broken: ending === 'broken',
    bytes: left && !scope.streams ? 0 : bytes,
  }
  for (const one of close)
    try {
      one(scope, how)
    } catch (error) {
      tell(scope, error)
    }
  for (const one of scope.onEnd ?? [])
    try {
      one(how)
    } catch (error) {
      tell(scope, error)
    }
}

/** The response is on its way: what fails now is logged. */
function tell({ app, logger }: Scope, error: unknown): void {
  const log = logger ?? app!.logger
  log.error('closing a request failed', { error })
}

/** An event stream that ends by throwing what it was told when the app stops has ended as it should. */
const wasToldToLeave = (scope: Scope, error: unknown): boolean =>
  scope.app!.events.has(scope) && !scope.request.signal.aborted && scope.signal.aborted && error === scope.signal.reason

function watched(scope: Scope, response: Response): ReadableStream<Uint8Array> {
  const reader = response.body!.getReader()
  let left = false
  let bytes = 0
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) scope.app!.events.add(scope)
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        // A generator runs in the context of who asks it for more.
        const { done, value } = await inScope(scope, () => reader.read())
        if (left) return
        if (!done) {
          bytes += typeof value === 'string' ? Buffer.byteLength(value) : value.byteLength
          return controller.enqueue(value)
        }
        if (scope.broken !== undefined) throw scope.broken.error
        controller.close()
        end(scope, response.status, 'whole', bytes)
      } catch (error) {
        // Who left needs no answer any more.
        if (left) return
        if (wasToldToLeave(scope, error)) {
          controller.close()
          return end(scope, response.status, 'whole', bytes)
        }
        // What was asked for the client's sake fails when they leave, before the stream is cancelled.
        const ending = scope.request.signal.aborted ? 'aborted' : 'broken'
        if (ending === 'broken') reportBroken(scope, error)
        // The runtime may print what it is given: the log has the error itself, without secrets.
        controller.error(new Error('the answer broke off'))
        end(scope, response.status, ending, bytes)
      }
    },
    async cancel(reason) {
      left = true
      end(scope, response.status, 'aborted', bytes)
      await reader.cancel(reason)
    },
  })
}
