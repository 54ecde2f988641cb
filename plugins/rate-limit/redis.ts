import { redisScript } from '#core/adapters/redis-script'
import type { Redis } from '#core/ports/redis'
import { type Outcome, outcomesOf } from './gcra.ts'
import type { Rule } from './policy.ts'

/** Redis' own clock counts: what the processes think the time is has no effect. Numbers are written whole, `%.14g` would round them. */
const take = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local used, allowed = {}, true
for i, key in ipairs(KEYS) do
  local tolerance, increment = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local taken = tonumber(redis.call('GET', key)) or now
  used[i] = math.min(math.max(taken - now, 0), tolerance)
  if used[i] + increment > tolerance then allowed = false end
end
if allowed then
  for i, key in ipairs(KEYS) do
    local left = used[i] + tonumber(ARGV[2 * i])
    redis.call('SET', key, string.format('%.0f', now + left), 'PX', math.ceil(left / 1000))
  end
end
return used
`)

/**
 * Counts requests together with other processes, all rules in one step: nothing is taken unless every rule allows it.
 * @throws {RedisUnavailable} when Redis does not answer in time
 */
export async function takeInRedis(
  redis: Redis,
  rules: readonly Rule[],
  keys: readonly string[],
): Promise<readonly Outcome[]> {
  const used = await take(
    redis,
    keys.map((key) => redis.prefix + key),
    rules.flatMap((rule) => [rule.tolerance, rule.increment]),
  )
  if (!Array.isArray(used)) throw new TypeError('Redis answered something else than the counts of rate limits')
  return outcomesOf(rules, used.map(Number))
}
