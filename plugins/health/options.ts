import { type Duration, milliseconds } from '#core/internal/duration'

/** Says whether something the app needs is well: by throwing or answering `false` when it is not. */
export type Check = () => unknown

/** What readiness asks. */
export interface HealthOptions {
  /** What the app needs to answer requests, by the name that is shown: `{ database: () => database.ping() }`. @default {} */
  readonly checks?: Readonly<Record<string, Check>>
  /** How long a check may take. @default '1s' */
  readonly timeout?: Duration
}

export interface ResolvedHealthOptions {
  readonly checks: Readonly<Record<string, Check>>
  /** Milliseconds. */
  readonly timeout: number
}

/** @throws {TypeError} for a timeout that is no duration */
export function resolveHealthOptions({ checks = {}, timeout = '1s' }: HealthOptions): ResolvedHealthOptions {
  return { checks, timeout: milliseconds(timeout) }
}
