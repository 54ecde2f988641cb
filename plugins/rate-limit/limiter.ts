import { randomUUID } from 'node:crypto'
import type { Logger } from '#core/ports/logger'
import { type Redis, RedisUnavailable } from '#core/ports/redis'
import { ProblemError } from '#core/problem'
import type { Scope } from '#core/scope'
import { callerOf, wideCallerOf } from './caller.ts'
import { type Counted, counted } from './counted.ts'
import { demandsOf } from './demands.ts'
import { refuse } from './errors.ts'
import { makeFields, retryAfter } from './fields.ts'
import { leasesIn } from './leases.ts'
import { memoryLimiter } from './memory.ts'
import type { ResolvedRateLimitOptions } from './options.ts'
import type { Demand, Outcome } from './outcome.ts'
import { type CellRule, type Rule, shareOf } from './policy.ts'
import { adjustInRedis, takeInRedis } from './redis.ts'

/** Lets a request through or refuses it. Answers at once unless Redis is asked. */
export type Check = (scope: Scope) => ProblemError | void | Promise<ProblemError | void>

export interface Limiter {
  /** Makes the check of a place's rules. */
  check(rules: readonly Rule[]): Check
  /** Where to say that Redis is away. */
  logger: Logger | undefined
  stop(): void
}

/** Where the units of a request were taken. */
interface Store {
  adjust(demands: readonly Demand[]): void | Promise<void>
  /** @returns what frees the places of a request */
  hold(demands: readonly Demand[], id: string): () => void
}

export function makeLimiter(options: ResolvedRateLimitOptions): Limiter {
  const { redis, expectedNodes, networks } = options
  const memory = memoryLimiter(options)
  const fields = options.fields ? makeFields() : undefined
  const leases = redis && leasesIn(redis)
  const self = randomUUID()
  let requests = 0
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

  const inMemory: Store = {
    adjust: (demands) => memory.adjust(demands),
    hold: (demands) => () => memory.release(demands),
  }
  const inRedis = (connection: Redis): Store => ({
    async adjust(demands) {
      try {
        await adjustInRedis(connection, demands)
      } catch (error) {
        if (!(error instanceof RedisUnavailable)) throw error
        notice(error)
      }
    },
    hold: (demands, id) =>
      leases!.hold(
        demands.flatMap(({ rule, key }) => (rule.kind === 'concurrency' ? { key, id, lease: rule.lease } : [])),
      ),
  })
  const shared = redis && inRedis(redis)

  const settle = (scope: Scope, demands: readonly Demand[], outcomes: readonly Outcome[], store: Store, id: string) => {
    fields?.all(scope, demands, outcomes)
    for (const outcome of outcomes) if (!outcome.allowed) return limited(outcomes)
    let undecided: Demand[] | undefined
    let places = false
    for (const demand of demands) {
      if (demand.rule.kind === 'concurrency') places = true
      else if (demand.rule.counts !== undefined) (undecided ??= []).push(demand)
    }
    if (places) {
      const release = store.hold(demands, id)
      ;(scope.onEnd ??= []).push(release)
    }
    if (undecided !== undefined) (scope.onResponse ??= []).push(giveBack(scope, undecided, store))
  }

  /** Gives back what an answer does not count for. */
  const giveBack = (scope: Scope, demands: readonly Demand[], store: Store) => (response: Response) => {
    const free = demands.filter(({ rule }) => {
      try {
        return !rule.counts!(response)
      } catch (error) {
        // The answer is made; its units stay taken.
        ;(scope.logger ?? limiter.logger)?.error(`rateLimit "${rule.name}": countWhen failed`, { error })
        return false
      }
    })
    if (free.length === 0) return
    const given = store.adjust(free.map((demand) => ({ ...demand, cost: -demand.cost })))
    if (given instanceof Promise) return given
  }

  const check = (rules: readonly Rule[]): Check => {
    const shares = new Map<Rule, Rule>(
      rules
        .flatMap((rule) => [rule, ...(rule.wide ? [rule.wide] : [])])
        .map((rule) => [rule, shareOf(rule, expectedNodes)]),
    )
    const denies = rules.some((rule) => rule.onStoreDown === 'deny')
    const place: Counted = { rules, networks, adjust: (demands) => (shared ?? inMemory).adjust(demands) }
    const onlyHere: Counted = { ...place, adjust: inMemory.adjust }

    const checkAll: Check = (scope) => {
      const demands = demandsOf(scope, rules, networks)
      if (demands instanceof ProblemError) return demands
      scope.set(counted, place)
      if (redis === undefined) return settle(scope, demands, memory.take(demands), inMemory, '')
      return checkShared(scope, demands)
    }
    const checkShared = async (scope: Scope, demands: readonly Demand[]): Promise<ProblemError | void> => {
      const id = `${self}.${++requests}`
      try {
        const outcomes = demands.length === 0 ? [] : await takeInRedis(redis!, demands, id)
        notice()
        return settle(scope, demands, outcomes, shared!, id)
      } catch (error) {
        if (!(error instanceof RedisUnavailable)) throw error
        notice(error)
        if (denies) return error
        scope.set(counted, onlyHere)
        const local = demands
          .filter(({ rule }) => rule.onStoreDown === 'local')
          .map((demand) => ({ ...demand, rule: shares.get(demand.rule)! }))
        return settle(scope, local, memory.take(local), inMemory, id)
      }
    }
    const [only] = rules
    if (redis !== undefined || rules.length !== 1 || !isPlain(only!)) return checkAll

    // By far the most common: without a list of one for each of demands and outcomes.
    return (scope) => {
      const caller = callerOf(scope, only.by, networks)
      if (only.wide !== undefined && wideCallerOf(scope, caller, networks) !== undefined) return checkAll(scope)
      const key = only.key + caller
      const outcome = memory.takeOne(only, key, only.cost)
      scope.set(counted, place)
      fields?.one(scope, only, key, outcome)
      return outcome.allowed ? undefined : limited([outcome])
    }
  }
  const limiter: Limiter = { check, logger: undefined, stop: () => leases?.stop() }
  return limiter
}

const isPlain = (rule: Rule): rule is CellRule & { readonly cost: number } =>
  rule.kind === 'gcra' && typeof rule.cost === 'number' && rule.counts === undefined

function limited(outcomes: readonly Outcome[]): ProblemError {
  const after = retryAfter(outcomes)
  const { rule } = outcomes.find((outcome) => !outcome.allowed)!
  const what =
    rule.kind === 'concurrency' ? `${rule.limit} requests at once` : `${rule.limit} in ${rule.window / 1_000_000} s`
  const who = rule.isWide ? ' for all addresses of your network together' : ''
  return refuse(
    'KWIK_RATE_LIMITED',
    { detail: `The limit "${rule.name}" is ${what}${who}. Try again in ${after} s.` },
    { 'retry-after': String(after) },
  )
}
