import type { Birth, Kept } from './kept.ts'

/**
 * What those get who waited while somebody else's handler worked: its answer; `leave`: it was for nobody else, each runs
 * their own; `again`: it broke off, one of them takes over.
 */
export type Outcome = { readonly kept: Kept; readonly birth: Birth | undefined } | 'leave' | 'again'

/** A handler at work that others wait for. It always ends: also when its request does without an answer. */
export class Leading {
  readonly settled: Promise<Outcome>
  readonly settle: (outcome: Outcome) => void

  constructor() {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    this.settled = promise
    this.settle = resolve
  }
}
