import { type Changing, Current } from '#core/internal/changing'
import { mayWait, type Steps } from '#core/phases'
import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import type { Problem } from '#core/problem'
import type { Works } from '#core/works'
import { type Check, makeLimiter } from './limiter.ts'
import { Limits, placeOf } from './limits.ts'
import { listOf, type RateLimitOptions, type RatePolicies, resolveRateLimitOptions } from './options.ts'

/** The type of {@link rateLimit}. */
export type RateLimitPlugin = KwikPlugin<{
  macros: { rateLimit: Macro<RatePolicies | false, {}, { 429: Problem }> }
}>

/**
 * Limits how often callers may call: for each address before routing, for each user and route behind. From `kwik/rate-limit`.
 *
 * @param options limits for all, where to count, what happens while Redis is away
 * @param changes brings other limits for all while the app runs: `kwik()` has them of its settings
 * @throws {BootError} at boot, for a policy that cannot hold: a cost above its burst, one name for two policies
 * @example
 * const app = new Elysia()
 *   .use(rateLimit({ global: { limit: 600, per: '1m' } }))
 *   .get('/search', () => 'found', { public: true, rateLimit: { limit: 60, per: '1m', by: 'ip' } })
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function rateLimit(options: RateLimitOptions = {}, changes?: Changing<RateLimitOptions>): RateLimitPlugin {
  return definePlugin<RateLimitPlugin, RateLimitOptions>({
    name: 'rate-limit',
    options,
    keys: ['rateLimit'],
    setup: () => {
      const resolved = resolveRateLimitOptions(options)
      const { redis } = resolved
      const limiter = makeLimiter(resolved)
      const limits = new Current(new Limits(resolved, limiter))
      const unfollow = changes?.follow((next) => limits.becomes(limits.of().under(next)))
      const step = (check: Check): Steps => ({ throttle: redis === undefined ? check : mayWait(check) })
      return {
        ...(changes ? changing(limits, step) : fixed(limits.of(), step)),
        options: { rateLimit: (policies: RatePolicies, route) => step(limits.of().checkOf(listOf(policies), route)) },
        booted: ({ logger }) => {
          limiter.logger = logger
          // So that the first request finds the connection.
          void redis?.ping()
        },
        stop: () => {
          unfollow?.()
          limiter.stop()
        },
      }
    },
  })
}

type ForAll = Pick<Works, 'open' | 'admit' | 'always'>

/** Limits for all that stay what they are. */
function fixed(limits: Limits, step: (check: Check) => Steps): ForAll {
  return {
    ...(limits.global && { admit: limits.global }),
    always: (route) => {
      if (route.options['rateLimit'] !== undefined) return {}
      limits.learn(route)
      const check = limits.of(placeOf(route))
      return check ? step(check) : {}
    },
  }
}

/** Those that a reload of the settings may change, take away or bring. */
function changing(limits: Current<Limits>, step: (check: Check) => Steps): ForAll {
  return {
    open: (scope) => limits.begin(scope),
    admit: (scope) => limits.of(scope).global?.(scope),
    always: (route) => {
      if (route.options['rateLimit'] !== undefined) return {}
      limits.of().learn(route)
      const place = placeOf(route)
      return step((scope) => limits.of(scope).of(place)?.(scope))
    },
  }
}
