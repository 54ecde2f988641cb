import { grantCheck, isPermissionName } from '#core/grants'
import { type Duration, milliseconds } from '#core/internal/duration'

/** Says whether something the app needs is well: by throwing or answering `false` when it is not. */
export type Check = () => unknown

/** What readiness asks. */
export interface HealthOptions {
  /** What the app needs to answer requests, by the name that is shown: `{ database: () => database.ping() }`. @default {} */
  readonly checks?: Readonly<Record<string, Check>>
  /** How long a check may take. @default '1s' */
  readonly timeout?: Duration
  /** The permission with which a caller sees why a check fails, and how long each took: `health:read`. @default nobody sees it */
  readonly details?: string
}

export interface ResolvedHealthOptions {
  readonly checks: Readonly<Record<string, Check>>
  /** Milliseconds. */
  readonly timeout: number
  readonly mayKnow: ((granted: ReadonlySet<string>) => boolean) | undefined
}

/** @throws {TypeError} for a timeout that is no duration, and for a permission that is none */
export function resolveHealthOptions({ checks = {}, timeout = '1s', details }: HealthOptions): ResolvedHealthOptions {
  if (details !== undefined && !isPermissionName(details))
    throw new TypeError(`health: details is the name of a permission such as health:read, not "${details}"`)
  return { checks, timeout: milliseconds(timeout), mayKnow: details === undefined ? undefined : grantCheck(details) }
}
