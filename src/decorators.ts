import { type OptionDecorator, option } from '#core/controller/option'
import type { Duration } from '#core/internal/duration'
import type { Way } from '#core/scope'
import type { InPerson } from '../plugins/accounts/index.ts'
import type { HandledCall, RouteCache, Tags } from '../plugins/cache/index.ts'
import type { RouteCompression } from '../plugins/compression/index.ts'
import type { RouteHeaders } from '../plugins/headers/index.ts'
import type { Requirement } from '../plugins/permissions/index.ts'
import type { RatePolicies, RatePolicy } from '../plugins/rate-limit/index.ts'
import type { IdempotentRoute } from '../plugins/resources/index.ts'
import type { Deprecation, VersionRange } from '../plugins/versioning/index.ts'

// One decorator for each route option, under the option's name; `public` is a reserved word, so it is said `@open()`.
// They stack on methods that a route of `routes()` decorates.

/** `auth`: somebody must be signed in. @example `@auth(['bearer'])` */
export const auth = (ways: true | readonly Way[] = true): OptionDecorator => option('auth', ways)

/** `public: true`: anybody may call this. */
export const open = (): OptionDecorator => option('public', true)

/** `permission`. Names are checked by the compiler where they stand in the route's own options. */
export const permission = (needed: Requirement): OptionDecorator => option('permission', needed)

/** `inPerson`: nobody who acts for the caller, and no API key; with `'or-api-key'` a key of theirs, too. */
export const inPerson = (word: InPerson = true): OptionDecorator => option('inPerson', word)

/** `rateLimit`. @example `@rateLimit(60, '1m', { by: 'user' })`, `@rateLimit({ kind: 'concurrency', limit: 4 })` */
export const rateLimit = (
  ...said:
    | readonly [limit: number, per: Duration, more?: Omit<RatePolicy, 'limit' | 'per'>]
    | readonly [policies: RatePolicies | false]
): OptionDecorator => {
  if (said.length === 1) return option('rateLimit', said[0])
  const [limit, per, more = {}] = said
  return option('rateLimit', { limit, per, ...more })
}

/** `idempotent`: repeats with one `Idempotency-Key` get the first answer again. @example `@idempotent({ required: true })` */
export const idempotent = (rules: true | IdempotentRoute = true): OptionDecorator => option('idempotent', rules)

/** `transaction`: one transaction around the method, committed before the response. */
export const transaction = (): OptionDecorator => option('transaction', true)

/** `timeout`: how long the answer may take. @example `@timeout('5s')` */
export const timeout = (limit: Duration | false): OptionDecorator => option('timeout', limit)

/** `bodyLimit`: bytes of a body. */
export const bodyLimit = (bytes: number): OptionDecorator => option('bodyLimit', bytes)

/** `compression`: other rules for the answers of this route, or `false` for none. */
export const compression = (rules: RouteCompression | false): OptionDecorator => option('compression', rules)

/** `cache`: its answers are kept. @example `@cache({ ttl: 300, varyOnUser: true })` */
export const cache = (rules: RouteCache | boolean = true): OptionDecorator => option('cache', rules)

/** `invalidates`: what was kept under these tags ends when the method has done its work. @example `@invalidates('posts')` */
export const invalidates = (
  ...tags: readonly string[] | readonly [of: Exclude<Tags<HandledCall>, string | readonly string[]>]
): OptionDecorator => {
  const [first] = tags
  return option('invalidates', typeof first === 'function' ? first : tags)
}

/** `responseHeaders`: another profile, or single headers, for this route. `headers` is Elysia's schema of request headers. */
export const responseHeaders = (value: RouteHeaders): OptionDecorator => option('responseHeaders', value)

/** `version`: the versions of the API that have the route. @example `@version({ from: '2' })` */
export const version = (range: VersionRange): OptionDecorator => option('version', range)

/** `deprecated`: clients are told to leave the route. @example `@deprecated({ since: '2026-09-01', sunset: '2027-03-01' })` */
export const deprecated = (deprecation: Deprecation): OptionDecorator => option('deprecated', deprecation)
