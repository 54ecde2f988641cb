import { ElysiaCustomStatusResponse } from 'elysia'
import { weighed, weightOf } from '../internal/weight.ts'
import { type Call, inPhase, isAsyncStep, isBlind, isOfQuery, type Step, type StepOf } from '../phases.ts'
import { ProblemError } from '../problem.ts'
import { type Scope, scopeOf } from '../scope.ts'
import { begunAnswer, type Said } from './answer.ts'
import { seeFile } from './answered-file.ts'
import { enterAgain, type Route, showing } from './door.ts'
import { isGenerator, pieceByPiece, watchPieces } from './pieces.ts'

/**
 * Elysia reads the source text of a hook to see what of the context it needs, whether it returns and whether it waits.
 * So every hook here destructures what it needs and never hands the context on: one `(ctx) => f(ctx)` would make
 * Elysia parse cookies, query and body for each route it is on. What the text cannot say is said in the container.
 */
export interface Hook {
  fn: (...a: never[]) => unknown
  subType?: 'derive' | 'resolve'
  isAsync?: boolean
  hasReturn?: boolean
}

export function upgradeHook(steps: readonly Step[]): Hook | undefined {
  const all = inPhase(steps, 'upgrade')
  const lifts = all.filter((lift) => !isOfQuery(lift))
  const ofQuery = all.filter(isOfQuery)
  if (all.length === 0) return undefined
  const hook = { subType: 'derive', isAsync: false } as const
  if (ofQuery.length === 0)
    return {
      ...hook,
      fn: ({ request, body }: { request: Request; body: unknown }) => ({ body: lifted(lifts, request, body) }),
    }
  if (lifts.length === 0)
    return {
      ...hook,
      fn: ({ request, query }: { request: Request; query: unknown }) => ({ query: lifted(ofQuery, request, query) }),
    }
  return {
    ...hook,
    fn: ({ request, body, query }: { request: Request; body: unknown; query: unknown }) => ({
      query: lifted(ofQuery, request, query),
      body: lifted(lifts, request, body),
    }),
  }
}

function lifted(lifts: readonly StepOf['upgrade'][], request: Request, sent: unknown): unknown {
  const scope = scopeOf(request)
  let value = sent
  for (const lift of lifts) value = lift(scope, value)
  return value
}

type Seen = { request: Request; params: Call['params']; query: Call['query'] }

export function loadHook(steps: readonly Step[], route: string): Hook | undefined {
  const loads = inPhase(steps, 'load')
  if (loads.length === 0) return undefined
  const sync = !loads.some(isAsyncStep)
  // What no step looks at need not be parsed.
  if (sync && loads.every(isBlind))
    return {
      subType: 'resolve',
      isAsync: false,
      fn: ({ request }: Pick<Seen, 'request'>) => {
        const adds: Record<string, unknown> = {}
        const scope = scopeOf(request)
        for (const load of loads as Blind[]) add(adds, load(scope))
        return loaded(scope, adds)
      },
    }
  if (sync)
    return {
      subType: 'resolve',
      isAsync: false,
      fn: ({ request, params, query }: Seen) => {
        const adds: Record<string, unknown> = {}
        const scope = scopeOf(request)
        for (const load of loads) add(adds, load(scope, { params, query, route }))
        return loaded(scope, adds)
      },
    }
  return {
    subType: 'resolve',
    isAsync: true,
    fn: async ({ request, params, query }: Seen) => {
      const adds: Record<string, unknown> = {}
      const scope = scopeOf(request)
      for (const load of loads) add(adds, await load(scope, { params, query, route }))
      return loaded(scope, adds)
    },
  }
}
type Blind = (scope: Scope) => unknown

function loaded(scope: Scope, adds: Record<string, unknown>): Record<string, unknown> {
  if (scope.times !== undefined) scope.times.loaded = performance.now()
  return adds
}

function add(adds: Record<string, unknown>, added: unknown): void {
  if (added instanceof ProblemError) throw added
  Object.assign(adds, added)
}

/** @param again the route, where it may be left and entered again without anybody noticing */
export function replayHook(steps: readonly Step[], route: string, again?: Route): Hook | undefined {
  const replays = inPhase(steps, 'replay')
  if (replays.length === 0) return undefined
  if (again !== undefined && replays.length === 1 && isAsyncStep(replays[0]!))
    return replayOnceHook(replays[0]!, route, again)
  if (!replays.some(isAsyncStep))
    return {
      isAsync: false,
      hasReturn: true,
      fn: ({ request, params, query }: Seen) => {
        const scope = scopeOf(request)
        for (const replay of replays) {
          const answer = replay(scope, { params, query, route })
          if (answer) return answer instanceof Promise ? answer : rendered(answer)
        }
      },
    }
  return {
    isAsync: true,
    hasReturn: true,
    fn: async ({ request, params, query }: Seen) => {
      const scope = scopeOf(request)
      for (const replay of replays) {
        const given = replay(scope, { params, query, route })
        const answer = given instanceof Promise ? await given : given
        if (answer) return rendered(answer)
      }
    },
  }
}

