import { type Scope, type Slot, slot } from '../scope.ts'

/** A change that is ready to be made. Neither waits nor throws. */
export interface ReadyChange {
  commit(): void
  rollback(): void
}

/** Options of a part that may become others while apps run that have it. */
export class Changing<Options> {
  private readonly followers = new Set<(next: Options) => ReadyChange>()

  /**
   * @param prepare makes what other options need and changes nothing yet; throws to refuse them
   * @returns what ends that
   */
  follow(prepare: (next: Options) => ReadyChange): () => void {
    this.followers.add(prepare)
    return () => void this.followers.delete(prepare)
  }

  /** @throws what a part throws that refuses them */
  prepare(next: Options): ReadyChange {
    const all = [...this.followers].map((prepare) => prepare(next))
    return {
      commit: () => {
        for (const one of all) one.commit()
      },
      rollback: () => {
        for (const one of all) one.rollback()
      },
    }
  }
}

/** What a part made of options that change: a request keeps to its end to what there was when it began. */
export class Current<T> {
  private readonly place: Slot<T> = slot('current options')
  private now: T

  constructor(first: T) {
    this.now = first
  }

  /** For `open`: a request that is handed in again keeps what it has. */
  begin(scope: Scope): void {
    if (scope.get(this.place) === undefined) scope.set(this.place, this.now)
  }

  /** That of a request; without one that of now. */
  of(scope?: Scope): T {
    return scope?.get(this.place) ?? this.now
  }

  becomes(next: T): ReadyChange {
    const before = this.now
    return {
      commit: () => {
        this.now = next
      },
      rollback: () => {
        this.now = before
      },
    }
  }
}
