import { status } from 'elysia'
import { type BodyRules, chunksRefusal, lengthRefusal, Refusal, readBody } from '../body.ts'
import { Deadlines } from '../deadlines.ts'
import { inPhase, isAsyncStep, type Step, type StepOf } from '../phases.ts'
import type { Limits } from '../plan.ts'
import type { ProblemError } from '../problem.ts'
import { type Scope, scopeOf } from '../scope.ts'
import { enterAgain, mayEnterAgain, type Route, showing } from './door.ts'
import { problemFor } from './errors.ts'
import type { Hook } from './hooks.ts'

type Guard = StepOf['authorize']

interface Gate {
  readonly route: Route
  readonly steps: readonly Step[]
  /** `METHOD /pattern`. */
  readonly name: string
  readonly limits: Limits
  readonly takesBody: boolean
  readonly rules: BodyRules
  /** The app's own, by name or itself: they go before core's. */
  readonly parsers: readonly { readonly fn: unknown }[]
}

/** What is known of a route when a request comes to it. */
interface Entrance {
  readonly name: string
  readonly bodyLimit: number
  readonly deadlines: Deadlines | undefined
}

/**
 * Runs every guard. On routes with a body it runs while Elysia would read it: a refused request's body is never read.
 * `read` is apart when parsers of the app go between.
 */
export function gateHooks(gate: Gate): { guard?: Hook; read?: Hook; transform: Hook } {
  const { route, steps, name, limits, takesBody, rules, parsers } = gate
  const guards = inPhase(steps, 'identify', 'throttle', 'authorize')
  const entrance: Entrance = {
    name,
    bodyLimit: limits.bodyLimit,
    deadlines: limits.timeout === 0 ? undefined : new Deadlines(limits.timeout),
  }
  if (!takesBody) return { transform: guardHook(guards, entrance, route) }
  if (parsers.length === 0)
    return {
      guard: parseHook(guards, entrance, (scope, request, length) => read(scope, request, length, rules)),
      transform: verdictHook(),
    }
  // A parser of Elysia's, which is known by its name, reads the whole body; one of the app may read it piece by piece.
  const byName = typeof parsers[0]!.fn === 'string'
  return {
    guard: parseHook(guards, entrance, (scope, request, length) =>
      byName ? note(scope, refused(chunksRefusal(request, length))) : undefined,
    ),
    read: readHook(rules),
    transform: verdictHook(),
  }
}

const refused = (problem: ProblemError | undefined): Refusal | undefined => problem && new Refusal(problem)

/** One for each route: boot notes on it what it stands for. */
const verdictHook = (): Hook => ({
  subType: 'derive',
  isAsync: false,
  fn: ({ request }: { request: Request }) => {
    const answer = verdict(scopeOf(request))
    return answer
  },
})

type Reader = (scope: Scope, request: Request, length: string | null) => unknown

function parseHook(guards: readonly Guard[], entrance: Entrance, reader: Reader): Hook {
  const go = (scope: Scope, request: Request): unknown => {
    if (scope.refusal !== undefined) return {}
    const length = request.headers.get('content-length')
    scope.refusal = lengthRefusal(length, entrance.bodyLimit)
    // A value keeps Elysia, and every parser of the app, from reading the body.
    return scope.refusal === undefined ? reader(scope, request, length) : {}
  }
  return {
    isAsync: true,
    hasReturn: true,
    fn: ({ request }: { request: Request }) => {
      const scope = enter(scopeOf(request), entrance)
      const pending = runGuards(guards, scope)
      const answer = pending ? pending.then(() => go(scope, request)) : go(scope, request)
      return answer
    },
  }
}

function readHook(rules: BodyRules): Hook {
  return {
    isAsync: true,
    hasReturn: true,
    fn: ({ request }: { request: Request }) => {
      const answer = read(scopeOf(request), request, request.headers.get('content-length'), rules)
      return answer
    },
  }
}

function read(scope: Scope, request: Request, length: string | null, rules: BodyRules): unknown {
  scope.reading = true
  return readBody(request, length, rules, (body) => note(scope, body))
}

function note(scope: Scope, body: unknown): unknown {
  scope.reading = false
  if (!(body instanceof Refusal)) return body
  scope.refusal = body.problem
  return {}
}

function guardHook(guards: readonly Guard[], entrance: Entrance, route: Route): Hook {
  const waits = guards.some(isAsyncStep)
  if (waits && mayEnterAgain(route)) return guardOnceHook(guards, entrance, route)
  return {
    subType: 'derive',
    isAsync: waits,
    fn: ({ request }: { request: Request }) => {
      const scope = scopeOf(request)
      if (scope.guarded) {
        const answer = verdict(scope)
        return answer
      }
      const pending = runGuards(guards, enter(scope, entrance))
      const answer = pending ? pending.then(() => verdict(scope)) : verdict(scope)
      return answer
    },
  }
}

interface Entered {
  readonly request: Request
  set: { headers: object; status: number }
}

/**
 * Guards that seldom wait: a route with one hook that Elysia must await makes a promise of every answer. Where a guard
 * does wait, the route is left with an answer that never goes out, and the wrap enters it again when it has settled.
 */
function guardOnceHook(guards: readonly Guard[], entrance: Entrance, route: Route): Hook {
  const fn = (context: Entered) => {
    const scope = scopeOf(context.request)
    if (scope.guarded) {
      scope.guarded = false
      return verdict(scope)
    }
    const pending = runGuards(guards, enter(scope, entrance))
    if (pending === undefined) return verdict(scope)
    const { set } = context
    // Elysia writes into it whatever leaves here.
    context.set = { headers: {}, status: 200 }
    scope.left = {
      settled: pending,
      enter: () => {
        scope.guarded = true
        return enterAgain(route, { ...context, set })
      },
    }
    return status(200, new Response(null))
  }
  return {
    subType: 'derive',
    isAsync: false,
    fn: showing(({ request }: { request: Request }) => request, fn),
  }
}

function enter(scope: Scope, { name, deadlines }: Entrance): Scope {
  scope.route = name
  scope.deadlines = deadlines
  if (deadlines !== undefined) scope.whenEntered?.(deadlines)
  return scope
}

function runGuards(guards: readonly Guard[], scope: Scope): void | Promise<void> {
  try {
    for (let i = 0; i < guards.length; i++) {
      const refusal = guards[i]!(scope)
      if (refusal instanceof Promise) return waitForGuards(guards, i, refusal, scope)
      if (refusal) {
        scope.refusal = refusal
        return
      }
    }
  } catch (error) {
    // While a body is read, Elysia takes any error for one of the body.
    problemFor(scope, error)
  }
}

async function waitForGuards(
  guards: readonly Guard[],
  from: number,
  first: Promise<ProblemError | void>,
  scope: Scope,
): Promise<void> {
  try {
    let refusal = await first
    for (let i = from + 1; !refusal && i < guards.length; i++) refusal = await guards[i]!(scope)
    if (refusal) scope.refusal = refusal
  } catch (error) {
    problemFor(scope, error)
  }
}

function verdict(scope: Scope) {
  if (scope.times !== undefined) scope.times.guarded = performance.now()
  const refusal = scope.refusal
  if (refusal === undefined) return scope.adds
  return status(refusal.status as 401, refusal.toResponse())
}
