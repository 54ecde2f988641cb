import { announceUntil } from '#core/internal/announcing'
import type { Announcements } from '#core/ports/announcements'
import type { Logger } from '#core/ports/logger'
import { RedisUnavailable } from '#core/ports/redis'
import { wholeLife } from './age.ts'
import { Copies, Copy } from './copies.ts'
import { Ends, everything, LocalTicket, nameOfKey, nameOfTag, namesOf } from './ends.ts'
import { Journal } from './journal.ts'
import { type RedisEngineOptions, type ResolvedEngineOptions, resolveEngineOptions } from './options.ts'
import { newId, RedisStore } from './redis-store.ts'
import { deaf, type Moment, RedisTicket } from './redis-ticket.ts'
import { fencedFor } from './scripts.ts'
import { payloadOf, restOf, storedEntryOf } from './stored.ts'
import { areSame, fits, tagsOf } from './terms.ts'
import type { Ended, Engine, Entry, Hold, Lifetime, Look, Ticket } from './types.ts'

/**
 * Entries in Redis, with local copies that are answered only while it is certain that nobody has ended them: see
 * docs/decisions/cache.md.
 *
 * @throws {RangeError} when a number is out of its range
 */
export function redisEngine(options: RedisEngineOptions): Engine {
  return new RedisEngine(options)
}

/** Milliseconds until a Redis that was slow is asked again. */
const pause = 50

class RedisEngine implements Engine {
  readonly backend = 'redis'
  readonly #id = newId()
  readonly #store: RedisStore
  readonly #copies: Copies
  readonly #ends = new Ends()
  readonly #journal: Journal
  readonly #announcements: Announcements | undefined
  readonly #given: RedisEngineOptions
  readonly #options: ResolvedEngineOptions
  readonly #localTtl: number
  readonly #logger: Logger | undefined
  /** How many times announcements may have been missed. */
  #epoch = 0
  #away = false

  constructor(given: RedisEngineOptions) {
    this.#given = given
    this.#options = resolveEngineOptions(given)
    this.#localTtl = given.localTtl ?? 2000
    this.#logger = given.logger
    this.#store = new RedisStore(given.redis, given.namespace)
    this.#copies = new Copies(this.#options)
    this.#journal = new Journal((names) => this.#replay(names))
    this.#announcements = given.announcements
    given.announcements?.listen(
      (name) => this.#heard(name),
      () => {
        this.#epoch++
      },
    )
  }

  now(): number {
    return this.#given.clock?.now() ?? performance.now()
  }

