import { openRedis, type RedisOptions } from '#core/adapters/redis'
import { redisScript } from '#core/adapters/redis-script'
import { type Redis, RedisUnavailable } from '#core/ports/redis'
import { afterAll, afterEach, beforeEach, expect, sleep, test } from '#test'
import { type RedisServer, redisServer } from '../../fixtures/redis-server.ts'
import { withRedis } from '../../services.ts'

const trouble = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    (reply) => ({ reply }),
    (error) => (error instanceof RedisUnavailable ? error.trouble : error),
  )
/** Until it answers: the breaker and the reconnection have their own pace. */
async function answersAgain(redis: Redis): Promise<boolean> {
  for (let i = 0; i < 150; i++) {
    if (await redis.ping()) return true
    await sleep(20)
  }
  return false
}

withRedis.describe('a connection to Redis', () => {
  let server: RedisServer
  const opened: Redis[] = []
  const open = (options: Partial<RedisOptions> = {}): Redis => {
    const redis = openRedis({ url: server.url, ...options })
    opened.push(redis)
    return redis
  }
  beforeEach(async () => {
    server = await redisServer()
    await server.start()
  })
  afterEach(async () => {
    for (const redis of opened.splice(0)) await redis.close()
    await server.kill()
  })
  afterAll(() => server.kill())

  test('runs commands, many at once, and answers their replies', async () => {
    const redis = open({ deadline: '2s' })
    expect(await redis.run(['SET', 'a', 1])).toBe('OK')
    const all = await Promise.all(Array.from({ length: 200 }, () => redis.run(['INCR', 'a'])))
    expect(all.at(-1)).toBe(201)
    expect(await redis.run(['HGETALL', 'none'])).toEqual({})
    expect(await redis.run(['GET', 'none'])).toBeNull()
  })

  test('an error that Redis says is handed on, and is no trouble', async () => {
    const redis = open({ deadline: '2s' })
    await redis.run(['SET', 'text', 'x'])
    for (let i = 0; i < 5; i++) await expect(redis.run(['LPUSH', 'text', 'y'])).rejects.toThrow('WRONGTYPE')
    expect(await redis.ping()).toBe(true)
  })

  test('says at once that nobody is there', async () => {
    await server.kill()
    const redis = open()
    expect(await trouble(redis.run(['GET', 'a']))).toBe('down')
    expect(await trouble(redis.run(['GET', 'a']))).toBe('down')
    expect(await redis.ping()).toBe(false)
  })

  test('finds a Redis that starts after it', async () => {
    await server.kill()
    const redis = open()
    expect(await redis.ping()).toBe(false)
    await server.start()
    expect(await answersAgain(redis)).toBe(true)
  })

  test('a paused Redis lets nobody wait; when it goes on, so does the connection', async () => {
    const redis = open()
    expect(await answersAgain(redis)).toBe(true)
    server.pause()
    const asked = await Promise.all(Array.from({ length: 20 }, () => trouble(redis.run(['GET', 'a']))))
    expect(new Set(asked)).toEqual(new Set(['slow']))
    // The breaker is open: one in a while tries, the rest are told at once.
    const told = await Promise.all(Array.from({ length: 1000 }, () => trouble(redis.run(['GET', 'a']))))
    expect(new Set(told)).toEqual(new Set(['slow']))
    server.resume()
    expect(await answersAgain(redis)).toBe(true)
  })

  test('a long pause costs it the old connection, and the new one stands as soon as Redis goes on', async () => {
    const redis = open({ deadline: '200ms' })
    expect(await answersAgain(redis)).toBe(true)
    const before = await redis.run(['CLIENT', 'ID'])
    server.pause()
    for (let i = 0; i < 40; i++) {
      expect(await redis.ping()).toBe(false)
      await sleep(40)
    }
    server.resume()
    expect(await answersAgain(redis)).toBe(true)
    expect(await redis.run(['CLIENT', 'ID'])).not.toBe(before)
  })

  test('survives a Redis that is killed and started again', async () => {
    const redis = open({ deadline: '1s' })
    expect(await answersAgain(redis)).toBe(true)
    await server.kill()
    await sleep(20)
    expect(await trouble(redis.run(['GET', 'a']))).toBe('down')
    await server.start()
    expect(await answersAgain(redis)).toBe(true)
    expect(await redis.run(['SET', 'a', 'b'])).toBe('OK')
  })

  test('a Redis that is there but cannot serve is unavailable', async () => {
    const redis = open({ deadline: '2s' })
    await redis.run(['CONFIG', 'SET', 'maxmemory', 1])
    expect(await trouble(redis.run(['SET', 'big', 'x'.repeat(10)]))).toBe('busy')
  })

  test('a script is sent once, and again when Redis forgot it', async () => {
    const redis = open({ deadline: '2s' })
    const add = redisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    expect(await add(redis, ['n'], [2])).toBe(2)
    expect(await add(redis, ['n'], [3])).toBe(5)
    await redis.run(['SCRIPT', 'FLUSH'])
    expect(await add(redis, ['n'], [4])).toBe(9)
  })

  test('a closed connection stays closed, also while Redis hangs', async () => {
    const redis = open()
    expect(await answersAgain(redis)).toBe(true)
    server.pause()
    await redis.close()
    expect(await trouble(redis.run(['GET', 'a']))).toBe('down')
    server.resume()
    expect(await redis.ping()).toBe(false)
  })
})

test('a URL that is none is refused without repeating its password', () => {
  for (const url of ['', 'localhost:6379', 'http://u:secret@h', 'redis://u:secret@h:port'])
    expect(() => openRedis({ url })).toThrow('redis://host:6379')
  expect(() => openRedis({ url: 'http://u:secret@h' })).not.toThrow('secret')
})
