import type { Call } from '#core/phases'
import type { CacheOutcome, Scope } from '#core/scope'
import type { Seat } from '../engine/index.ts'
import type { Controls } from './controls.ts'
import type { KeyOf } from './key.ts'
import type { RouteRules } from './rules.ts'

/** What is needed to answer for one route. */
export interface Desk {
  readonly rules: RouteRules
  readonly controls: Controls
  readonly keyOf: KeyOf
  /** Of an answer that is kept. */
  readonly maxBytes: number
  /** Where answers are kept, for the calling flow. */
  seat(): Seat
  /** The tags of an answer; `undefined` where they cannot be found, which is logged. */
  tagsOf(scope: Scope, call: Call): readonly string[] | undefined
  /** Notes what the cache did, and says it to the client where that was asked for. */
  say(scope: Scope, what: CacheOutcome): void
  /** Tells once why answers of a cached route are not kept. */
  wonder(scope: Scope, reason: string): void
  /** Tells that something failed which nobody waits for. */
  failed(scope: Scope, what: string, error: unknown): void
}
