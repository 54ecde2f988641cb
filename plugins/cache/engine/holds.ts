/** Which tags are about to end, in the memory of this process. */
export class Holds {
  readonly #held = new Map<string, Map<string, number>>()

  add(names: readonly string[], id: string, until: number): void {
    for (const name of names) {
      let holders = this.#held.get(name)
      if (holders === undefined) this.#held.set(name, (holders = new Map()))
      holders.set(id, until)
    }
  }

  release(names: readonly string[], id: string): void {
    for (const name of names) {
      const holders = this.#held.get(name)
      holders?.delete(id)
      if (holders?.size === 0) this.#held.delete(name)
    }
  }

  isHeld(names: readonly string[], now: number): boolean {
    if (this.#held.size === 0) return false
    return names.some((name) => this.#isHeld(name, now))
  }

  /** Takes off those that have died, of names that nobody asks for. */
  sweep(now: number): void {
    for (const name of this.#held.keys()) this.#isHeld(name, now)
  }

  #isHeld(name: string, now: number): boolean {
    const holders = this.#held.get(name)
    if (holders === undefined) return false
    for (const [id, until] of holders) if (until <= now) holders.delete(id)
    if (holders.size > 0) return true
    this.#held.delete(name)
    return false
  }
}
