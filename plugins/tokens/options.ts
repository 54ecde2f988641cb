import { systemClock } from '#core/adapters/clock'
import { type Duration, milliseconds } from '#core/internal/duration'
import type { Clock } from '#core/ports/clock'
import type { Principals } from '#core/ports/principals'
import { type KeyRing, keyRing, type SigningKey } from './keys.ts'

/** How tokens are made and checked. */
export interface TokenServiceOptions {
  /** 32 random bytes at least. Who knows it can be anybody: it comes from the environment or a vault. */
  readonly secret?: string | Uint8Array
  /** In place of `secret`, to change keys without signing anybody out. */
  readonly keys?: readonly SigningKey[]
  /** Who issues the tokens (`iss`). @default 'kwik' */
  readonly issuer?: string
  /** For whom they are (`aud`). Apps that share a secret must not share it. @default the issuer */
  readonly audience?: string
  /** How long a token is good. What it says is checked against the accounts on every request all the same. @default '10m' */
  readonly accessTtl?: Duration
  /** @default the system's clock */
  readonly clock?: Clock
}

/** Options of `tokens()`. */
export interface TokensOptions extends TokenServiceOptions {
  /** Knows the people that tokens name: `accountsService(...).principals`, or an app's own. */
  readonly principals: Principals
  /** How many verified tokens are remembered, so that they are not verified again. @default 10000 */
  readonly remember?: number
}

export interface ResolvedTokenServiceOptions {
  readonly ring: KeyRing
  readonly issuer: string
  readonly audience: string
  /** Seconds. */
  readonly ttl: number
  readonly clock: Clock
}

/** @throws {TypeError} for a weak or missing secret, or a life that is no duration */
export function resolveTokenServiceOptions(options: TokenServiceOptions): ResolvedTokenServiceOptions {
  const { secret, keys, issuer = 'kwik', audience = issuer, accessTtl = '10m', clock = systemClock } = options
  if ((secret === undefined) === (keys === undefined))
    throw new TypeError('tokens need `secret` or `keys`, one of them: make a secret with `openssl rand -base64 32`')
  const ttl = Math.floor(milliseconds(accessTtl) / 1000)
  if (ttl < 1) throw new TypeError('accessTtl must be one second at least')
  return { ring: keyRing(keys ?? [{ secret: secret! }]), issuer, audience, ttl, clock }
}
