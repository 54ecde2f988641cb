import type { DelayRule } from './delay.ts'

/** One count of wrong passwords, and the rule that reads it. */
export interface Counted {
  readonly key: string
  readonly rule: DelayRule
}

/**
 * Where wrong passwords are counted. A try is counted before it is judged, and taken back when it was right: many that
 * come at once are no more than many that come one after the other.
 */
export interface Counts {
  /** Counts a try in all of these, or in none: how many milliseconds each of them asks to wait; all zeros let it through. */
  take(counted: readonly Counted[]): Promise<readonly number[]>
  /** Takes a try back. */
  giveBack(counted: readonly Counted[]): Promise<void>
  /** Forgets a count. */
  forget(key: string): Promise<void>
}
