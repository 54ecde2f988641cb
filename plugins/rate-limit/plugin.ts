import { mayWait, type Steps } from '#core/phases'
import { definePlugin, type KwikPlugin, type Macro } from '#core/plugin'
import type { Problem } from '#core/problem'
import type { RouteFacts } from '#core/works'
import { makeLimiter } from './limiter.ts'
import {
  type AnyRatePolicy,
  listOf,
  type RateLimitOptions,
  type RatePolicies,
  resolveRateLimitOptions,
} from './options.ts'
import { namedRules } from './policy.ts'

/** The type of {@link rateLimit}. */
export type RateLimitPlugin = KwikPlugin<{
  macros: { rateLimit: Macro<RatePolicies | false, {}, { 429: Problem }> }
}>

/**
 * Limits how often callers may call: for each address before routing, for each user and route behind. From `kwik/rate-limit`.
 *
 * @param options limits for all, where to count, what happens while Redis is away
 * @throws {BootError} at boot, for a policy that cannot hold: a cost above its burst, one name for two policies
 * @example
 * const app = new Elysia()
 *   .use(rateLimit({ global: { limit: 600, per: '1m' } }))
 *   .get('/search', () => 'found', { public: true, rateLimit: { limit: 60, per: '1m', by: 'ip' } })
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function rateLimit(options: RateLimitOptions = {}): RateLimitPlugin {
  return definePlugin<RateLimitPlugin, RateLimitOptions>({
    name: 'rate-limit',
    options,
    keys: ['rateLimit'],
    setup: () => {
      const resolved = resolveRateLimitOptions(options)
      const { onStoreDown, redis, networks } = resolved
      const limiter = makeLimiter(resolved)
      const rules = namedRules(onStoreDown, networks)
      const global = rules.of(resolved.global.map(forAddresses), '*')
      const steps = (policies: readonly AnyRatePolicy[], { method, path }: RouteFacts): Steps => {
        if (method === 'WS' && policies.some(({ kind }) => kind === 'concurrency'))
          throw new TypeError('rateLimit: a web socket has no answer whose end could free a place: limit it by `per`')
        const check = limiter.check(rules.of(policies, `${method} ${path}`))
        return { throttle: redis === undefined ? check : mayWait(check) }
      }
      return {
        ...(global.length > 0 && { admit: limiter.check(global) }),
        ...(resolved.routes.length > 0 && {
          always: (route) => (route.options['rateLimit'] === undefined ? steps(resolved.routes, route) : {}),
        }),
        options: { rateLimit: (policies: RatePolicies, route) => steps(listOf(policies), route) },
        booted: ({ logger }) => {
          limiter.logger = logger
          // So that the first request finds the connection.
          void redis?.ping()
        },
        stop: () => limiter.stop(),
      }
    },
  })
}

/** Before routing nobody is known but by address. */
function forAddresses(policy: AnyRatePolicy, at: number): AnyRatePolicy {
  const { by = 'ip' } = policy
  if (typeof by !== 'function' && by !== 'ip')
    throw new TypeError(`global: by is 'ip' or a function, not '${by}': nobody is recognised before routing`)
  return { ...policy, by, name: policy.name ?? (at === 0 ? 'global' : `global-${at + 1}`) }
}
