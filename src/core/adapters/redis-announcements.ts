import type { Announcements } from '../ports/announcements.ts'
import type { Redis } from '../ports/redis.ts'
import { redisScript } from './redis-script.ts'

/** Milliseconds for which one heartbeat that came back proves that this process hears. */
const lease = 1000
/** Milliseconds from a heartbeat to the next, and to the next try of one that failed. */
const beatEvery = 400
const retryAfter = 100
/** Milliseconds without any heartbeat after which the line is made anew. */
const patience = 3000
/** A list of members that nobody has used for a day is gone. */
const listLives = 86_400_000

const now = "local t=redis.call('TIME') local now=t[1]*1000+math.floor(t[2]/1000)"

/** Notes how long a member may believe that it hears, and sends it a message that proves it. */
const beat = redisScript(`${now}
redis.call('HSETNX',KEYS[1],'since',now)
redis.call('HSET',KEYS[1],ARGV[1],now+ARGV[2])
redis.call('PEXPIRE',KEYS[1],ARGV[3])
redis.call('PUBLISH',ARGV[4],ARGV[5])
return now`)

/**
 * Tells everybody, and answers who must say that they heard it: each other member with the milliseconds that its
 * lease lasts. Before them stands how long the list is known to be whole: after a FLUSHALL or a restart, also one with
 * an older copy of the data, members may be missing from it.
 */
const tell = redisScript(`${now}
redis.call('HSETNX',KEYS[1],'since',now)
redis.call('PEXPIRE',KEYS[1],ARGV[2])
local all=redis.call('HGETALL',KEYS[1])
local whole=now-redis.call('HGET',KEYS[1],'since')
local up=tonumber(string.match(redis.call('INFO','server'),'uptime_in_seconds:(%d+)') or '0')*1000
local said={math.min(whole,up)}
for i=1,#all,2 do
  if all[i]~='since' and all[i]~=ARGV[1] then
    local left=all[i+1]-now
    if left>0 then said[#said+1]=all[i] said[#said+1]=left else redis.call('HDEL',KEYS[1],all[i]) end
  end
end
redis.call('PUBLISH',ARGV[3],ARGV[4])
return said`)

/** An announcement that others are to answer. */
interface Waiting {
  readonly answered: Set<string>
  /** Who must answer; not known until Redis has answered, which others may be quicker than. */
  missing: ReadonlySet<string> | undefined
  readonly done: () => void
}

/**
 * Announcements by Redis: pub/sub on a line of its own. A process hears while its heartbeat comes back to it over that
 * line. Whoever announces waits until every process that may hear has said that it did, or can no longer believe that
 * it hears: pub/sub alone would lose messages without a word.
 *
 * @throws {TypeError} for a connection without `subscribe`
 */
export function redisAnnouncements(redis: Redis): Announcements {
  if (redis.subscribe === undefined) throw new TypeError('announcements need a Redis that can subscribe')
  return new RedisAnnouncements(redis)
}

class RedisAnnouncements implements Announcements {
  readonly #redis: Redis
  readonly #id = crypto.randomUUID()
  readonly #listeners: { readonly over: (name: string) => void; readonly lost: () => void }[] = []
  readonly #waiting = new Map<string, Waiting>()
  readonly #whenHeard = new Set<() => void>()
  /** When each heartbeat under way was sent. */
  readonly #beats = new Map<string, number>()
  #line: { close(): Promise<void> } | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #heardUntil = 0
  #open = false
  #openSince = 0
  #closed = false
  #count = 0

  constructor(redis: Redis) {
    this.#redis = redis
  }

  hears(): boolean {
    this.#start()
    return performance.now() < this.#heardUntil
  }

  listen(over: (name: string) => void, lost: () => void): void {
    this.#listeners.push({ over, lost })
  }

