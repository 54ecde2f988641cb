import { type Changing, Current } from '#core/internal/changing'
import { mayWait, type StepOf } from '#core/phases'
import type { Scope } from '#core/scope'
import type { RouteFacts } from '#core/works'
import { checkTimes, times } from './http/rules.ts'
import type { CacheOptions, RouteCache } from './options.ts'

type Replay = StepOf['replay']
/** Makes the step of a route under what counts where it says nothing. */
export type StepWith = (word: RouteCache | true, route: RouteFacts, defaults: CacheOptions) => Replay

export interface ChangingSteps {
  /** For `open`. */
  open(scope: Scope): void
  step(word: RouteCache | true, route: RouteFacts): Replay
  /** No reload changes them any more. */
  end(): void
}

/** Steps of routes whose times may become others: a request keeps to its end to those that it began with. */
export function stepsUnder(options: CacheOptions, changes: Changing<CacheOptions>, stepWith: StepWith): ChangingSteps {
  const words = new Map<RouteFacts, RouteCache | true>()
  const steps = new Current(new Map<RouteFacts, Replay>())
  const end = changes.follow((next) => {
    const defaults = { ...options, ...Object.fromEntries(times.map((name) => [name, next[name]])) }
    checkTimes(defaults)
    return steps.becomes(new Map([...words].map(([route, word]) => [route, stepWith(word, route, defaults)])))
  })
  return {
    open: (scope) => steps.begin(scope),
    step: (word, route) => {
      words.set(route, word)
      steps.of().set(route, stepWith(word, route, options))
      return mayWait((scope, call) => steps.of(scope).get(route)!(scope, call))
    },
    end,
  }
}
