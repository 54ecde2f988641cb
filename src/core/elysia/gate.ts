import { status } from 'elysia'
import { type BodyRules, bodyRules, lengthRefusal, readBody } from '../body.ts'
import { inPhase, isAsyncStep, type Step, type StepOf } from '../phases.ts'
import type { Limits } from '../plan.ts'
import type { ProblemError } from '../problem.ts'
import { type Scope, scopeOf } from '../scope.ts'
import type { Hook } from './hooks.ts'

type Guard = StepOf['authorize']

interface Gate {
  readonly steps: readonly Step[]
  /** `METHOD /pattern`. */
  readonly name: string
  readonly limits: Limits
  readonly takesBody: boolean
  readonly body: unknown
}

/**
 * Runs every guard. On routes with a body it runs while Elysia would read it: a refused request's body is never read.
 * `read` comes after the parsers of the app, which go first.
 */
export function gateHooks({ steps, name, limits, takesBody, body }: Gate): {
  guard?: Hook
  read?: Hook
  transform: Hook
} {
  const guards = inPhase(steps, 'identify', 'throttle', 'authorize')
  if (takesBody) {
    const rules = bodyRules({ limit: limits.bodyLimit, timeout: limits.timeout, schema: body })
    return { guard: parseGuardHook(guards, name, limits), read: readHook(rules), transform: verdictHook }
  }
  return { transform: guardHook(guards, name, limits) }
}

const verdictHook: Hook = {
  subType: 'derive',
  isAsync: false,
  fn: ({ request }: { request: Request }) => {
    const answer = verdict(scopeOf(request))
    return answer
  },
}

function parseGuardHook(guards: readonly Guard[], name: string, limits: Limits): Hook {
  return {
    isAsync: guards.some(isAsyncStep),
    hasReturn: true,
    fn: ({ request }: { request: Request }) => {
      const scope = enter(scopeOf(request), name, limits)
      const pending = runGuards(guards, scope)
      const answer = pending ? pending.then(() => beforeReading(scope, limits)) : beforeReading(scope, limits)
      return answer
    },
  }
}

/** A value keeps Elysia, and every parser of the app, from reading the body. */
function beforeReading(scope: Scope, limits: Limits): object | undefined {
  scope.refusal ??= lengthRefusal(scope.request, limits.bodyLimit)
  return scope.refusal === undefined ? undefined : {}
}

function readHook(rules: BodyRules): Hook {
  return {
    isAsync: true,
    hasReturn: true,
    fn: async ({ request }: { request: Request }) => {
      const body = await readBody(request, rules)
      if (body?.refusal === undefined) return body?.value
      scopeOf(request).refusal = body.refusal
      return {}
    },
  }
}

function guardHook(guards: readonly Guard[], name: string, limits: Limits): Hook {
  return {
    subType: 'derive',
    isAsync: guards.some(isAsyncStep),
    fn: ({ request }: { request: Request }) => {
      const scope = enter(scopeOf(request), name, limits)
      const pending = runGuards(guards, scope)
      const answer = pending ? pending.then(() => verdict(scope)) : verdict(scope)
      return answer
    },
  }
}

function enter(scope: Scope, name: string, limits: Limits): Scope {
  scope.route = name
  scope.timeout = limits.timeout
  return scope
}

function runGuards(guards: readonly Guard[], scope: Scope): void | Promise<void> {
  for (let i = 0; i < guards.length; i++) {
    const refusal = guards[i]!(scope)
    if (refusal instanceof Promise) return waitForGuards(guards, i, refusal, scope)
    if (refusal) {
      scope.refusal = refusal
      return
    }
  }
}

async function waitForGuards(
  guards: readonly Guard[],
  from: number,
  first: Promise<ProblemError | void>,
  scope: Scope,
): Promise<void> {
  let refusal = await first
  for (let i = from + 1; !refusal && i < guards.length; i++) refusal = await guards[i]!(scope)
  if (refusal) scope.refusal = refusal
}

function verdict(scope: Scope) {
  scope.gated = true
  const refusal = scope.refusal
  if (refusal === undefined) return scope.adds
  return status(refusal.status as 401, refusal.toResponse())
}
