import type { Scope } from '#core/scope'
import type { Outcome } from './gcra.ts'
import type { Rule } from './policy.ts'

const seconds = (microseconds: number): number => Math.ceil(microseconds / 1_000_000)

/** `"default";q=60;w=60`: what the rules are (draft-ietf-httpapi-ratelimit-headers). */
export const policyField = (rules: readonly Rule[]): string =>
  rules.map(({ name, limit, window }) => `"${name}";q=${limit};w=${seconds(window)}`).join(', ')

/** `"default";r=59;t=1`: what is left of them, and the seconds until all of it is back. */
export const stateField = (outcomes: readonly Outcome[]): string => outcomes.map(stateOf).join(', ')
export const stateOf = ({ rule, remaining, reset }: Outcome): string =>
  `"${rule.name}";r=${remaining};t=${seconds(reset)}`

/** Seconds until the request would pass, at least one. */
export const retryAfter = (outcomes: readonly Outcome[]): number =>
  Math.max(1, seconds(Math.max(...outcomes.map((outcome) => outcome.wait))))

/** Says more in a list field that another rule may have begun. */
export function append(scope: Scope, name: string, text: string): void {
  const said = scope.headers?.[name]
  scope.header(name, said === undefined ? text : `${said}, ${text}`)
}
