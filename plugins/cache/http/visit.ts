import { answerAgain } from '#core/again'
import { refuse } from '#core/errors'
import { type Scope, type Slot, slot } from '#core/scope'
import { ageOf, type Entry, type Look, type Seat, type Ticket } from '../engine/index.ts'
import type { Desk } from './desk.ts'
import { type Kept, keptOf } from './kept.ts'
import { Leading, type Outcome } from './outcome.ts'
import { taken } from './taking.ts'

/** Set where a request is made once more beside another: it asks nobody, it makes what is kept. */
export const isRefresh: Slot<true> = slot('cache refresh')

type Later<T> = T | Promise<T>
type Answer = Response | undefined

/** How long somebody waits for another's handler on a route that has no limit, in milliseconds. */
const patience = 30_000

/** One request for which no fresh local copy was there. */
export class Visit {
  readonly #desk: Desk
  readonly #seat: Seat
  readonly #scope: Scope
  readonly #key: string
  readonly #tags: readonly string[]
  readonly #came: number

  constructor(desk: Desk, seat: Seat, scope: Scope, key: string, tags: readonly string[]) {
    this.#desk = desk
    this.#seat = seat
    this.#scope = scope
    this.#key = key
    this.#tags = tags
    this.#came = seat.flights.begun
  }

