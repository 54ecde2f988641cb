import type { AnyElysia, Elysia } from 'elysia'
import type { CorePlugin } from '#core/access'
import type { Duration } from '#core/internal/duration'
import type { Clock } from '#core/ports/clock'
import type { Database } from '#core/ports/database'
import type { Principals } from '#core/ports/principals'
import type { Redis } from '#core/ports/redis'
import type { AccountPermission, Accounts } from '../plugins/accounts/index.ts'
import type { DatabasePlugin } from '../plugins/database/index.ts'
import type { HeadersOptions, HeadersPlugin } from '../plugins/headers/index.ts'
import type { HealthOptions } from '../plugins/health/index.ts'
import type { LoggingOptions } from '../plugins/logging/index.ts'
import type { OpenApiOptions } from '../plugins/openapi/index.ts'
import type { PermissionsPlugin } from '../plugins/permissions/index.ts'
import type { RateLimitOptions, RateLimitPlugin } from '../plugins/rate-limit/index.ts'
import type { IdempotencyOptions, IdempotencyPlugin } from '../plugins/resources/index.ts'
import type { ShapingOptions, ShapingPlugin } from '../plugins/shaping/index.ts'
import type { TokenServiceOptions } from '../plugins/tokens/index.ts'
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
  /** Proxies whose Forwarded and X-Forwarded-* headers are believed, as CIDR ranges. @default none */
  readonly trustedProxies?: readonly string[]
  /** `openDatabase({ url })`: `ctx.db`, `transaction: true`, resources and shapes. */
  readonly database?: Database
  /** Where processes count and remember together: a URL, or `openRedis({ url })`. @default the memory of this process */
  readonly redis?: Redis | string
  /** One line a request, and the request id. @default {} */
  readonly logging?: LoggingOptions | false
  /** `/health/live` and `/health/ready`. @default {} */
  readonly health?: HealthOptions | false
  /** Security headers, CORS, allowed hosts. @default {} */
  readonly headers?: HeadersOptions | false
  /** Bearer tokens. Their people are `accounts`, or `principals`. */
  readonly tokens?: TokenServiceOptions & { readonly principals?: Principals }
  /** `accountsService(database, { permissions })`: users, roles, login. Needs `tokens`. */
  readonly accounts?: Accounts
  /** Every permission that routes may ask for; those of accounts come by themselves. */
  readonly permissions?: readonly string[]
  readonly rateLimit?: RateLimitOptions
  /** The route option `idempotent`: repeats with one `Idempotency-Key` get the first answer again. */
  readonly idempotency?: IdempotencyOptions
  /** Filters, sorting and cursors. On by itself with `database`. */
  readonly shaping?: ShapingOptions
  /** `versions({ vendor, list })`: older clients are served by the newest handlers. The route options `version` and `deprecated`. */
  readonly versions?: AnyVersions
  /** The API document at `/openapi` and `/swagger`. */
  readonly openapi?: OpenApiOptions
  /** Where the time comes from: tests travel with it. @default the system's clock */
  readonly clock?: Clock
}

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
type ShapingOf<O> = O extends { shaping: object } ? ShapingPlugin : Nothing
type PermissionsOf<O> = O extends { permissions: readonly string[] } | { accounts: Accounts }
  ? // The template makes the names a union of its own: else the compiler would say `NamesOf<...>` where it should name them.
    PermissionsPlugin<`${NamesOf<O>}`>
  : Nothing
type RateLimitOf<O> = O extends { rateLimit: object } ? RateLimitPlugin : Nothing
type IdempotencyOf<O> = O extends { idempotency: object } ? IdempotencyPlugin : Nothing
type VersionsOf<O> = O extends { versions: infer Versions extends AnyElysia } ? Versions : Nothing
type HeadersOf<O> = O extends { headers: false } ? Nothing : HeadersPlugin

/** The platform that `kwik(options)` makes: an Elysia plugin with the route options and context of its parts. */
export type Kwik<O> = And<
  And<CorePlugin, HeadersOf<O>>,
  And<
    And<DatabaseOf<O>, ShapingOf<O>>,
    And<PermissionsOf<O>, And<RateLimitOf<O>, And<IdempotencyOf<O>, VersionsOf<O>>>>
  >
>
