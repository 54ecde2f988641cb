import { createHash } from 'node:crypto'
import { RedisUnavailable } from '#core/ports/redis'
import { throttled } from '../errors.ts'
import type { Parts } from '../parts.ts'
import type { Counted, Counts } from './counts.ts'
import type { ThrottleRules } from './delay.ts'
import { memoryCounts } from './memory-counts.ts'
import type { Networks } from './networks.ts'
import { redisCounts } from './redis-counts.ts'

/** One try at a password, counted already. */
export interface Try {
  /** The password was right. */
  right(): Promise<void>
  /** It was not judged: too many at once, a body that cannot be. */
  unjudged(): Promise<void>
}

/**
 * Slows down who guesses the password of one account, from one network and from all together. Counts are kept by the
 * address that was given, whether somebody has it or not: waiting tells nothing, and no hash is made meanwhile.
 */
export class Throttle {
  readonly #rules: ThrottleRules
  readonly #parts: Parts
  readonly #networks: Networks
  readonly #local: Counts
  #shared: { readonly redis: unknown; readonly counts: Counts } | undefined
  #away = false

  constructor(rules: ThrottleRules, parts: Parts, networks: Networks) {
    this.#rules = rules
    this.#parts = parts
    this.#networks = networks
    this.#local = memoryCounts(() => parts.clock, rules.forget)
  }

  /**
   * Counts a try before anything is hashed for it.
   *
   * @param email as it was given, or in its normal form
   * @param network where it comes from; those that nobody knows are one
   * @throws {ProblemError} `KWIK_ACCOUNTS_THROTTLED` with Retry-After
   */
  async begin(email: string, network: string | undefined): Promise<Try> {
    const account = digestOf(email)
    const near: Counted = { key: `login:${account}:${digestOf(network ?? '')}`, rule: this.#rules.network }
    const all: Counted = { key: `login:${account}`, rule: this.#rules.account }
    const [nearWait = 0, allWait = 0] = await this.#counts((counts) => counts.take([near, all]))
    if (nearWait === 0 && allWait === 0) return this.#try([near, all], near)
    // Others guess: whoever signed in from here before only waits for what was wrong here.
    if (nearWait === 0 && network !== undefined && (await this.#networks.knows(email, network))) {
      const [wait = 0] = await this.#counts((counts) => counts.take([near]))
      if (wait === 0) return this.#try([near], near)
      throw throttled(secondsOf(wait))
    }
    throw throttled(secondsOf(Math.max(nearWait, allWait)))
  }

  #try(counted: readonly Counted[], near: Counted): Try {
    const others = counted.filter((one) => one !== near)
    return {
      unjudged: () => this.#counts((counts) => counts.giveBack(counted)),
      right: () =>
        this.#counts(async (counts) => {
          await counts.forget(near.key)
          if (others.length > 0) await counts.giveBack(others)
        }),
    }
  }

  /** Together with other processes where Redis answers; else this process counts for itself. */
  async #counts<T>(run: (counts: Counts) => Promise<T>): Promise<T> {
    const { redis } = this.#parts
    if (redis === undefined) return run(this.#local)
    if (this.#shared?.redis !== redis) this.#shared = { redis, counts: redisCounts(redis, this.#rules.forget) }
    try {
      const result = await run(this.#shared.counts)
      this.#notice(undefined)
      return result
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) throw error
      this.#notice(error)
      return run(this.#local)
    }
  }

  #notice(error: RedisUnavailable | undefined): void {
    if (this.#away === (error !== undefined)) return
    this.#away = !this.#away
    if (error === undefined)
      this.#parts.logger.info('accounts: Redis answers again, wrong passwords are counted together')
    else
      this.#parts.logger.warning('accounts: Redis does not answer, each process counts wrong passwords for itself', {
        trouble: error.trouble,
      })
  }
}

/** Whole seconds, rounded up: who waits for them is let through. */
const secondsOf = (wait: number): number => Math.ceil(wait / 1000)

/** Addresses stay out of Redis, and keys are short whatever is sent. */
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22)