  async ready(ms: number): Promise<boolean> {
    if (this.hears()) return true
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#whenHeard.delete(done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#whenHeard.add(done)
    })
    return this.hears()
  }

  async announce(names: readonly string[]): Promise<void> {
    // Answers come on the line.
    await this.ready(lease / 4)
    const call = String(++this.#count)
    const { promise: heard, resolve: done } = Promise.withResolvers<void>()
    const waiting: Waiting = { answered: new Set(), missing: undefined, done }
    this.#waiting.set(call, waiting)
    try {
      const message = JSON.stringify([this.#id, call, names])
      const said = await tell(this.#redis, [this.#members], [this.#id, listLives, this.#channel, message])
      const [whole, ...others] = said as [number, ...(string | number)[]]
      waiting.missing = new Set(others.filter((_, at) => at % 2 === 0).map(String))
      const longest = Math.max(0, ...others.filter((_, at) => at % 2 === 1).map(Number))
      settle(waiting)
      await passed(heard, longest)
      if (whole < lease) await passed(undefined, lease - whole)
    } finally {
      this.#waiting.delete(call)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#heardUntil = 0
    const line = this.#line
    this.#line = undefined
    await line?.close()
    // Nobody waits for one that has left.
    if (line) await this.#redis.run(['HDEL', this.#members, this.#id]).catch(() => {})
  }

  get #channel(): string {
    return `${this.#redis.prefix}facts`
  }

  get #members(): string {
    return `${this.#redis.prefix}facts:members`
  }

  /** Lazily: a command that never asks who somebody is needs no line. */
  #start(): void {
    if (this.#line !== undefined || this.#closed) return
    this.#line = this.#redis.subscribe!([this.#channel, this.#own(this.#id)], {
      opened: () => {
        this.#open = true
        this.#openSince = performance.now()
        void this.#beat()
      },
      lost: () => this.#lost(),
      message: (text, channel) => (channel === this.#channel ? this.#heard(text) : this.#answered(text)),
    })
  }

  #lost(): void {
    this.#open = false
    this.#heardUntil = 0
    this.#beats.clear()
    for (const { lost } of this.#listeners) lost()
  }

  readonly #own = (id: string): string => `${this.#channel}:${id}`

  async #beat(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#closed || !this.#open) return
    // A dead network never says that it is dead: a line on which nothing comes back is given up for another.
    if (performance.now() - Math.max(this.#openSince, this.#heardUntil) > patience) {
      void this.#line?.close()
      this.#line = undefined
      this.#lost()
      this.#start()
      return
    }
    const call = String(++this.#count)
    this.#beats.set(call, performance.now())
    let next = beatEvery
    try {
      const { prefix } = this.#redis
      await beat(this.#redis, [`${prefix}facts:members`], [this.#id, lease, listLives, this.#own(this.#id), call])
    } catch {
      next = retryAfter
    }
    if (this.#closed || !this.#open) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#beat(), next)
    this.#timer.unref?.()
  }

  /** A heartbeat that came back, or another process that says it has heard: `call` or `call id`. */
  #answered(text: string): void {
    const space = text.indexOf(' ')
    if (space > 0) {
      const waiting = this.#waiting.get(text.slice(0, space))
      waiting?.answered.add(text.slice(space + 1))
      if (waiting) settle(waiting)
      return
    }
    const sentAt = this.#beats.get(text)
    if (sentAt === undefined) return
    this.#beats.clear()
    this.#heardUntil = Math.max(this.#heardUntil, sentAt + lease)
    for (const done of [...this.#whenHeard]) done()
  }

  #heard(text: string): void {
    const [from, call, names] = JSON.parse(text) as [string, string, readonly string[]]
    for (const { over } of this.#listeners) for (const name of names) over(name)
    if (from !== this.#id) this.#redis.run(['PUBLISH', this.#own(from), `${call} ${this.#id}`]).catch(() => {})
  }
}

function settle({ missing, answered, done }: Waiting): void {
  if (missing?.isSubsetOf(answered)) done()
}

/** Resolves with the promise, or when the time is over. */
function passed(promise: Promise<void> | undefined, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    void promise?.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
