import type { RouteFacts } from '../works.ts'

/** What of an app stands in its API document. */
export interface Documented {
  readonly routes: readonly RouteFacts[]
  /** Named models. */
  readonly models: Readonly<Record<string, unknown>>
}

/** The versions of an API, for a document of each. */
export interface DocumentVersions {
  /** Names of those that are served, the newest first. */
  names(): readonly string[]
  /** What a version has of an app. */
  at(version: string, now: Documented): Documented
  /** The media type of its bodies. */
  mediaType(version: string): string
}
