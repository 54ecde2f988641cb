import { milliseconds } from '#core/internal/duration'
import type { AnyRatePolicy, By, ConcurrencyPolicy, Cost, Networks, OnStoreDown, RatePolicy } from './options.ts'

interface Common {
  readonly name: string
  readonly by: By
  readonly limit: number
  readonly cost: Cost
  /** Whether an answer counts; `undefined` where all do. */
  readonly counts: ((response: Response) => boolean) | undefined
  readonly onStoreDown: OnStoreDown
  /** Begins the keys of its counts; no part of it can be read as another. */
  readonly key: string
  /** The same for the wider networks of IPv6. */
  readonly wide?: Rule
  readonly isWide?: true
}

/** Units that come back one by one. Times are whole microseconds: sums of them are exact. */
export interface CellRule extends Common {
  readonly kind: 'gcra'
  /** Length of the window. */
  readonly window: number
  /** Time in which one unit comes back. */
  readonly interval: number
  /** Time that a whole burst is worth. */
  readonly tolerance: number
}

export interface WindowRule extends Common {
  readonly kind: 'sliding'
  /** Its length in microseconds. */
  readonly window: number
}

export interface PlacesRule extends Common {
  readonly kind: 'concurrency'
  /** Microseconds that a place in Redis is kept for a process that is not heard of. */
  readonly lease: number
}

/** A policy in the numbers that counting needs. */
export type Rule = CellRule | WindowRule | PlacesRule

export interface Place {
  /** `METHOD /pattern`, or `*` for the whole app. */
  readonly route: string
  /** Which of the place's policies. */
  readonly at: number
  readonly onStoreDown: OnStoreDown
  readonly networks: Networks
  /** The option, and setting, that says the policy: `rateLimit.routes`. @default the route's own */
  readonly saidBy?: string
}

const nameForm = /^[A-Za-z][A-Za-z0-9_-]*$/
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1

/**
 * Reads a policy.
 * @throws {TypeError} for what cannot hold: such as a request that costs more than may ever come at once
 */
export function ruleOf(policy: AnyRatePolicy, place: Place): Rule {
  const said = place.saidBy ?? `rateLimit ${JSON.stringify(policy.name ?? policy.limit)}`
  // As settings are named.
  const at = place.saidBy === undefined ? ': ' : '.'
  const { by = 'user' } = policy
  if (!isCount(policy.limit))
    throw new TypeError(`${said}${at}limit is ${policy.limit}, and must be a whole number above 0`)
  if (policy.name !== undefined && !nameForm.test(policy.name))
    throw new TypeError(`${said}: a name is made of letters, digits, - and _`)
  if (typeof by !== 'function' && !['user', 'ip', 'apiKey'].includes(by))
    throw new TypeError(`${said}: by is 'user', 'ip', 'apiKey' or a function`)
  const onStoreDown = policy.onStoreDown ?? place.onStoreDown
  if (!['local', 'deny', 'allow'].includes(onStoreDown))
    throw new TypeError(`${said}: onStoreDown is 'local', 'deny' or 'allow'`)
  const name = policy.name ?? (place.at === 0 ? 'default' : `default-${place.at + 1}`)
  const where = policy.name === undefined ? encoded(place.route) : '*'
  const common = { name, by, limit: policy.limit, onStoreDown, key: `rl:${name}:${where}:` }
  const rule = policy.kind === 'concurrency' ? placesOf(policy, common, said) : rateOf(policy, common, said, at)
  return place.networks.wide === undefined
    ? rule
    : { ...rule, wide: { ...times(rule, place.networks.wideTimes), isWide: true } }
}

type Named = Pick<Common, 'name' | 'by' | 'limit' | 'onStoreDown' | 'key'>

function placesOf({ lease = '1m', ...policy }: ConcurrencyPolicy, common: Named, said: string): PlacesRule {
  for (const word of ['per', 'burst', 'cost', 'countWhen'])
    if (word in policy) throw new TypeError(`${said}: a limit of requests at once has no ${word}`)
  const time = Math.round(milliseconds(lease) * 1000)
  if (time < 1_000_000) throw new TypeError(`${said}: a lease of less than a second would end under a working process`)
  return { ...common, kind: 'concurrency', cost: 1, counts: undefined, lease: time }
}

