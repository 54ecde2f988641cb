import { type Duration, milliseconds } from '#core/internal/duration'
import type { Logger } from '#core/ports/logger'

/** Where the database is, and how it is used. */
export interface DatabaseOptions {
  /**
   * `sqlite:./data/app.sqlite`, `sqlite::memory:`, a path, or `postgres://user:password@host:5432/name`.
   * It may hold a password: keep it in a setting.
   */
  readonly url: string
  /** Connections to PostgreSQL. @default 10 */
  readonly poolSize?: number
  /** How long a call waits for a connection to PostgreSQL. @default '5s' */
  readonly connectTimeout?: Duration
  /** Hears of hooks after commit that fail. @default console */
  readonly logger?: Logger
}

export type Location =
  | { readonly dialect: 'sqlite'; readonly path: string }
  | { readonly dialect: 'postgresql'; readonly url: string }

export interface ResolvedDatabaseOptions {
  readonly location: Location
  readonly poolSize: number
  /** Milliseconds. */
  readonly connectTimeout: number
}

export function resolveDatabaseOptions(options: DatabaseOptions): ResolvedDatabaseOptions {
  const { url, poolSize = 10, connectTimeout = '5s' } = options
  if (!Number.isInteger(poolSize) || poolSize < 1)
    throw new TypeError(`poolSize is a whole number from 1, not ${poolSize}`)
  return { location: locationOf(url), poolSize, connectTimeout: milliseconds(connectTimeout) }
}

/**
 * Which database a URL means.
 * @throws {TypeError} for other databases; the URL is not shown, it may hold a password
 */
export function locationOf(url: string): Location {
  if (/^postgres(ql)?:\/\//.test(url)) {
    // Read now: what cannot be read would be found by the driver alone, whose error shows the whole of it.
    if (!URL.canParse(url.replace('@/', '@localhost/')))
      throw new TypeError(
        'the URL of the database cannot be read: percent-encode / ? # and @ in its password, and see its port',
      )
    return { dialect: 'postgresql', url }
  }
  const path = /^(?:sqlite|file):(?:\/\/)?(.*)$/.exec(url)?.[1]
  if (path === undefined && /^[a-z][a-z0-9+.-]+:\/\//i.test(url))
    throw new TypeError(
      `databases are sqlite: and postgres:, not ${url.slice(0, url.indexOf(':') + 1)} Write sqlite:./data/app.sqlite or postgres://host/name`,
    )
  const file = path ?? url
  if (file === '') throw new TypeError('the URL of the database is empty: write sqlite:./data/app.sqlite')
  return { dialect: 'sqlite', path: file }
}
