import type { Duration } from '#core/internal/duration'

/** Directives of a Content-Security-Policy: `{ 'default-src': ["'none'"], 'img-src': ["'self'", 'data:'] }`. */
export type CspDirectives = Readonly<Record<string, readonly string[]>>

/** Headers by name; `false` takes one of the profile away. `{nonce}` in a value becomes the answer's nonce. */
export type HeaderValues = Readonly<Record<string, string | false | CspDirectives>>

/** A whole set of headers: for answers that are data, or for pages with scripts of ours. */
export type Profile = 'api' | 'docs'

/** What a route says of its answers' headers: another profile, or single headers. */
export type RouteHeaders = Profile | HeaderValues

export interface HstsOptions {
  /** How long browsers keep to https. @default '730d' */
  readonly maxAge?: Duration
  /** @default true */
  readonly includeSubDomains?: boolean
  /** Ask for the browsers' own list. It takes months to leave that list: needs subdomains and a year at least. @default false */
  readonly preload?: boolean
}

/** Whether scripts of an origin may read answers. */
export type OriginCheck = (origin: string, request: Request) => boolean | Promise<boolean>

export interface CorsOptions {
  /**
   * Whose scripts may read answers: origins (`'https://shop.example.com'`, `'https://*.example.com'` for one label more),
   * expressions that must fit the whole origin, a function, or `'*'` for everybody. The origin `null` never may.
   */
  readonly origins: '*' | readonly (string | RegExp)[] | OriginCheck
  /** Let browsers send cookies along. Never together with `'*'`. @default false */
  readonly credentials?: boolean
  /** Request headers that scripts may set. @default authorization, content-type and those that Kwik reads */
  readonly allowedHeaders?: readonly string[]
  /** Response headers that scripts may read. @default those that Kwik writes */
  readonly exposedHeaders?: readonly string[]
  /** How long browsers remember what is allowed. @default '10m' */
  readonly maxAge?: Duration
}

export interface HeadersOptions {
  /** What routes carry that say nothing themselves. @default 'api' */
  readonly profile?: Profile
  /** Headers beside or instead of the profile's, on every answer. */
  readonly set?: HeaderValues
  /** Headers that a handler cannot change. @default [] */
  readonly enforce?: readonly string[]
  /** Strict-Transport-Security, sent over TLS alone: ours, or a trusted proxy's. @default two years with subdomains */
  readonly hsts?: HstsOptions | false
  /**
   * Send `Cache-Control: no-store` on routes that need a caller, and on any answer to somebody who sent credentials, where
   * neither route nor handler says something of caching.
   * @default true
   */
  readonly noStore?: boolean
  /** Cross-origin requests of browsers. @default none are allowed */
  readonly cors?: CorsOptions
  /** Hosts that this app answers for: `'api.example.com'`, `'*.example.com'`, `'localhost:3000'`. @default any */
  readonly hosts?: readonly string[]
}