function rateOf(policy: RatePolicy, common: Named, said: string, at: string): CellRule | WindowRule {
  const { kind = 'gcra', limit, per, burst = limit, cost = 1, countWhen } = policy
  if (kind !== 'gcra' && kind !== 'sliding') throw new TypeError(`${said}: kind is 'gcra', 'sliding' or 'concurrency'`)
  for (const [what, value] of Object.entries({ burst, ...(typeof cost !== 'function' && { cost }) }))
    if (!isCount(value)) throw new TypeError(`${said}${at}${what} is ${value}, and must be a whole number above 0`)
  if (kind === 'sliding' && burst !== limit) throw new TypeError(`${said}: a sliding window has no burst`)
  if (typeof cost === 'number' && cost > burst)
    throw new TypeError(
      `${said}: a request costs ${cost}, more than the ${burst} that may come at once: none would pass`,
    )
  if (countWhen !== undefined && countWhen !== 'failure' && typeof countWhen !== 'function')
    throw new TypeError(`${said}: countWhen is 'failure' or a function of the answer`)
  if (per === undefined) throw new TypeError(`${said}: a limit of ${limit} in what time? Say \`per\``)
  const window = Math.round(milliseconds(per) * 1000)
  if (window < limit) throw new TypeError(`${said}: more than a million in a second cannot be counted`)
  const counts = countWhen === 'failure' ? isFailure : countWhen
  if (kind === 'sliding') return { ...common, kind, cost, counts, window }
  // Rounded up: never more than the limit.
  const interval = Math.ceil(window / limit)
  return { ...common, kind, cost, counts, window, interval, tolerance: interval * burst }
}

/** What the caller did wrong: a fault of ours is none of his. */
const isFailure = ({ status }: Response): boolean => status >= 400 && status < 500

/** A colon ends a part of a key, and paths have them. */
const encoded = (route: string): string => route.replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(' ', '_')

/** How many units may come at once. */
export const burstOf = (rule: Rule): number => (rule.kind === 'gcra' ? rule.tolerance / rule.interval : rule.limit)

/** The same with more in the same time. */
function times(rule: Rule, factor: number): Rule {
  const limit = rule.limit * factor
  if (rule.kind !== 'gcra') return { ...rule, limit }
  const interval = Math.ceil(rule.window / limit)
  return { ...rule, limit, interval, tolerance: interval * burstOf(rule) * factor }
}

/** What one of several processes may let through alone, and at least one request. */
export function shareOf(rule: Rule, nodes: number): Rule {
  if (nodes === 1) return rule
  if (rule.kind !== 'gcra') return { ...rule, limit: Math.max(1, Math.floor(rule.limit / nodes)) }
  const interval = rule.interval * nodes
  const least = typeof rule.cost === 'number' ? rule.cost : 1
  return { ...rule, interval, tolerance: interval * Math.max(Math.floor(burstOf(rule) / nodes), least) }
}

/** Reads the policies of places, and sees that one name is one policy. */
export function namedRules(
  onStoreDown: OnStoreDown,
  networks: Networks,
): { of(policies: readonly AnyRatePolicy[], route: string, saidBy?: string): Rule[] } {
  const named = new Map<string, Rule>()
  return {
    of: (policies, route, saidBy) =>
      policies.map((policy, at) => {
        const rule = ruleOf(policy, { route, at, onStoreDown, networks, ...(saidBy !== undefined && { saidBy }) })
        if (policy.name === undefined) return rule
        const known = named.get(rule.name) ?? rule
        named.set(rule.name, known)
        // A route may cost more than another: of what is shared, the limit is one.
        if (shared(known) !== shared(rule) || known.by !== rule.by)
          throw new TypeError(
            `rateLimit "${rule.name}": two policies of this name differ in kind, limit, per, burst or by`,
          )
        return rule
      }),
  }
}

function shared(rule: Rule): string {
  const length = rule.kind === 'concurrency' ? rule.lease : rule.window
  return `${rule.kind} ${rule.limit} ${length} ${burstOf(rule)}`
}
