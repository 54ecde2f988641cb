import { refuse } from '#core/errors'
import type { ProblemError } from '#core/problem'
import { scopeOf } from '#core/scope'
import { hasCopies } from '#core/tags'
import type { Actor } from './actor.ts'
import type { Checks } from './checks.ts'
import type { Change, Hooks, Values } from './options.ts'
import { changedSince, type Expected } from './preconditions.ts'
import type { Aim, Row } from './reach.ts'
import { endRows, type Touch } from './row-tags.ts'
import type { Store } from './store.ts'
import type { Watch } from './watch.ts'

export interface Parts {
  readonly store: Store
  readonly checks: Checks
  readonly hooks: Hooks<Values, Values, Values>
  readonly watch: Watch
  /** What one row is called: `product`. */
  readonly word: string
}

/** What every write of a resource shares: its transaction, what is told after it, and why it does not happen. */
export class Turn {
  readonly parts: Parts
  /** One statement is its own transaction: it needs none around it, unless copies must know before it is committed. */
  private readonly alone: boolean

  constructor(parts: Parts) {
    const { store, watch, hooks } = parts
    this.parts = parts
    this.alone = !store.reach.isScoped && !watch.isOn && Object.keys(hooks).every((name) => name === 'afterCommit')
  }

  /** Runs a write of one statement, in a transaction where it needs one. */
  atomic<T>(actor: Actor, write: () => Promise<T>): Promise<T> {
    this.begin(actor)
    const { db } = actor
    const needsNone = this.alone && (db.inTransaction || !hasCopies(db))
    return needsNone ? write() : this.transaction(actor, write)
  }

  /** Runs a write of several statements. */
  whole<T>(actor: Actor, write: () => Promise<T>): Promise<T> {
    this.begin(actor)
    return this.transaction(actor, write)
  }

  /** @throws {TypeError} where nobody would stand in rows that say who wrote them */
  private begin(actor: Actor): void {
    const { model } = this.parts.store
    if (model.audited && actor.principal === null)
      throw new TypeError(
        `resource "${model.name}": its rows say who wrote them: give the service a user, or say audit: false`,
      )
    actor.request.signal.throwIfAborted()
  }

  private transaction<T>(actor: Actor, write: () => Promise<T>): Promise<T> {
    return actor.db.tx(async () => {
      const answer = await write()
      // The client left, or was told that it took too long: nobody would learn that it was stored.
      scopeOf(actor.request).signal.throwIfAborted()
      return answer
    })
  }

  /** Copies of what depends on these rows end with the transaction. Said before what the app is told. */
  ended(actor: Actor, touch: Touch, ids?: readonly unknown[]): Promise<void> {
    return endRows(actor.db, this.parts.store.model, touch, ids)
  }

  tell(actor: Actor, action: Change<Row>['action'], id: unknown, row?: Row): void {
    const { afterCommit } = this.parts.hooks
    if (!afterCommit) return
    const change = { action, id: String(id), userId: actor.principal?.id ?? null, ...(row && { row: { ...row } }) }
    actor.db.afterCommit(() => afterCommit(change))
  }

  show(row: Row, actor: Actor): Row {
    return this.parts.checks.show(row, actor.principal?.permissions)
  }

  missing(word = `such ${this.parts.word}`): ProblemError {
    return refuse('KWIK_NOT_FOUND', { detail: `There is no ${word}.` })
  }

  /** Why a write found no row: there is none, or it has another version. */
  async absence(id: unknown, actor: Actor, aim: Aim): Promise<ProblemError> {
    const { store, word } = this.parts
    const { versions, deleted } = aim
    const now = versions && (await store.versionOf(id, actor, aim))
    if (versions === undefined || now === undefined)
      return this.missing(deleted ? `such deleted ${word}` : `such ${word}`)
    return changedSince(`${word} ${id}`, versions, now ?? undefined)
  }
}

/** The versions among what a request expects. */
export const versionsOf = (expected: Expected): readonly number[] | undefined =>
  expected === '*' ? undefined : expected
