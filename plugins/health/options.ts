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
  /** Names of settings that were changed and wait for a restart: shown to who may see `details`. @default those of `kwik({ settings })` */
  readonly pending?: () => readonly string[]
}

export interface ResolvedHealthOptions {
  readonly checks: Readonly<Record<string, Check>>
  /** Milliseconds. */
  readonly timeout: number
  readonly mayKnow: ((granted: ReadonlySet<string>) => boolean) | undefined
  readonly pending: (() => readonly string[]) | undefined
}

/** @throws {TypeError} for a timeout that is no duration, and for a permission that is none */
export function resolveHealthOptions({
  checks = {},
  timeout = '1s',
  details,
  pending,
}: HealthOptions): ResolvedHealthOptions {
  if (details !== undefined && !isPermissionName(details))
    throw new TypeError(`health: details is the name of a permission such as health:read, not "${details}"`)
  const mayKnow = details === undefined ? undefined : grantCheck(details)
  return { checks, timeout: milliseconds(timeout), mayKnow, pending }
}
