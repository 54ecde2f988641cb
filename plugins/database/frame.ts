import type { Values } from '#core/ports/database'
import { Gate } from './gate.ts'
import type { Session } from './session.ts'

export type Hook = (committedAt: number) => void | Promise<void>

/** Work just before the commit, and what undoes it where that does not come. */
export interface Before {
  readonly run: () => void | Promise<void>
  readonly undone: (() => void | Promise<void>) | undefined
}

/** One open transaction, or one savepoint in it: what an asynchronous flow finds of it. */
export class Frame {
  readonly session: Session
  readonly outer: Frame | undefined
  readonly depth: number
  readonly hooks: Hook[] = []
  readonly before: Before[] = []
  /** How many of those before the commit have begun. */
  begun = 0
  state: 'open' | 'committed' | 'rolled back' = 'open'
  /** Closed while a savepoint is open: other statements of this level would be rolled back with it. */
  readonly gate: Gate = new Gate()

  constructor(session: Session, outer?: Frame) {
    this.session = session
    this.outer = outer
    this.depth = outer ? outer.depth + 1 : 0
  }

  /** Runs what comes just before the commit; that may add more. Those who began nested transactions are waited for first. */
  async last(): Promise<void> {
    while (!this.gate.open) await this.gate.pass(() => {})
    while (this.begun < this.before.length) await this.before[this.begun++]!.run()
  }

  /** Nested transactions that nobody waited for are on this connection too: it is theirs until they have ended. */
  async end(state: 'committed' | 'rolled back'): Promise<void> {
    if (state === 'rolled back') this.state = state
    while (!this.gate.open) await this.gate.pass(() => {})
    this.state = state
  }

  async values(text: string, parameters: readonly unknown[]): Promise<Values[]> {
    return this.gate.open
      ? this.session.values(text, parameters)
      : this.gate.pass(() => this.session.values(text, parameters))
  }

  async execute(text: string, parameters: readonly unknown[]): Promise<{ readonly changes: number }> {
    return this.gate.open
      ? this.session.execute(text, parameters)
      : this.gate.pass(() => this.session.execute(text, parameters))
  }
}
