import { redisScript } from '#core/adapters/redis-script'
import type { Redis } from '#core/ports/redis'
import type { Counts } from './counts.ts'

/** Redis' own clock counts. Numbers are written whole: `%.14g` would round them. */
const take = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local forget = tonumber(ARGV[1])
local waits, free = {}, true
for i, key in ipairs(KEYS) do
  local longest = tonumber(ARGV[3 * i + 1])
  local wait = math.min(math.max((tonumber(redis.call('HGET', key, 'until')) or 0) - now, 0), longest)
  waits[i] = math.ceil(wait)
  if wait > 0 then free = false end
end
if free then
  for i, key in ipairs(KEYS) do
    local spared, first, longest = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
    local tries = redis.call('HINCRBY', key, 'tries', 1)
    local delay = 0
    if tries > spared then delay = math.min(longest, first * 2 ^ math.min(tries - spared - 1, 40)) end
    redis.call('HSET', key, 'until', string.format('%.0f', now + delay))
    redis.call('PEXPIRE', key, string.format('%.0f', math.ceil(delay + forget)))
  end
end
return waits
`)

const giveBack = redisScript(`
for i, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then
    if redis.call('HINCRBY', key, 'tries', -1) < 0 then redis.call('HSET', key, 'tries', '0') end
    redis.call('HSET', key, 'until', '0')
  end
end
return 0
`)

/**
 * Counts of all processes together, each step in one script.
 * Its methods throw {@link RedisUnavailable} within the connection's deadline.
 *
 * @param forget milliseconds after the last try
 */
export function redisCounts(redis: Redis, forget: number): Counts {
  const keysOf = (counted: Parameters<Counts['take']>[0]): string[] => counted.map(({ key }) => redis.prefix + key)
  return {
    async take(counted) {
      const values = counted.flatMap(({ rule }) => [rule.free, rule.first, rule.longest])
      const waits = await take(redis, keysOf(counted), [forget, ...values])
      if (!Array.isArray(waits)) throw new TypeError('Redis answered something else than the waits of a login')
      return waits.map(Number)
    },
    async giveBack(counted) {
      await giveBack(redis, keysOf(counted), [])
    },
    async forget(key) {
      await redis.run(['DEL', redis.prefix + key])
    },
  }
}
