import type { AnyElysia, Elysia } from 'elysia'
import type { CorePlugin } from '#core/access'
import type { Duration } from '#core/internal/duration'
import type { Clock } from '#core/ports/clock'
import type { Database } from '#core/ports/database'
import type { Mailer } from '#core/ports/mailer'
import type { Principals } from '#core/ports/principals'
import type { Redis } from '#core/ports/redis'
import type { AccountPermission, Accounts, AccountsPlugin } from '../plugins/accounts/index.ts'
import type { CacheOptions, CachePlugin } from '../plugins/cache/index.ts'
import type { CompressionOptions, CompressionPlugin } from '../plugins/compression/index.ts'
import type { DatabasePlugin } from '../plugins/database/index.ts'
import type { EmailPlugin } from '../plugins/email/index.ts'
import type { Events, EventsPlugin } from '../plugins/events/index.ts'
import type { HeadersOptions, HeadersPlugin } from '../plugins/headers/index.ts'
import type { Check, HealthOptions } from '../plugins/health/index.ts'
import type { LoggingOptions } from '../plugins/logging/index.ts'
import type { MetricsOptions } from '../plugins/metrics/index.ts'
import type { OpenApiOptions } from '../plugins/openapi/index.ts'
import type { PermissionsPlugin } from '../plugins/permissions/index.ts'
import type { RateLimitOptions, RateLimitPlugin } from '../plugins/rate-limit/index.ts'
import type { IdempotencyOptions, IdempotencyPlugin } from '../plugins/resources/index.ts'
import type { Settings, SettingsPlugin } from '../plugins/settings/index.ts'
import type { ShapingOptions, ShapingPlugin } from '../plugins/shaping/index.ts'
import type { TenantResolver, TenantsOptions, TenantsPlugin } from '../plugins/tenants/index.ts'
import type { OwnTokensPlugin, SessionOptions, TokenServiceOptions } from '../plugins/tokens/index.ts'
import type { TracingOptions } from '../plugins/tracing/index.ts'
import type { AnyVersions } from '../plugins/versioning/index.ts'

/** What an app is made of. What is not asked for does not exist, neither its steps nor its route options. */
export interface KwikOptions {
  /** Refuse to start with a route that says neither who may call it nor that anybody may; `false` warns once. @default true */
  readonly strict?: boolean
  /** Bytes of a request body. @default 1048576 */
  readonly bodyLimit?: number
  /** How long an answer may take. @default '30s' */
  readonly timeout?: Duration
  /** Stop gracefully on SIGTERM and SIGINT. @default true */
  readonly signals?: boolean
  /** How long open requests may take to finish when the app stops; what is still open then is cut. @default '10s' */
  readonly drain?: Duration
  /** Proxies whose Forwarded and X-Forwarded-* headers are believed, as CIDR ranges. @default none */
  readonly trustedProxies?: readonly string[]
  /** `openDatabase({ url })`: `ctx.db`, `transaction: true`, resources and shapes. */
  readonly database?: Database
  /** Where processes count and remember together: a URL, or `openRedis({ url })`. @default the memory of this process */
  readonly redis?: Redis | string
  /** One line a request, and the request id. @default {} */
  readonly logging?: LoggingOptions | false
  /** Spans by OpenTelemetry, exported by OTLP. @default what the standard `OTEL_*` variables say */
  readonly tracing?: TracingOptions | boolean
  /** Metrics by OTLP, and as text for Prometheus. @default what the standard `OTEL_*` variables say */
  readonly metrics?: MetricsOptions | false
  /** `/health/live` and `/health/ready`. @default {} */
  readonly health?: ReadinessOptions | false
  /** Security headers, CORS, allowed hosts. @default {} */
  readonly headers?: HeadersOptions | false
  /** Tokens and sessions. Their people are `accounts`, or `principals`. */
  readonly tokens?: TokensOfKwik
  /** `accountsService(database, { permissions })`: users, roles, login. Needs `tokens`. */
  readonly accounts?: Accounts
  /** What mail leaves by, such as `smtp({...})`: for `ctx.mailer`, and for the links of accounts. */
  readonly mailer?: Mailer
  /** Every permission that routes may ask for; those of accounts come by themselves. */
  readonly permissions?: readonly string[]
  /** Several customers in one app: where a request says for which of them it is. Adds the route option `tenant`. */
  readonly tenant?: TenantsOptions | TenantResolver
  /** Answer 404 where `own()` finds something of somebody else; `false` answers 403. @default true */
  readonly hideForbidden?: boolean
  readonly rateLimit?: RateLimitOptions
  /** The route option `idempotent`: repeats with one `Idempotency-Key` get the first answer again. */
  readonly idempotency?: IdempotencyOptions
  /** Filters, sorting and cursors. On by itself with `database`. */
  readonly shaping?: ShapingOptions
  /** `defineEvents()`: what happens in the app, told inside it; gives `events` to handlers. */
  readonly events?: AnyEvents
  /**
   * Keeps answers and values, in Redis where there is one: the route options `cache` and `invalidates`, and `cache` in
   * handlers.
   * @default false
   */
  readonly cache?: CacheOptions | boolean
  /** Makes answers smaller for clients that take them so. @default false */
  readonly compression?: CompressionOptions | boolean
  /** `versions({ vendor, list })`: older clients are served by the newest handlers. The route options `version` and `deprecated`. */
  readonly versions?: AnyVersions
  /** The API document at `/openapi` and `/swagger`. */
  readonly openapi?: OpenApiOptions
  /** Where the time comes from: tests travel with it. @default the system's clock */
  readonly clock?: Clock
  /** `defineSettings(...)`: `ctx.settings`, reloads, and the options of all parts that somebody gave as settings. */
  readonly settings?: AnySettings
}