const rendered = (answer: Response | ProblemError): Response =>
  answer instanceof ProblemError ? answer.toResponse() : answer

interface Replaying extends Seen {
  set: { headers: object; status: number }
}

/**
 * A step that seldom waits: a hook that Elysia must await makes a promise of every answer. Where it does wait, the route
 * is left with an answer that never goes out, and the wrap enters it again when the step has settled.
 */
function replayOnceHook(replay: StepOf['replay'], name: string, route: Route): Hook {
  const fn = (context: Replaying) => {
    const { params, query, request, set } = context
    const scope = scopeOf(request)
    if (scope.replayed !== undefined) {
      const { answer } = scope.replayed
      scope.replayed = undefined
      return answer
    }
    const given = replay(scope, { params, query, route: name })
    if (!given) return
    if (!(given instanceof Promise)) return rendered(given)
    // Elysia writes into it whatever leaves here.
    context.set = { headers: {}, status: 200 }
    scope.left = {
      settled: given.then((answer) => {
        scope.replayed = { answer: answer ? rendered(answer) : undefined }
      }),
      enter: () => {
        scope.guarded = true
        return enterAgain(route, { ...context, set })
      },
    }
    return weighed(new Response(null), 0)
  }
  return {
    isAsync: false,
    hasReturn: true,
    fn: showing(({ request, params, query }: Seen) => {
      const answer = [request, params, query]
      return answer
    }, fn),
  }
}

/** An accepted WebSocket has no response that the wrap could see: the headers of its handshake are written here. */
export const handshakeHook = (): Hook => ({
  isAsync: false,
  hasReturn: false,
  fn: ({ request, set }: { request: Request; set: { headers: Record<string, unknown> } }) => {
    Object.assign(set.headers, scopeOf(request).headers)
  },
})

/**
 * Lowers values to an older version, makes the answer of a plain one, and notes whether the answer may be a stream: its
 * end is then the end of the request. An error that was returned is thrown: Elysia would send its message.
 *
 * @param begins whether answers may be made here: hooks that are told of every answer want the value
 */
export function downgradeHook(steps: readonly Step[], watchesEnd: boolean, begins: boolean): Hook {
  const lowers = inPhase(steps, 'downgrade')
  return {
    isAsync: false,
    fn: ({ request, responseValue, set }: { request: Request; responseValue: unknown; set: Said }) => {
      const scope = scopeOf(request)
      if (scope.times !== undefined) scope.times.handled = performance.now()
      if (typeof responseValue === 'object' && responseValue !== null) {
        if (responseValue instanceof Error) throw responseValue
        if (responseValue instanceof ReadableStream) {
          note(scope, true)
          return watchPieces(scope, responseValue)
        }
        if (responseValue instanceof Response) {
          if (mayStream(responseValue)) note(scope, watchesEnd)
          else scope.answered = 'plain'
          return
        }
        if (isGenerator(responseValue)) {
          note(scope, true)
          return pieceByPiece(scope, responseValue)
        }
      }
      const unwrapped = unwrappedOf(responseValue)
      scope.answered = isPlain(unwrapped) ? 'plain' : 'other'
      if (scope.answered === 'other') seeFile(unwrapped as object)
      let value = responseValue
      for (const lower of lowers) value = lower(scope, value, Number(set.status ?? 200))
      const answer = begins ? begunAnswer(scope, value, set) : undefined
      if (answer !== undefined) return answer
      if (lowers.length > 0) return value
    },
  }
}

/** Of `status(201, value)` the value. */
const unwrappedOf = (value: unknown): unknown => (value instanceof ElysiaCustomStatusResponse ? value.response : value)

/** What Elysia writes whole, as a text or as JSON. */
const isPlain = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || Array.isArray(value) || value.constructor === Object

const note = (scope: Scope, watchesEnd: boolean): void => {
  scope.answered = 'other'
  scope.streams = watchesEnd || scope.onEnd !== undefined || scope.request.method === 'HEAD'
}

/** Problems are whole, and what is known to have so many bytes. */
const mayStream = (answer: Response): boolean =>
  weightOf(answer) === undefined && answer.headers.get('content-type') !== 'application/problem+json'
