import type { Logger } from '#core/ports/logger'
import { RedisUnavailable } from '#core/ports/redis'
import type { ProblemError } from '#core/problem'
import type { Scope } from '#core/scope'
import { callerOf } from './caller.ts'
import { refuse } from './errors.ts'
import { append, policyField, retryAfter, stateField, stateOf } from './fields.ts'
import type { Outcome } from './gcra.ts'
import { memoryLimiter } from './memory.ts'
import type { ResolvedRateLimitOptions } from './options.ts'
import { type Rule, shareOf } from './policy.ts'
import { takeInRedis } from './redis.ts'

/** Lets a request through or refuses it. Answers at once unless Redis is asked. */
export type Check = (scope: Scope) => ProblemError | void | Promise<ProblemError | void>

export interface Limiter {
  /** Makes the check of a place's rules. */
  check(rules: readonly Rule[]): Check
  /** Where to say that Redis is away. */
  logger: Logger | undefined
}

export function makeLimiter(options: ResolvedRateLimitOptions): Limiter {
  const { redis, expectedNodes, fields } = options
  const memory = memoryLimiter(options)
  let away = false

  const notice = (error?: RedisUnavailable): void => {
    if (away === (error !== undefined)) return
    away = !away
    if (error === undefined) {
      limiter.logger?.info('rate limits: Redis answers again')
      return
    }
    const { trouble, cause } = error
    limiter.logger?.warning('rate limits: Redis does not answer, each process counts for itself', {
      trouble,
      ...(cause !== undefined && { error: cause }),
    })
  }

  const check = (rules: readonly Rule[]): Check => {
    const policy = policyField(rules)
    const shares = rules.map((rule) => shareOf(rule, expectedNodes))
    const denies = rules.some((rule) => rule.onStoreDown === 'deny')
    const settle = (scope: Scope, outcomes: readonly Outcome[]): ProblemError | void => {
      if (fields) {
        append(scope, 'ratelimit-policy', policy)
        append(scope, 'ratelimit', stateField(outcomes))
      }
      for (const outcome of outcomes) if (!outcome.allowed) return limited(outcomes)
    }
    const keysOf = (scope: Scope): readonly string[] => rules.map((rule) => rule.key + callerOf(scope, rule.by))
    if (redis === undefined && rules.length === 1) {
      // By far the most common: without a list of one for each of keys and outcomes.
      const rule = rules[0]!
      return (scope) => {
        const outcome = memory.takeOne(rule, rule.key + callerOf(scope, rule.by))
        if (fields) {
          append(scope, 'ratelimit-policy', policy)
          append(scope, 'ratelimit', stateOf(outcome))
        }
        return outcome.allowed ? undefined : limited([outcome])
      }
    }
    if (redis === undefined) return (scope) => settle(scope, memory.take(rules, keysOf(scope)))
    return async (scope) => {
      const keys = keysOf(scope)
      try {
        const outcomes = await takeInRedis(redis, rules, keys)
        notice()
        return settle(scope, outcomes)
      } catch (error) {
        if (!(error instanceof RedisUnavailable)) throw error
        notice(error)
        return denies ? error : settle(scope, memory.take(shares, keys))
      }
    }
  }
  const limiter: Limiter = { check, logger: undefined }
  return limiter
}

function limited(outcomes: readonly Outcome[]): ProblemError {
  const after = retryAfter(outcomes)
  const { rule } = outcomes.find((outcome) => !outcome.allowed)!
  return refuse(
    'KWIK_RATE_LIMITED',
    { detail: `The limit "${rule.name}" is ${rule.limit} in ${rule.window / 1_000_000} s. Try again in ${after} s.` },
    { 'retry-after': String(after) },
  )
}
