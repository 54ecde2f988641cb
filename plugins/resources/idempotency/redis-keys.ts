import { redisScript } from '#core/adapters/redis-script'
import type { Redis } from '#core/ports/redis'
import type { KeyStore } from './key-store.ts'

const claimKey = redisScript(`
local known = redis.call('HMGET', KEYS[1], 'state', 'fingerprint', 'answer')
if known[1] then return { known[1], known[2], known[3] or '' } end
redis.call('HSET', KEYS[1], 'state', 'running', 'fingerprint', ARGV[1], 'token', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return { 'taken' }
`)

const keepAnswer = redisScript(`
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'answer', ARGV[3])
return 1
`)

const releaseKey = redisScript(`
local known = redis.call('HMGET', KEYS[1], 'token', 'state')
if known[1] ~= ARGV[1] or known[2] ~= 'running' then return 0 end
return redis.call('DEL', KEYS[1])
`)

/**
 * Idempotency keys in Redis, shared by all processes. A process that dies while it works leaves its key running for the
 * whole ttl: nobody can know what it did, so nobody does it again. From `kwik/resources`.
 *
 * Give Redis `maxmemory-policy noeviction`: a key that is evicted is a key that was never sent.
 * @example kwik({ redis, idempotency: { store: redisKeys(redis) } })
 */
export function redisKeys(redis: Redis): KeyStore {
  const named = (id: string): string => `${redis.prefix}idem:${id}`
  return {
    transactional: false,
    async claim({ id, fingerprint, token, ttl }) {
      const found = (await claimKey(redis, [named(id)], [fingerprint, token, Math.ceil(ttl)])) as string[]
      const [state, before = '', answer = ''] = found
      if (state === 'taken') return { state }
      if (state === 'kept') return { state, fingerprint: before, answer }
      if (state === 'running' || state === 'done') return { state, fingerprint: before }
      throw new TypeError('Redis answered something else than the state of an idempotency key')
    },
    async keep({ id, token }, answer) {
      await keepAnswer(redis, [named(id)], [token, answer === undefined ? 'done' : 'kept', answer ?? ''])
    },
    async release({ id, token }) {
      await releaseKey(redis, [named(id)], [token])
    },
  }
}
