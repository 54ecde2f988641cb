import { type Duration, milliseconds } from '#core/internal/duration'
import type { Announcements } from '#core/ports/announcements'
import type { Clock } from '#core/ports/clock'
import type { Logger } from '#core/ports/logger'
import type { Mailer } from '#core/ports/mailer'
import type { Redis } from '#core/ports/redis'
import type { SecurityEvents } from '#core/ports/security-events'
import type { Sessions } from '#core/ports/sessions'
import type { TokenIssuer } from '#core/ports/token-issuer'
import { argon2Hashing } from './adapters/argon2-hashing.ts'
import { bunHashing } from './adapters/bun-hashing.ts'
import type { ResolvedApiKeysOptions } from './api-keys/keys.ts'
import type { EventsOptions } from './events/log.ts'
import type { StoredSecurityEvent } from './events/types.ts'
import { credentialsOf, type FirstAdmin } from './first-admin.ts'
import { longestImpersonation, type ResolvedImpersonationOptions } from './impersonation/impersonation.ts'
import { type AccountLinks, type LinkMakers, linkMakers } from './links.ts'
import { type AccountMails, plainMails } from './mails.ts'
import { OwnColumns, type OwnNames, type UsersTable } from './own-columns.ts'
import { Parts } from './parts.ts'
import { accountPermissions } from './permissions.ts'
import { type PasswordPolicy, type PasswordRules, passwordRules } from './policy.ts'
import type { PasswordHashing } from './ports.ts'
import type { Accounts } from './service.ts'
import type { users } from './tables.ts'
import { type LoginThrottle, type ThrottleRules, throttleRules } from './throttle/delay.ts'
import type { Credentials } from './types.ts'

/** How people make their account themselves. */
export interface RegisterOptions {
  /** Nobody signs in before they followed a link that was mailed to their address. Needs a mailer and `links`. @default false */
  readonly verify?: boolean
  /** Names of roles that they get. @default [] */
  readonly roles?: readonly string[]
}

/** Options of `accountsService()`. `T` is the app's own table of users. */
export interface AccountsServiceOptions<T extends UsersTable = typeof users> {
  /** Every permission of the app: what a role may grant. @default those of accounts itself */
  readonly permissions?: readonly string[]
  /**
   * How long an account is believed without asking the database, where nobody says that it changed. Changes through
   * the service count at once, in every process; this is how late SQL of your own may be noticed. On PostgreSQL without
   * Redis nothing is believed.
   * @default '2s'
   */
  readonly believedFor?: Duration
  /** @default argon2id: Bun's own on Bun, `@node-rs/argon2` elsewhere */
  readonly hashing?: PasswordHashing
  /** @default the platform's, or the console */
  readonly logger?: Logger
  /** @default the platform's, or the system's clock */
  readonly clock?: Clock
  /** Begins and ends sessions. @default the platform's */
  readonly sessions?: Sessions
  /** Tells other processes what somebody may no longer do. @default the platform's, where it has Redis */
  readonly announcements?: Announcements
  /** Is told what matters for security. @default the platform's */
  readonly events?: SecurityEvents
  /** Sends mail. @default the platform's */
  readonly mailer?: Mailer
  /** Is handed each security event when it is stored. Nobody waits for it; what it throws is logged. */
  readonly onSecurityEvent?: (event: StoredSecurityEvent) => unknown
  /** How long security events are kept; `false` keeps them for ever. @default '365d' */
  readonly eventsKeptFor?: Duration | false
  /** API keys that users make for their programs; `false` switches them off. @default { perUser: 100 } */
  readonly apiKeys?: ApiKeysOptions | false
  /** Acting for another user; `false` switches it off. @default { ttl: '15m' } */
  readonly impersonation?: ImpersonationOptions | false
  /** Where processes count wrong passwords together. @default the platform's */
  readonly redis?: Redis
  /** `usersWith(...)`: Kwik's table of users with columns of your own. @default Kwik's */
  readonly users?: T
  /** Your columns that people write of themselves, by `PATCH /users/me` and when they register. @default [] */
  readonly selfWritable?: readonly OwnNames<T>[]
  /** What a new password must be. @default 8 to 1024 characters, not a common one, without its owner's address and name */
  readonly passwords?: PasswordPolicy
  /** How wrong passwords slow the next try down; `false` leaves it to the limits of routes. @default {} */
  readonly throttle?: LoginThrottle | false
  /** Let people make their account themselves: `POST /auth/register`. @default false */
  readonly register?: boolean | RegisterOptions
  /**
   * Where the links of mails lead: a page for each, or the address of the app, whose pages are then `/reset-password`,
   * `/verify-email` and `/confirm-email` with `#token=…`. Without it nobody can reset a password they forgot.
   */
  readonly links?: string | AccountLinks
  /** For how long a link is good. @default '30m' */
  readonly linkTtl?: Duration
  /** What mails say, each in place of Kwik's own English words. @default {} */
  readonly mails?: Partial<AccountMails>
  /** Made at start while there is no administrator: `firstAdminIn(process.env)`. @default nobody */
  readonly firstAdmin?: FirstAdmin | undefined
}

