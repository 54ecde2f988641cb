import type { RouteFacts } from '#core/works'
import type { Check, Limiter } from './limiter.ts'
import { type AnyRatePolicy, listOf, type RateLimitOptions, type ResolvedRateLimitOptions } from './options.ts'
import { namedRules, type Rule } from './policy.ts'

const ofRoutes = 'rateLimit.routes'

type Facts = Pick<RouteFacts, 'method' | 'path'>

/** The limits of an app as its options say them. Other options make others: counts go on under the same keys. */
export class Limits {
  /** Before routing. */
  readonly global: Check | undefined
  private readonly options: ResolvedRateLimitOptions
  private readonly limiter: Limiter
  private readonly rules: ReturnType<typeof namedRules>
  private readonly checks = new Map<string, Check>()
  private readonly others: Facts[] = []
  private readonly own: (readonly [policies: readonly AnyRatePolicy[], facts: Facts])[] = []

  /** @throws {TypeError} for a policy that cannot hold */
  constructor(options: ResolvedRateLimitOptions, limiter: Limiter) {
    this.options = options
    this.limiter = limiter
    this.rules = namedRules(options.onStoreDown, options.networks)
    const global = this.rules.of(options.global.map(forAddresses), '*', 'rateLimit.global')
    this.global = global.length > 0 ? limiter.check(global) : undefined
    // Once, and not for each route; also where no route has them.
    namedRules(options.onStoreDown, options.networks).of(options.routes, '*', ofRoutes)
  }

  /** The check of a route that has policies of its own. @throws {TypeError} for a policy that cannot hold */
  checkOf(policies: readonly AnyRatePolicy[], facts: Facts): Check {
    this.own.push([policies, facts])
    return this.limiter.check(this.rulesOf(policies, facts))
  }

  /** Takes in a route without policies of its own. @throws {TypeError} for a policy that cannot hold */
  learn(facts: Facts): void {
    const { routes } = this.options
    this.others.push(facts)
    if (routes.length > 0) this.checks.set(placeOf(facts), this.limiter.check(this.rulesOf(routes, facts, ofRoutes)))
  }

  /** The check of such a route, by `METHOD /pattern`. */
  of(place: string): Check | undefined {
    return this.checks.get(place)
  }

  /** The same routes under other limits for all. @throws {TypeError} for a policy that cannot hold, also beside those of the routes */
  under({ global, routes }: RateLimitOptions): Limits {
    const options = { ...this.options, global: listOf(global), routes: listOf(routes) }
    for (const list of ['global', 'routes'] as const)
      for (const [at, { kind = 'gcra' }] of options[list].entries()) {
        const before = this.options[list][at]
        if (before !== undefined && (before.kind ?? 'gcra') !== kind)
          throw new TypeError(
            `rateLimit.${list}: its counts are of the kind ${before.kind ?? 'gcra'}, not ${kind}: start anew`,
          )
      }
    const next = new Limits(options, this.limiter)
    for (const [policies, facts] of this.own) next.checkOf(policies, facts)
    for (const facts of this.others) next.learn(facts)
    return next
  }

  private rulesOf(policies: readonly AnyRatePolicy[], facts: Facts, saidBy?: string): Rule[] {
    if (facts.method === 'WS' && policies.some(({ kind }) => kind === 'concurrency'))
      throw new TypeError('rateLimit: a web socket has no answer whose end could free a place: limit it by `per`')
    return this.rules.of(policies, placeOf(facts), saidBy)
  }
}

export const placeOf = ({ method, path }: Facts): string => `${method} ${path}`

/** Before routing nobody is known but by address. */
function forAddresses(policy: AnyRatePolicy, at: number): AnyRatePolicy {
  const { by = 'ip' } = policy
  if (typeof by !== 'function' && by !== 'ip')
    throw new TypeError(`rateLimit.global: by is 'ip' or a function, not '${by}': nobody is recognised before routing`)
  return { ...policy, by, name: policy.name ?? (at === 0 ? 'global' : `global-${at + 1}`) }
}