/** What `defineSettings` gives, whatever its schema. */
export interface AnySettings {
  readonly current: object
  readonly profiles: readonly string[]
}

/** Tokens as `kwik()` takes them. */
export interface TokensOfKwik extends TokenServiceOptions, SessionOptions {
  /** @default those of `accounts` */
  readonly principals?: Principals
  /**
   * Whether tokens belong to sessions that are kept in the database, in the tables of `tokenTables`: they can be refreshed,
   * listed and ended. Without them a token lives until it expires.
   * @default true with `database` and `accounts`
   */
  readonly sessions?: boolean
  /** `ctx.jwt`: tokens for the app's own ends, such as links of invitations. @default false */
  readonly jwt?: boolean
}

/** What readiness asks, beside the database. */
export interface ReadinessOptions extends HealthOptions {
  /** Not ready without Redis; else an app counts for itself meanwhile. @default false */
  readonly redis?: boolean
  /** The folder of migrations: not ready while some have not run. @default not asked */
  readonly migrations?: string
  /** Whether the settings are good now: throws or answers `false` when they are not. @default not asked */
  readonly settings?: Check
}

// Type-level code: what each event brings is the app's.
type AnyEvents = Events<any>

type Nothing = Elysia
type And<A extends AnyElysia, B extends AnyElysia> = Elysia<
  '',
  A['~Singleton'] & B['~Singleton'],
  A['~Definitions'] & B['~Definitions'],
  A['~Metadata'] & B['~Metadata'],
  A['~Routes'] & B['~Routes']
>

type NamesOf<O> =
  | (O extends { permissions: readonly (infer Name extends string)[] } ? Name : never)
  | (O extends { accounts: Accounts } ? AccountPermission : never)
type DatabaseOf<O> = O extends { database: Database } ? And<DatabasePlugin, ShapingPlugin> : Nothing
type EmailOf<O> = O extends { mailer: Mailer } ? EmailPlugin : Nothing
type ShapingOf<O> = O extends { shaping: object } ? ShapingPlugin : Nothing
type PermissionsOf<O> = O extends { permissions: readonly string[] } | { accounts: Accounts }
  ? // The template makes the names a union of its own: else the compiler would say `NamesOf<...>` where it should name them.
    PermissionsPlugin<`${NamesOf<O>}`>
  : Nothing
type AccountsOf<O> = O extends { accounts: Accounts } ? AccountsPlugin : Nothing
type JwtOf<O> = O extends { tokens: { jwt: true } } ? OwnTokensPlugin : Nothing
type RateLimitOf<O> = O extends { rateLimit: object } ? RateLimitPlugin : Nothing
type IdempotencyOf<O> = O extends { idempotency: object } ? IdempotencyPlugin : Nothing
type TenantOf<O> = O extends { tenant: object } ? TenantsPlugin : Nothing
type SettingsOf<O> = O extends { settings: Settings<infer S> } ? SettingsPlugin<S> : Nothing
type CacheOf<O> = O extends { cache: object | true } ? CachePlugin : Nothing
type CompressionOf<O> = O extends { compression: object | true } ? CompressionPlugin : Nothing
type EventsOf<O> = O extends { events: infer E extends AnyEvents } ? EventsPlugin<E> : Nothing
type VersionsOf<O> = O extends { versions: infer Versions extends AnyElysia } ? Versions : Nothing
type HeadersOf<O> = O extends { headers: false } ? Nothing : HeadersPlugin

/** The platform that `kwik(options)` makes: an Elysia plugin with the route options and context of its parts. */
export type Kwik<O> = And<
  And<
    And<CorePlugin, And<EmailOf<O>, SettingsOf<O>>>,
    And<And<HeadersOf<O>, And<And<CompressionOf<O>, CacheOf<O>>, EventsOf<O>>>, And<AccountsOf<O>, JwtOf<O>>>
  >,
  And<
    And<DatabaseOf<O>, ShapingOf<O>>,
    And<PermissionsOf<O>, And<And<RateLimitOf<O>, TenantOf<O>>, And<IdempotencyOf<O>, VersionsOf<O>>>>
  >
>
