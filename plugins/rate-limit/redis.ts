import { redisScript } from '#core/adapters/redis-script'
import type { Redis } from '#core/ports/redis'
import { type Demand, type Outcome, outcomesOf } from './outcome.ts'

// Redis' own clock counts: what the processes think the time is has no effect. Numbers are written whole, `%.14g` would
// round them. For each key come four values: the kind, how much there is (microseconds of a burst, units, places), how
// much is asked (microseconds, units, the id of a place), and the length of the window or the lease.
const common = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function whole(number) return string.format('%.0f', number) end
local function cells(key, most)
  local taken = tonumber(redis.call('GET', key)) or now
  return math.min(math.max(taken - now, 0), most)
end
local function windows(key, window)
  local at = math.floor(now / window)
  local then_, current, previous = string.match(redis.call('GET', key) or '', '^(%d+):(%d+):(%d+)$')
  then_, current, previous = tonumber(then_), tonumber(current), tonumber(previous)
  if then_ == at then return at, current, previous end
  if then_ == at - 1 then return at, 0, current end
  return at, 0, 0
end
local function keepCells(key, used)
  if used > 0 then redis.call('SET', key, whole(now + used), 'PX', math.ceil(used / 1000)) else redis.call('DEL', key) end
end
local function keepWindows(key, window, at, current, previous)
  redis.call('SET', key, whole(at) .. ':' .. whole(current) .. ':' .. whole(previous), 'PX', math.ceil(window / 500))
end
`

const take = redisScript(`${common}
local used, allowed = {}, true
for i, key in ipairs(KEYS) do
  local kind, most, asked, length = ARGV[4 * i - 3], tonumber(ARGV[4 * i - 2]), tonumber(ARGV[4 * i - 1]), tonumber(ARGV[4 * i])
  if kind == 'gcra' then
    used[i] = { cells(key, most) }
    if used[i][1] + asked > math.max(most, asked) then allowed = false end
  elseif kind == 'sliding' then
    local at, current, previous = windows(key, length)
    local elapsed = now - at * length
    used[i] = { elapsed, current, previous, at }
    if current + math.ceil(previous * (length - elapsed) / length) + asked > math.max(most, asked) then allowed = false end
  else
    redis.call('ZREMRANGEBYSCORE', key, '-inf', whole(now))
    used[i] = { redis.call('ZCARD', key) }
    if used[i][1] >= most then allowed = false end
  end
end
if allowed then
  for i, key in ipairs(KEYS) do
    local kind, asked, length = ARGV[4 * i - 3], ARGV[4 * i - 1], tonumber(ARGV[4 * i])
    if kind == 'gcra' then keepCells(key, used[i][1] + tonumber(asked))
    elseif kind == 'sliding' then keepWindows(key, length, used[i][4], used[i][2] + tonumber(asked), used[i][3])
    else
      redis.call('ZADD', key, whole(now + length), asked)
      redis.call('PEXPIRE', key, math.ceil(length / 1000))
    end
  end
end
return used
`)

const adjust = redisScript(`${common}
for i, key in ipairs(KEYS) do
  local kind, most, asked, length = ARGV[4 * i - 3], tonumber(ARGV[4 * i - 2]), tonumber(ARGV[4 * i - 1]), tonumber(ARGV[4 * i])
  if kind == 'gcra' then keepCells(key, math.min(math.max(cells(key, most) + asked, 0), most))
  else
    local at, current, previous = windows(key, length)
    current = current + asked
    keepWindows(key, length, at, math.max(current, 0), math.max(previous + math.min(current, 0), 0))
  end
end
`)

const renew = redisScript(`${common}
for i, key in ipairs(KEYS) do
  local length = tonumber(ARGV[2 * i])
  redis.call('ZADD', key, whole(now + length), ARGV[2 * i - 1])
  redis.call('PEXPIRE', key, math.ceil(length / 1000))
end
`)

/** A place that a request has: its key, and which of its places it is. */
export interface Held {
  readonly key: string
  readonly id: string
  /** Microseconds. */
  readonly lease: number
}

/**
 * Counts requests together with other processes, all rules in one step: nothing is taken unless every rule allows it.
 * @param id of the request, for its places
 * @throws {RedisUnavailable} when Redis does not answer in time
 */
export async function takeInRedis(redis: Redis, demands: readonly Demand[], id: string): Promise<readonly Outcome[]> {
  const used = await take(redis, keysOf(redis, demands), valuesOf(demands, id))
  if (!Array.isArray(used)) throw new TypeError('Redis answered something else than the counts of rate limits')
  return outcomesOf(
    demands,
    used.map((one) => (one as unknown[]).map(Number)),
  )
}

/** Takes units after the fact, or gives them back: below 0. @throws {RedisUnavailable} */
export async function adjustInRedis(redis: Redis, demands: readonly Demand[]): Promise<void> {
  await adjust(redis, keysOf(redis, demands), valuesOf(demands, ''))
}

/** Says that requests still have their places, also to a Redis that has forgotten them. @throws {RedisUnavailable} */
export async function renewInRedis(redis: Redis, held: readonly Held[]): Promise<void> {
  await renew(
    redis,
    held.map(({ key }) => redis.prefix + key),
    held.flatMap(({ id, lease }) => [id, lease]),
  )
}

/** @throws {RedisUnavailable} */
export async function releaseInRedis(redis: Redis, { key, id }: Held): Promise<void> {
  await redis.run(['ZREM', redis.prefix + key, id])
}

const keysOf = (redis: Redis, demands: readonly Demand[]): string[] => demands.map(({ key }) => redis.prefix + key)

const valuesOf = (demands: readonly Demand[], id: string): (string | number)[] =>
  demands.flatMap(({ rule, cost }): (string | number)[] => {
    if (rule.kind === 'gcra') return ['gcra', rule.tolerance, rule.interval * cost, rule.window]
    if (rule.kind === 'sliding') return ['sliding', rule.limit, cost, rule.window]
    return ['concurrency', rule.limit, id, rule.lease]
  })
