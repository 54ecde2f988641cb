import { httpDate, momentOf, structuredDate } from './dates.ts'

/** That a route goes away some day, for its clients' eyes. */
export interface Deprecation {
  /** Since when it should not be used: `'2026-09-01'`. */
  readonly since: string
  /** When it goes away. Not before `since`. */
  readonly sunset?: string
  /** Where people read what to do instead. */
  readonly link?: string
  /** The route to use instead. */
  readonly successor?: string
}

/** Headers that say so (RFC 9745, RFC 8594, RFC 5829). */
export interface DeprecationHeaders {
  readonly deprecation?: string
  readonly sunset?: string
  readonly links: readonly string[]
}

/** @throws {TypeError} for days that are none, and a sunset before the deprecation */
export function deprecationHeaders(
  {
    since,
    sunset,
    link,
    successor,
  }: { readonly since?: string; readonly sunset?: string; readonly link?: string; readonly successor?: string },
  where: string,
): DeprecationHeaders {
  const from = since === undefined ? undefined : momentOf(since, `${where}: deprecated`)
  const to = sunset === undefined ? undefined : momentOf(sunset, `${where}: sunset`)
  if (to !== undefined && from === undefined)
    throw new TypeError(`${where}: a sunset without a deprecation: say since when it is deprecated`)
  if (from !== undefined && to !== undefined && to < from)
    throw new TypeError(`${where}: the sunset ${sunset} is before the deprecation ${since} (RFC 9745)`)
  return {
    ...(from !== undefined && { deprecation: structuredDate(from) }),
    ...(to !== undefined && { sunset: httpDate(to) }),
    links: [
      ...(link !== undefined && from !== undefined ? [`<${link}>; rel="deprecation"; type="text/html"`] : []),
      ...(link !== undefined && to !== undefined ? [`<${link}>; rel="sunset"; type="text/html"`] : []),
      ...(successor !== undefined ? [`<${successor}>; rel="successor-version"`] : []),
    ],
  }
}
