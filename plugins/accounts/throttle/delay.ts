import { type Duration, milliseconds } from '#core/internal/duration'

/** How wrong passwords slow down the next try. */
export interface LoginThrottleRule {
  /** Wrong passwords before it begins. */
  readonly free?: number
  /** How long the next try waits then. It doubles with each more. */
  readonly first?: Duration
  /** The wait grows to this and no further: nobody is locked out. */
  readonly longest?: Duration
}

/** How wrong passwords slow guessers down. */
export interface LoginThrottle {
  /** Of one account from one network: an IPv4 address, the /64 of an IPv6 address. @default { free: 5, first: '1s', longest: '15m' } */
  readonly network?: LoginThrottleRule
  /**
   * Of one account from everywhere. It does not hold for networks from which its owner signed in before.
   * @default { free: 10, first: '1s', longest: '1m' }
   */
  readonly account?: LoginThrottleRule
  /** Without a wrong password for so long all is forgotten. @default '1h' */
  readonly forget?: Duration
}

/** A rule in milliseconds. */
export interface DelayRule {
  readonly free: number
  readonly first: number
  readonly longest: number
}

export interface ThrottleRules {
  readonly network: DelayRule
  readonly account: DelayRule
  readonly forget: number
}

/** @throws {TypeError} for numbers that make no sense, naming them */
export function throttleRules({ network = {}, account = {}, forget = '1h' }: LoginThrottle): ThrottleRules {
  return {
    network: ruleOf('network', { free: 5, first: '1s', longest: '15m', ...network }),
    account: ruleOf('account', { free: 10, first: '1s', longest: '1m', ...account }),
    forget: milliseconds(forget),
  }
}

function ruleOf(name: string, { free, first, longest }: Required<LoginThrottleRule>): DelayRule {
  if (!Number.isSafeInteger(free) || free < 1) throw new TypeError(`throttle.${name}.free is a whole number above 0`)
  const rule = { free, first: milliseconds(first), longest: milliseconds(longest) }
  if (rule.first <= 0 || rule.longest < rule.first)
    throw new TypeError(`throttle.${name}: first is above 0, and longest is not below it`)
  return rule
}

/** Milliseconds that the next try waits after so many. */
export const delayAfter = (count: number, { free, first, longest }: DelayRule): number =>
  count <= free ? 0 : Math.min(longest, first * 2 ** Math.min(count - free - 1, 40))
