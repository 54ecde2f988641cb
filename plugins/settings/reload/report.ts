import type { SettingsFault } from '../errors.ts'

/** A setting that a reload changed, or would change. Secrets and passwords are masked. */
export interface Change {
  readonly key: string
  /** As JSON; `undefined` where it was not set. */
  readonly before: string | undefined
  readonly now: string | undefined
  readonly from: string
}

/** What a reload did. */
export interface ReloadReport {
  /** Settings that have new values now. */
  readonly applied: readonly Change[]
  /** Settings that will have new values when the app starts again. */
  readonly pending: readonly Change[]
  /** Why nothing was applied: what is wrong with the settings, or which hook refused. */
  readonly rejected?: readonly SettingsFault[]
}

/**
 * Takes part in reloads. First every hook prepares; only when all have, every hook commits. When one throws, all that
 * prepared are rolled back and the old settings stay.
 */
export interface ReloadHook<Values, Prepared = unknown> {
  /** For the log. */
  readonly name?: string
  /** Makes what the new settings need, such as a connection, and changes nothing yet. Throws to refuse them. */
  prepare(next: Values, now: Values, keys: readonly string[]): Prepared | Promise<Prepared>
  /** Puts it in place, at once. */
  commit?(prepared: Prepared): void
  /** Undoes what `prepare`, and maybe `commit`, did. */
  rollback?(prepared: Prepared): void | Promise<void>
}