export interface ApiKeysOptions {
  /** How many good keys one user may have. @default 100 */
  readonly perUser?: number
}

export interface ImpersonationOptions {
  /** How long it lasts where nobody says; an hour at most. @default '15m' */
  readonly ttl?: Duration
}

/** Options of `accounts()`. */
export interface AccountsOptions {
  /** What `accountsService(database)` gives. */
  readonly service: Accounts
  /** Issues the token that a login answers: `tokenService({ secret })`. */
  readonly tokens: TokenIssuer
  /** In its place where the app has sessions: `sessionService(database, { secret, principals })`. */
  readonly sessions?: Sessions
  /**
   * How many sign-ins one address may try. It counts where the app has `rateLimit`; without it only the cost of a
   * password slows a guesser down.
   * @default { limit: 30, per: '1m' }
   */
  readonly loginLimit?: LoginLimit | false
  /**
   * How often one address may ask for mail: registration, forgotten password, a link once more, a new address. It counts
   * where the app has `rateLimit`.
   * @default { limit: 10, per: '1h' }
   */
  readonly mailLimit?: LoginLimit | false
}

export interface LoginLimit {
  readonly limit: number
  readonly per: Duration
}

export interface RegisterRules {
  readonly verify: boolean
  readonly roles: readonly string[]
}

export interface ResolvedAccountsServiceOptions {
  readonly permissions: readonly string[]
  /** Milliseconds. */
  readonly believedFor: number
  readonly hashing: PasswordHashing
  readonly parts: Parts
  readonly events: EventsOptions
  readonly apiKeys: ResolvedApiKeysOptions
  readonly impersonation: ResolvedImpersonationOptions
  readonly columns: OwnColumns
  readonly rules: PasswordRules
  readonly throttle: ThrottleRules | undefined
  readonly register: RegisterRules | undefined
  readonly links: LinkMakers
  /** Milliseconds. */
  readonly linkTtl: number
  readonly mails: AccountMails
  readonly firstAdmin: Credentials | undefined
}

/** @throws {TypeError} for what cannot hold, naming the option */
export function resolveAccountsServiceOptions(
  options: AccountsServiceOptions<UsersTable>,
): ResolvedAccountsServiceOptions {
  const { register = false, throttle = {}, links } = options
  const linkTtl = milliseconds(options.linkTtl ?? '30m')
  if (linkTtl < 60_000) throw new TypeError('linkTtl is a minute at least: mail takes its time')
  return {
    permissions: options.permissions ?? accountPermissions,
    believedFor: milliseconds(options.believedFor ?? '2s'),
    hashing: options.hashing ?? ('Bun' in globalThis ? bunHashing : argon2Hashing),
    parts: new Parts(options),
    events: {
      keptFor: options.eventsKeptFor === false ? undefined : milliseconds(options.eventsKeptFor ?? '365d'),
      onEvent: options.onSecurityEvent,
    },
    apiKeys: resolveApiKeys(options.apiKeys),
    impersonation: resolveImpersonation(options.impersonation),
    columns: new OwnColumns(options.users, options.selfWritable),
    rules: passwordRules(options.passwords),
    throttle: throttle === false ? undefined : throttleRules(throttle),
    register: register === false ? undefined : { verify: false, roles: [], ...(register !== true && register) },
    links: linkMakers(links),
    linkTtl,
    mails: { ...plainMails, ...options.mails },
    firstAdmin: credentialsOf(options.firstAdmin),
  }
}

function resolveApiKeys(given: ApiKeysOptions | false = {}): ResolvedApiKeysOptions {
  if (given === false) return { on: false, perUser: 0 }
  const { perUser = 100 } = given
  if (!Number.isInteger(perUser) || perUser < 1)
    throw new TypeError(`apiKeys.perUser: ${perUser} is no whole number above 0`)
  return { on: true, perUser }
}

function resolveImpersonation(given: ImpersonationOptions | false = {}): ResolvedImpersonationOptions {
  if (given === false) return { on: false, seconds: 0 }
  const seconds = milliseconds(given.ttl ?? '15m') / 1000
  if (seconds < 1 || seconds > longestImpersonation)
    throw new TypeError(`impersonation.ttl: ${given.ttl} is not between a second and an hour`)
  return { on: true, seconds: Math.floor(seconds) }
}
