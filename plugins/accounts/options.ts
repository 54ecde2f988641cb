import { systemClock } from '#core/adapters/clock'
import { consoleLogger } from '#core/adapters/console-logger'
import { type Duration, milliseconds } from '#core/internal/duration'
import type { Clock } from '#core/ports/clock'
import type { Logger } from '#core/ports/logger'
import type { TokenIssuer } from '#core/ports/token-issuer'
import { argon2Hashing } from './adapters/argon2-hashing.ts'
import { bunHashing } from './adapters/bun-hashing.ts'
import { accountPermissions } from './permissions.ts'
import type { PasswordHashing } from './ports.ts'
import type { Accounts } from './service.ts'

/** Options of `accountsService()`. */
export interface AccountsServiceOptions {
  /** Every permission of the app: what a role may grant. @default those of accounts itself */
  readonly permissions?: readonly string[]
  /**
   * How long an account is believed without asking the database. Changes made through this process count at once;
   * this is how late those of other processes may be noticed.
   * @default '5s'
   */
  readonly believedFor?: Duration
  /** @default argon2id: Bun's own on Bun, `@node-rs/argon2` elsewhere */
  readonly hashing?: PasswordHashing
  /** @default the console */
  readonly logger?: Logger
  /** @default the system's clock */
  readonly clock?: Clock
}

/** Options of `accounts()`. */
export interface AccountsOptions {
  /** What `accountsService(database)` gives. */
  readonly service: Accounts
  /** Issues the token that a login answers: `tokenService({ secret })`. */
  readonly tokens: TokenIssuer
  /**
   * How many sign-ins one address may try. It counts where the app has `rateLimit`; without it only the cost of a
   * password slows a guesser down.
   * @default { limit: 30, per: '1m' }
   */
  readonly loginLimit?: LoginLimit | false
}

export interface LoginLimit {
  readonly limit: number
  readonly per: Duration
}

export interface ResolvedAccountsServiceOptions {
  readonly permissions: readonly string[]
  /** Milliseconds. */
  readonly believedFor: number
  readonly hashing: PasswordHashing
  readonly logger: Logger
  readonly clock: Clock
}

/** @throws {TypeError} for a time that is no duration */
export function resolveAccountsServiceOptions(options: AccountsServiceOptions): ResolvedAccountsServiceOptions {
  return {
    permissions: options.permissions ?? accountPermissions,
    believedFor: milliseconds(options.believedFor ?? '5s'),
    hashing: options.hashing ?? ('Bun' in globalThis ? bunHashing : argon2Hashing),
    logger: options.logger ?? consoleLogger,
    clock: options.clock ?? systemClock,
  }
}
