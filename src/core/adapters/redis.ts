import { makeBreaker } from '../internal/breaker.ts'
import { type Duration, milliseconds } from '../internal/duration.ts'
import { type Redis, RedisUnavailable } from '../ports/redis.ts'
import { connect, listen, type RedisClient } from './redis-client.ts'

export interface RedisOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  readonly url: string
  /** Begins the name of every key. @default 'kwik:' */
  readonly prefix?: string
  /** How long one command may take before its caller goes on without Redis. @default '50ms' */
  readonly deadline?: Duration
}

/** Until the very first connection stands, a command may wait this long for it, or its deadline where that is longer. */
const firstConnection = 1000
/** A connection that is not ready after this long is given up: a dead network never says that it is dead. */
const patience = 10_000
/** Redis is there but cannot serve: https://redis.io/docs/latest/develop/clients/error-handling/ */
const cannotServe = /^(LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|READONLY|TRYAGAIN|OOM|MISCONF|NOREPLICAS)\b/

/**
 * Opens a connection to Redis. It connects on the first command and comes back by itself. From `kwik/core`.
 *
 * @throws {TypeError} when `url` is no Redis URL
 * @example
 * const redis = openRedis({ url: 'redis://127.0.0.1:6379' })
 * await redis.run(['SET', 'greeting', 'hello', 'PX', 60_000])
 */
export function openRedis({ url, prefix = 'kwik:', deadline = '50ms' }: RedisOptions): Redis {
  checkUrl(url)
  const breaker = makeBreaker()
  const limit = milliseconds(deadline)
  let client: RedisClient | undefined
  let since = 0
  let wasReady = false
  let closed = false

  const reconnect = (): RedisClient => {
    client?.drop()
    since = Date.now()
    client = connect(url, () => {
      wasReady = true
      breaker.reset()
    })
    return client
  }

  const ready = async (): Promise<RedisClient> => {
    if (closed) throw new RedisUnavailable('down')
    let current = client ?? reconnect()
    if (current.isReady()) return current
    if (Date.now() - since > patience) current = reconnect()
    const left = Math.max(firstConnection, limit) - (Date.now() - since)
    if (!wasReady && left > 0 && (await within(current.opened, left)) === 'opened') return current
    throw new RedisUnavailable('down', current.lastError())
  }

  const run: Redis['run'] = async (command) => {
    const current = client?.isReady() ? client : await ready()
    if (!breaker.mayTry()) throw new RedisUnavailable('slow')
    try {
      const reply = await within(current.send(command.map(String)), limit)
      if (reply !== late) {
        breaker.succeeded()
        return reply
      }
    } catch (error) {
      if (!current.isReply(error)) throw new RedisUnavailable('down', error)
      // An error that Redis itself says is an answer.
      breaker.succeeded()
      throw cannotServe.test((error as Error).message) ? new RedisUnavailable('busy', error) : error
    }
    if (breaker.failed() > 1) reconnect()
    throw new RedisUnavailable('slow')
  }

  return {
    prefix,
    run,
    ping: () =>
      run(['PING']).then(
        () => true,
        () => false,
      ),
    subscribe: (channels, subscriber) => listen(url, channels, subscriber),
    async close() {
      closed = true
      await client?.close(limit)
    },
  }
}

const late: unique symbol = Symbol('late')

/** What a promise gives within a time. The loop gets one more turn: where we were late ourselves, the answer is there. */
function within<T>(promise: Promise<T>, ms: number): Promise<T | typeof late> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => resolve(late)), ms)
    promise.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}

/** The URL may hold a password: it is not repeated. */
function checkUrl(url: string): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : ''
  if (protocol !== 'redis:' && protocol !== 'rediss:')
    throw new TypeError('the Redis URL cannot be read: write redis://host:6379 or rediss://user:password@host:6379/0')
}
