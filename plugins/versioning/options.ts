import type { Clock } from '#core/ports/clock'
import type { User } from '#core/scope'
import type { Change } from './change.ts'
import { momentOf, type Window, windowOf } from './dates.ts'
import { type DeprecationHeaders, deprecationHeaders } from './deprecation.ts'
import type { UsageStore } from './usage/usage.ts'

/** One version of the API. Days are UTC: `'2026-09-01'`. */
export interface Release<V extends string = string> {
  /** Its name, as clients say it: `'2'`. */
  readonly v: V
  /** When clients could first use it. */
  readonly released: string
  /** What is different from the version before it. @default [] */
  readonly changes?: readonly Change[]
  /** Since when clients should leave it. */
  readonly deprecated?: string
  /** When it will be retired. Not before `deprecated` (RFC 9745). */
  readonly sunset?: string
  /** From when on it is refused: 410. */
  readonly retired?: string
  /** When it is switched off for a while, so that clients notice: `'2027-01-15T10:00Z/PT1H'`. @default [] */
  readonly brownouts?: readonly string[]
  /** Where people read what to do: `'/changelog#v2'`. */
  readonly docs?: string
}

/** Where a version may be said, beside the media type: as a path's first part, or in a header. */
export type VersionReader = 'path' | { readonly header: string }

/** The versions of an API. */
export interface VersionsOptions<V extends string = string> {
  /** Name in media types: `application/vnd.<vendor>.v2+json`. */
  readonly vendor: string
  /** All versions, the newest first. */
  readonly list: readonly Release<V>[]
  /** The version for who names none. @default the newest */
  readonly default?: NoInfer<V>
  /** The version of a user who names none. One that is not known counts as none. */
  readonly pin?: (caller: { readonly user: User & Readonly<Record<string, unknown>> }) => unknown
  /** Where else clients may say a version; the media type goes before them. @default [] */
  readonly readers?: readonly VersionReader[]
  /** Counts who still uses which version. @default nothing is counted */
  readonly usage?: UsageStore
  /** Told of each request: for a counter of yours, such as one of OpenTelemetry. Never hand it who is asking. */
  readonly onRequest?: (facts: {
    readonly version: string
    readonly route: string
    readonly deprecated: boolean
  }) => void
  /** Where the time comes from. @default the system's clock */
  readonly clock?: Clock
}

export interface ResolvedRelease {
  readonly name: string
  readonly released: number
  readonly changes: readonly Change[]
  readonly isDeprecated: boolean
  readonly headers: DeprecationHeaders
  readonly retired: number | undefined
  readonly brownouts: readonly Window[]
  readonly docs: string | undefined
}

export interface ResolvedVersionsOptions {
  readonly vendor: string
  /** The newest first. */
  readonly releases: readonly ResolvedRelease[]
  readonly usual: string
  readonly path: boolean
  readonly header: string | undefined
  /** Whether users may have versions of their own. */
  readonly isPinned: boolean
}

/** @throws {TypeError} for versions that cannot be meant */
export function resolveVersionsOptions(options: VersionsOptions): ResolvedVersionsOptions {
  const { vendor, list, readers = [] } = options
  if (!/^[a-z0-9][a-z0-9.-]*$/i.test(vendor)) throw new TypeError(`versions: "${vendor}" is no vendor such as 'kwik'`)
  if (list.length === 0) throw new TypeError('versions: list: name at least one version')
  const releases = list.map(resolveRelease)
  for (const [at, { name, released }] of releases.entries()) {
    if (releases.findIndex((one) => one.name === name) !== at) throw new TypeError(`versions: "${name}" stands twice`)
    if (at > 0 && releases[at - 1]!.released < released)
      throw new TypeError(`versions: "${name}" was released after "${releases[at - 1]!.name}": put the newest first`)
  }
  const oldest = releases.at(-1)!
  if (oldest.changes.length > 0)
    throw new TypeError(`versions: "${oldest.name}" has changes, but there is no version before it`)
  const usual = options.default ?? releases[0]!.name
  if (!releases.some(({ name }) => name === usual))
    throw new TypeError(`versions: default: there is no version "${usual}"`)
  const header = readers.find((one) => typeof one === 'object')?.header.toLowerCase()
  return { vendor, releases, usual, path: readers.includes('path'), header, isPinned: options.pin !== undefined }
}

function resolveRelease({
  v,
  released,
  changes = [],
  deprecated,
  sunset,
  retired,
  brownouts = [],
  docs,
}: Release): ResolvedRelease {
  const where = `versions: "${v}"`
  if (!/^[\w.-]+$/.test(v)) throw new TypeError(`${where}: write a version such as '2' or '2026-01-10'`)
  const end = retired === undefined ? undefined : momentOf(retired, `${where}: retired`)
  if (end !== undefined && sunset !== undefined && end < momentOf(sunset, `${where}: sunset`))
    throw new TypeError(`${where}: it is retired on ${retired}, before its sunset ${sunset}`)
  return {
    name: v,
    released: momentOf(released, `${where}: released`),
    changes,
    isDeprecated: deprecated !== undefined,
    headers: deprecationHeaders(
      {
        ...(deprecated !== undefined && { since: deprecated }),
        ...(sunset !== undefined && { sunset }),
        ...(docs !== undefined && { link: docs }),
      },
      where,
    ),
    retired: end,
    brownouts: brownouts.map((one) => windowOf(one, `${where}: brownouts`)),
    docs,
  }
}