  /** Answers, or `undefined` where the handler shall. */
  look(): Later<Answer> {
    const look = this.#seat.engine.look(this.#key, this.#tags, { grace: this.#desk.rules.grace })
    return look instanceof Promise ? look.then((found) => this.#decide(found)) : this.#decide(look)
  }

  #decide(look: Look): Later<Answer> {
    const { entry } = look
    const kept = entry && keptOf(entry)
    if (entry === undefined || kept === undefined) return this.#load(look)
    if (look.grace) return this.#stale(kept, entry)
    switch (ageOf(entry, this.#seat.engine.now())) {
      case 'fresh':
        return this.#hit(kept, entry)
      case 'stale':
        this.#seat.flights.join(look.ticket, () => this.#refresh(look)).catch(() => {})
        return this.#stale(kept, entry)
      case 'failing':
        return this.#orStale(look, kept, entry)
      default:
        return this.#load(look)
    }
  }

  #hit(kept: Kept, entry: Entry): Response {
    this.#desk.say(this.#scope, 'hit')
    return kept.answer(this.#scope, this.#desk.controls, entry, this.#seat.engine.now())
  }

  #stale(kept: Kept, entry: Entry): Response {
    this.#desk.say(this.#scope, 'stale')
    return kept.answer(this.#scope, this.#desk.controls, entry, this.#seat.engine.now())
  }

  /** Lets the handler run, or waits for one that runs already. */
  #load(look: Look): Later<Answer> {
    const earlier = this.#seat.flights.earlier(look.ticket, this.#came)
    if (earlier !== undefined) return this.#follow(earlier.then(() => 'again' as const))
    const leading = new Leading()
    const led: { ticket?: Ticket } = {}
    const flight = this.#seat.flights.join<Outcome>(look.ticket, () => {
      led.ticket = look.ticket
      return leading.settled
    })
    if (led.ticket === undefined)
      return this.#follow(flight)
      // However the request ends, nobody waits longer.
    ;(this.#scope.onEnd ??= []).push(() => leading.settle('again'))
    const { lease } = this.#desk.rules
    if (lease !== undefined && look.ticket.storable) return this.#takeTurn(leading, lease)
    this.#lead(look.ticket, leading)
    return undefined
  }

  #lead(ticket: Ticket, leading: Leading, release?: () => Promise<void>): void {
    const scope = this.#scope
    this.#desk.say(scope, 'miss')
    ;(scope.onResponse ??= []).push(async (response) => {
      try {
        const { engine } = this.#seat
        const { outcome, response: own, isStored } = await taken(this.#desk, scope, response, { engine, ticket })
        if (isStored) this.#desk.say(scope, 'stored')
        leading.settle(outcome)
        return own
      } finally {
        leading.settle('again')
        await release?.()
      }
    })
  }

  /** One process makes the answer; the others look whether it is there. */
  async #takeTurn(leading: Leading, lease: number): Promise<Answer> {
    const { engine } = this.#seat
    const until = performance.now() + lease
    for (;;) {
      const release = await engine.lease(this.#key, lease)
      const { entry, ticket } = await engine.look(this.#key, this.#tags)
      const kept = entry && ageOf(entry, engine.now()) === 'fresh' ? keptOf(entry) : undefined
      if (entry !== undefined && kept !== undefined) {
        leading.settle({ kept, birth: entry })
        await release?.()
        return this.#hit(kept, entry)
      }
      if (this.#scope.late) {
        await release?.()
        throw refuse('KWIK_TIMEOUT')
      }
      if (release || performance.now() >= until) {
        if (release) (this.#scope.onEnd ??= []).push(() => void release().catch(() => {}))
        this.#lead(ticket, leading, release)
        return undefined
      }
      await pause(20 + 20 * Math.random())
    }
  }

  /** Somebody else's handler works: its answer is ours too, where it is for all. */
  async #follow(flight: Promise<Outcome>): Promise<Answer> {
    // With a limit of its own a request does not wait longer than that.
    const limit = this.#scope.deadlines === undefined ? patience : undefined
    const outcome = await within(flight, limit, 'leave' as const)
    // Nobody waits any more: what did not begin shall not.
    if (this.#scope.late) throw refuse('KWIK_TIMEOUT')
    if (outcome === 'again') return this.look()
    if (outcome === 'leave') {
      this.#desk.say(this.#scope, 'miss')
      return undefined
    }
    return this.#shared(outcome)
  }

  #shared({ kept, birth }: Exclude<Outcome, string>): Response {
    this.#desk.say(this.#scope, 'shared')
    return kept.answer(this.#scope, this.#desk.controls, birth, this.#seat.engine.now())
  }

  /** Made anew beside, as far as the caller waits for it; the old answer stands in for a failure. */
  async #orStale(look: Look, kept: Kept, entry: Entry): Promise<Answer> {
    const scope = this.#scope
    const stale = (): Response => this.#stale(kept, entry)
    const flight = this.#seat.flights.join<Outcome>(look.ticket, () => this.#refresh(look))
    flight.catch(() => {})
    ;(scope.onResponse ??= []).push((response) => (response.status >= 500 ? stale() : undefined))
    const outcome = await within(flight, this.#desk.rules.timeout, 'again' as const)
    if (scope.late) throw refuse('KWIK_TIMEOUT')
    if (outcome === 'leave') return undefined
    return outcome === 'again' || outcome.kept.status >= 500 ? stale() : this.#shared(outcome)
  }

  /** Runs the handler once more, for nobody. What it cannot make anew is kept only as long as errors allow. */
  async #refresh(look: Look): Promise<Outcome> {
    const again = this.#scope.again()
    again.set(isRefresh, true)
    const { engine } = this.#seat
    const { lease } = this.#desk.rules
    const release = lease === undefined ? undefined : await engine.lease(this.#key, lease)
    // Another process makes it.
    if (lease !== undefined && release === undefined) return 'again'
    try {
      const response = await answerAgain(again)
      const { outcome, response: own } = await taken(this.#desk, again, response, { engine, ticket: look.ticket })
      if (outcome === 'leave') void own.body?.cancel().catch(() => {})
      await this.#outdate(look, own.status, outcome)
      return outcome
    } catch (error) {
      this.#desk.failed(again, 'An answer could not be made anew', error)
      return 'again'
    } finally {
      await release?.()
    }
  }

  async #outdate({ entry }: Look, status: number, outcome: Outcome): Promise<void> {
    if (entry === undefined) return
    const failed = status >= 500 || outcome === 'again'
    const isKept = typeof outcome === 'object' && outcome.birth !== undefined
    const { at, life } = entry
    const isAllowed = failed && this.#seat.engine.now() - at < life.fresh + life.staleIfError
    if (!isKept && !isAllowed) await this.#seat.engine.delete(this.#key)
  }
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** What a promise brings, or something else when it takes longer. */
function within<T, E>(promise: Promise<T>, ms: number | undefined, otherwise: E): Promise<T | E> {
  if (ms === undefined) return promise
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(otherwise), ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
