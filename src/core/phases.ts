import type { ProblemError } from './problem.ts'
import type { Scope } from './scope.ts'

/** The fixed order of everything that happens around a handler. */
export const phases = ['identify', 'throttle', 'authorize', 'upgrade', 'load', 'replay', 'downgrade'] as const
export type Phase = (typeof phases)[number]

type Later<T> = T | Promise<T>
type Refuse = ProblemError | void

/** The route as steps see it, after validation. Never Elysia's context. */
export interface Call {
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
  /** `METHOD /pattern`. */
  readonly route: string
}

/** What a step does in each phase. Before validation a step sees the scope alone: no body can have been read. */
export interface StepOf {
  identify: (scope: Scope) => Later<Refuse>
  throttle: (scope: Scope) => Later<Refuse>
  authorize: (scope: Scope) => Later<Refuse>
  upgrade: (scope: Scope, body: unknown) => unknown
  /** Answers what it adds to the handler's context, or refuses. */
  load: (scope: Scope, call: Call) => Later<Record<string, unknown> | ProblemError | void>
  /** Answers in the handler's place. */
  replay: (scope: Scope, call: Call) => Later<Response | ProblemError | void>
  /** `status` is that of the answer. */
  downgrade: (scope: Scope, value: unknown, status: number) => unknown
}
export type Step = {
  [P in Phase]: { readonly phase: P; readonly by: string; readonly run: StepOf[P] }
}[Phase]
export type Steps = { readonly [P in Phase]?: StepOf[P] } & {
  /** Lifts the query, in `upgrade`: values are still text then. */
  readonly upgradeQuery?: StepOf['upgrade']
}

export function stepsOf(by: string, steps: Steps): Step[] {
  const all = phases.flatMap((phase) => (steps[phase] ? [{ phase, by, run: steps[phase] } as Step] : []))
  if (!steps.upgradeQuery) return all
  ofQuery.add(steps.upgradeQuery)
  return [...all, { phase: 'upgrade', by, run: steps.upgradeQuery }]
}

const ofQuery = new WeakSet<object>()
export const isOfQuery = (run: object): boolean => ofQuery.has(run)

/** Idempotency keys are looked up before the cache: a repeated write must not be answered from it. */
const first = ['idempotency', 'resources']
/** Which tenant a caller is in is asked when it is known who calls. */
const last = ['tenants']
const rank = (by: string): number => (first.includes(by) ? 0 : last.includes(by) ? 2 : 1)

/** Steps in phase order; inside a phase by plugin, never by the order anybody wrote things in. */
export function sortSteps(steps: readonly Step[]): Step[] {
  return [...steps].sort(
    (a, b) =>
      phases.indexOf(a.phase) - phases.indexOf(b.phase) ||
      rank(a.by) - rank(b.by) ||
      (a.by < b.by ? -1 : a.by > b.by ? 1 : 0),
  )
}

export function inPhase<P extends Phase>(steps: readonly Step[], ...wanted: readonly P[]): StepOf[P][] {
  return steps
    .filter((step) => (wanted as readonly Phase[]).includes(step.phase))
    .map((step) => step.run) as StepOf[P][]
}

const waits = new WeakSet<object>()

/** Says of a step that it may answer with a promise although it is not an `async` function. */
export function mayWait<T extends (...a: never[]) => unknown>(run: T): T {
  waits.add(run)
  return run
}

/** Elysia must be told, before it compiles a route, whether a hook answers later. */
export function isAsyncStep(run: (...a: never[]) => unknown): boolean {
  return run.constructor.name === 'AsyncFunction' || waits.has(run)
}

const blind = new WeakSet<object>()

/** Says of a `load` step that it looks at the scope alone: nobody parses path parameters and query for it. */
export function looksAtScope<T extends (scope: Scope) => unknown>(run: T): T {
  blind.add(run)
  return run
}

export const isBlind = (run: object): boolean => blind.has(run)
