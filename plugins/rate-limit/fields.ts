import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Scope } from '#core/scope'
import type { Demand, Outcome } from './outcome.ts'
import type { Rule } from './policy.ts'

const seconds = (microseconds: number): number => Math.ceil(microseconds / 1_000_000)

/** Writes the fields of draft-ietf-httpapi-ratelimit-headers-10. */
export interface Fields {
  one(scope: Scope, rule: Rule, key: string, outcome: Outcome): void
  all(scope: Scope, demands: readonly Demand[], outcomes: readonly Outcome[]): void
}

/**
 * `RateLimit-Policy: "default";q=60;w=60;pk=:ZXhhbXBsZQ==:` is what the rules are and which count this is, under a name
 * that says nothing of the caller; `RateLimit: "default";r=59;t=1` what is left, and the seconds until there is more.
 */
export function makeFields(): Fields {
  const partitions = new LRUCache<string, string>({ max: 10_000 })
  // A reload of the settings makes other rules.
  const rules = new WeakMap<Rule, string>()

  const ruleText = (rule: Rule): string => {
    const known = rules.get(rule)
    if (known !== undefined) return known
    const unit = rule.kind === 'concurrency' ? 'qu="concurrent-requests"' : `w=${seconds(rule.window)}`
    const text = `"${rule.name}";q=${rule.limit};${unit}`
    rules.set(rule, text)
    return text
  }

  const policyText = (rule: Rule, key: string): string => {
    let partition = partitions.get(key)
    if (partition === undefined) {
      partition = createHash('sha256').update(key).digest().subarray(0, 8).toString('base64')
      partitions.set(key, partition)
    }
    return `${ruleText(rule)};pk=:${partition}:`
  }

  return {
    one(scope, rule, key, outcome) {
      append(scope, 'ratelimit-policy', policyText(rule, key))
      append(scope, 'ratelimit', stateOf(outcome))
    },
    all(scope, demands, outcomes) {
      let policies = ''
      let states = ''
      for (let at = 0; at < demands.length; at++) {
        const { rule, key } = demands[at]!
        // What is left of a wider network, which comes next, is said under the name of the rule itself.
        if (rule.isWide) continue
        const own = outcomes[at]!
        const wide = demands[at + 1]?.rule.isWide ? outcomes[at + 1]! : own
        const comma = policies === '' ? '' : ', '
        policies += comma + policyText(rule, key)
        states += comma + stateOf(wide.remaining < own.remaining ? wide : own)
      }
      if (policies === '') return
      append(scope, 'ratelimit-policy', policies)
      append(scope, 'ratelimit', states)
    },
  }
}

const stateOf = ({ rule, remaining, reset }: Outcome): string =>
  rule.kind === 'concurrency' ? `"${rule.name}";r=${remaining}` : `"${rule.name}";r=${remaining};t=${seconds(reset)}`

/** Seconds until the request would pass, at least one. */
export const retryAfter = (outcomes: readonly Outcome[]): number =>
  Math.max(1, seconds(Math.max(...outcomes.map((outcome) => outcome.wait))))

/** Says more in a list field that another rule may have begun. */
function append(scope: Scope, name: string, text: string): void {
  const said = scope.headers?.[name]
  scope.header(name, said === undefined ? text : `${said}, ${text}`)
}
