import { milliseconds } from '#core/internal/duration'
import type { By, OnStoreDown, RatePolicy } from './options.ts'

/** A policy in the numbers that counting needs. Times are whole microseconds: sums of them are exact. */
export interface Rule {
  readonly name: string
  readonly by: By
  readonly limit: number
  /** Length of the window. */
  readonly window: number
  /** Time in which one unit comes back. */
  readonly interval: number
  /** Time that a whole burst is worth. */
  readonly tolerance: number
  /** Time that one request costs. */
  readonly increment: number
  readonly onStoreDown: OnStoreDown
  /** Begins the keys of its counts; no part of it can be read as another. */
  readonly key: string
}

export interface Place {
  /** `METHOD /pattern`, or `*` for the whole app. */
  readonly route: string
  /** Which of the place's policies. */
  readonly at: number
  readonly onStoreDown: OnStoreDown
}

const nameForm = /^[A-Za-z][A-Za-z0-9_-]*$/

/**
 * Reads a policy.
 * @throws {TypeError} for what cannot hold: such as a request that costs more than may ever come at once
 */
export function ruleOf(policy: RatePolicy, { route, at, onStoreDown }: Place): Rule {
  const { limit, per, by = 'user', burst = limit, cost = 1 } = policy
  const said = `rateLimit ${JSON.stringify(policy.name ?? limit)}`
  for (const [what, value] of Object.entries({ limit, burst, cost }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new TypeError(`${said}: ${what} is ${value}, and must be a whole number above 0`)
  if (cost > burst)
    throw new TypeError(
      `${said}: a request costs ${cost}, more than the ${burst} that may come at once: none would pass`,
    )
  if (policy.name !== undefined && !nameForm.test(policy.name))
    throw new TypeError(`${said}: a name is made of letters, digits, - and _`)
  if (!['user', 'ip', 'apiKey'].includes(by)) throw new TypeError(`${said}: by is 'user', 'ip' or 'apiKey'`)
  const window = Math.round(milliseconds(per) * 1000)
  if (window < limit) throw new TypeError(`${said}: more than a million in a second cannot be counted`)
  // Rounded up: never more than the limit.
  const interval = Math.ceil(window / limit)
  const name = policy.name ?? (at === 0 ? 'default' : `default-${at + 1}`)
  const place = policy.name === undefined ? encoded(route) : '*'
  return {
    name,
    by,
    limit,
    window,
    interval,
    tolerance: interval * burst,
    increment: interval * cost,
    onStoreDown: policy.onStoreDown ?? onStoreDown,
    key: `rl:${name}:${place}:`,
  }
}

/** A colon ends a part of a key, and paths have them. */
const encoded = (route: string): string => route.replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(' ', '_')

/** What one of several processes may let through alone, and at least one request. */
export function shareOf(rule: Rule, nodes: number): Rule {
  if (nodes === 1) return rule
  const interval = rule.interval * nodes
  const increment = rule.increment * nodes
  const burst = Math.floor(rule.tolerance / rule.interval / nodes)
  return { ...rule, interval, increment, tolerance: Math.max(interval * burst, increment) }
}

/** Reads the policies of places, and sees that one name is one policy. */
export function namedRules(onStoreDown: OnStoreDown): { of(policies: readonly RatePolicy[], route: string): Rule[] } {
  const named = new Map<string, Rule>()
  return {
    of: (policies, route) =>
      policies.map((policy, at) => {
        const rule = ruleOf(policy, { route, at, onStoreDown })
        if (policy.name === undefined) return rule
        const known = named.get(rule.name) ?? rule
        named.set(rule.name, known)
        // A route may cost more than another: of what is shared, the limit is one.
        const { limit, window, tolerance, by } = rule
        if (known.limit !== limit || known.window !== window || known.tolerance !== tolerance || known.by !== by)
          throw new TypeError(`rateLimit "${rule.name}": two policies of this name differ in limit, per, burst or by`)
        return rule
      }),
  }
}