  peek(key: string, tags?: readonly string[]): Entry | undefined {
    const copy = this.#copies.get(key)
    if (copy === undefined || copy.epoch !== this.#epoch || copy.certainUntil <= performance.now()) return undefined
    if (!this.#announcements?.hears() || (tags && !areSame(tags, copy.tags))) return undefined
    const now = this.now()
    return now < copy.until && now >= copy.at ? copy : undefined
  }

  async look(key: string, given: readonly string[], { grace = 0 }: { readonly grace?: number } = {}): Promise<Look> {
    const tags = tagsOf(given)
    const known = this.#copies.get(key)
    let moment = this.#moment(key, tags)
    try {
      if (this.#journal.size > 0) {
        await this.#journal.replay()
        moment = this.#moment(key, tags)
      }
      const seen = await this.#store.read(key, tags, known?.id ?? '')
      this.#isBack()
      const ticket = new RedisTicket(this.#ends, moment, key, tags, seen)
      const entry = await this.#entry(ticket, known)
      return entry === undefined ? { ticket } : { entry, ticket }
    } catch (error) {
      this.#isAway(error)
      return this.#lookAway(key, tags, moment, grace)
    }
  }

  async put(ticket: Ticket, payload: string, life: Lifetime, made?: unknown): Promise<boolean> {
    if (!(ticket instanceof RedisTicket) || !ticket.storable || !ticket.isGood()) return false
    const { key, tags, seen, moment, stamp } = ticket
    if (!fits(payload, this.#options.maxEntryBytes) || performance.now() - moment.sent > fencedFor) return false
    const id = newId()
    try {
      const rest = await restOf(payload, life, stamp)
      const now = this.#moment(key, tags)
      const at = this.#given.clock && now.at
      const ms = Math.max(1, Math.ceil(wholeLife(life)))
      if ((await this.#store.put(key, tags, seen, { id, rest, ms, ...(at !== undefined && { at }) })) === 0)
        return false
      const copy = new Copy(tags, payload, now.at, life, made)
      copy.id = id
      copy.stamp = stamp
      // What ended between the look and now is known only if everything was heard since.
      if (ticket.isGood()) this.#keep(key, copy, { ...now, epoch: moment.epoch === now.epoch ? now.epoch : deaf })
      return true
    } catch (error) {
      this.#isAway(error)
      return false
    }
  }

  async hold(tags: readonly string[]): Promise<Hold> {
    const id = newId()
    try {
      await this.#store.hold(tags, id, this.#options.holdFor)
      this.#isBack()
    } catch (error) {
      this.#isAway(error)
      if (this.#given.onInvalidateFail === 'fail-write') throw error
    }
    return { id, tags }
  }

  end(tags: readonly string[], hold?: Hold): Promise<Ended> {
    return this.#over([...new Set([...tags, ...(hold?.tags ?? [])])].map(nameOfTag), hold?.id)
  }

  delete(key: string): Promise<Ended> {
    return this.#over([nameOfKey(key)])
  }

  clear(): Promise<Ended> {
    return this.#over([everything])
  }

  async lease(key: string, ms: number): Promise<(() => Promise<void>) | undefined> {
    const id = newId()
    try {
      if (!(await this.#store.lease(key, id, ms))) return undefined
    } catch {
      // Nobody can be asked to wait for.
      return async () => {}
    }
    return () => this.#store.release(key, id).catch(() => {})
  }

  async close(): Promise<void> {
    this.#journal.close()
    this.#copies.clear()
  }

  /** In Redis first: a copy that is made of what Redis says from now on is of the new value. */
  async #over(names: readonly string[], holder = ''): Promise<Ended> {
    if (names.length === 0) return 'told'
    let ended: Ended = 'told'
    try {
      await this.#endInRedis(names, holder)
      this.#isBack()
    } catch (error) {
      this.#isAway(error)
      this.#journal.note(names)
      ended = 'noted'
    }
    const since = performance.now()
    for (const name of names) this.#forget(name)
    if (ended === 'told') await this.#announce(names, since)
    return ended
  }

  /**
   * A Redis that is slow may have done what it has not answered yet, or may not: it is asked again until no other process
   * believes a copy that it has not asked for since.
   */
  async #endInRedis(names: readonly string[], holder: string): Promise<void> {
    const until = performance.now() + this.#localTtl
    for (;;)
      try {
        return await this.#store.end(names, holder, this.#options.holdStore)
      } catch (error) {
        if (!(error instanceof RedisUnavailable) || error.trouble !== 'slow' || performance.now() >= until) throw error
        await new Promise((done) => setTimeout(done, pause))
      }
  }

  async #replay(names: readonly string[]): Promise<void> {
    await this.#store.end(names, '', this.#options.holdStore)
    const since = performance.now()
    for (const name of names) this.#forget(name)
    // Whoever ended them was told that it takes longer.
    void this.#announce(names, since)
  }

  async #announce(names: readonly string[], since: number): Promise<void> {
    if (this.#announcements === undefined) return
    const own = `${this.#store.space}${this.#id}:`
    await announceUntil(
      this.#announcements,
      names.map((name) => own + name),
      since + this.#localTtl,
    )
  }

  #heard(text: string): void {
    const { space } = this.#store
    if (!text.startsWith(space)) return
    const at = text.indexOf(':', space.length)
    // What this engine has ended itself was over before it was told: heard now, it would undo what was stored since.
    if (text.slice(space.length, at) !== this.#id) this.#forget(text.slice(at + 1))
  }

  #forget(name: string): void {
    if (name === everything) {
      this.#ends.endAll()
      this.#copies.clear()
      return
    }
    this.#ends.end(name)
    if (name.startsWith('t:')) this.#copies.endTag(name.slice(2))
    else this.#copies.delete(name.slice(2))
  }

  #moment(key: string, tags: readonly string[]): Moment {
    const epoch = this.#announcements?.hears() ? this.#epoch : deaf
    return { names: namesOf(key, tags), since: this.#ends.count, epoch, sent: performance.now(), at: this.now() }
  }

  /** What is stored, unless it was stored under versions that have ended, or ended while it was read. */
  async #entry(ticket: RedisTicket, known: Copy | undefined): Promise<Copy | undefined> {
    const { key, tags, seen, stamp, moment } = ticket
    if (seen.id === '' || !ticket.isGood()) return undefined
    let copy = known
    if (known === undefined || seen.id !== known.id) {
      const stored = storedEntryOf(seen.text)
      const payload = stored?.stamp === stamp ? await payloadOf(stored, this.#options.maxEntryBytes) : undefined
      if (stored === undefined || payload === undefined || !ticket.isGood()) return undefined
      // Redis' own clock says how old it is, and the time of this process' clock when that was asked is the earliest.
      const at = this.#given.clock ? stored.at : moment.at - Math.max(0, seen.now - stored.at)
      copy = new Copy(tags, payload, at, stored.life)
      copy.id = seen.id
      copy.stamp = stamp
    }
    if (copy === undefined || copy.stamp !== stamp) return undefined
    this.#keep(key, copy, moment)
    return copy
  }

  #keep(key: string, copy: Copy, { epoch, sent }: Moment): void {
    copy.epoch = epoch
    copy.certainUntil = sent + this.#localTtl
    if (this.#copies.get(key) !== copy) this.#copies.set(key, copy)
  }

  #lookAway(key: string, tags: readonly string[], moment: Moment, grace: number): Look {
    const stamp = `away ${moment.epoch} ${this.#ends.latest(moment.names)}`
    const seen = { key, tags, stamp, storable: false, deaf: moment.epoch === deaf }
    const ticket = new LocalTicket({ ends: this.#ends, ...moment }, seen)
    const copy = this.#copies.get(key)
    const age = copy ? this.now() - copy.at : 0
    if (!copy || !areSame(tags, copy.tags) || age < 0 || age >= copy.life.fresh + grace || grace === 0)
      return { ticket }
    return { entry: copy, ticket, grace: true }
  }

  #isAway(error: unknown): void {
    if (this.#away) return
    this.#away = true
    this.#logger?.warning('The cache has lost its Redis: nothing is stored, and everything is loaded.', { error })
  }

  #isBack(): void {
    if (!this.#away) return
    this.#away = false
    this.#logger?.info('The cache has its Redis again.')
  }
}
