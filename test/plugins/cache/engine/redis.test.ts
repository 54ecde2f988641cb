import { createHash } from 'node:crypto'
import { openRedis } from '#core/adapters/redis'
import type { Redis } from '#core/ports/redis'
import { expect, sleep, test } from '#test'
import { redisEngine } from '../../../../plugins/cache/engine/index.ts'
import { look, minute, payloadOf, store } from '../../../contracts/cache-engine.ts'
import { randomName, withRedis } from '../../../services.ts'
import { withMembers } from './benches.ts'

const keyOf = (redis: Redis, key: string): string =>
  `${redis.prefix}cache:e:${createHash('sha256').update(key).digest('base64url')}`

withRedis.test('of two who loaded the same, the first one stores it', () =>
  withMembers(2, {}, async (one, two) => {
    const [a, b] = [await look(one.engine, 'a', ['t']), await look(two.engine, 'a', ['t'])]
    expect(await one.engine.put(a.ticket, 'first', minute)).toBe(true)
    expect(await two.engine.put(b.ticket, 'second', minute)).toBe(false)
    expect(await payloadOf(two.engine, 'a', ['t'])).toBe('first')
  }),
)

withRedis.test('a tag that Redis has evicted ends what was stored under it, and fences what is loaded', () =>
  withMembers(2, {}, async (one, two) => {
    await store(one.engine, 'a', 'old', ['t'])
    const { ticket } = await look(one.engine, 'b', ['t'])
    await one.redis.run(['DEL', `${one.redis.prefix}cache:t:t`])
    expect(await payloadOf(two.engine, 'a', ['t'])).toBeUndefined()
    expect(await one.engine.put(ticket, 'x', minute)).toBe(false)
    expect(await payloadOf(one.engine, 'a', ['t'])).toBeUndefined()
  }),
)

withRedis.test('what can make everything end is missed too', () =>
  withMembers(1, {}, async ({ engine, redis }) => {
    await store(engine, 'a', 'old')
    await redis.run(['DEL', `${redis.prefix}cache:all`])
    expect(await payloadOf(engine, 'a')).toBeUndefined()
  }),
)

withRedis.test('an entry that cannot be read, or is of another version, is a miss and stored anew', () =>
  withMembers(2, {}, async (one, two) => {
    const long = 'x'.repeat(5000)
    await store(one.engine, 'a', long, ['t'])
    const good = (await one.redis.run(['GET', keyOf(one.redis, 'a')])) as string
    const wrong = {
      'of an older version': good.replace(/^1 /, '0 '),
      'of a later version': good.replace(/^1 /, '2 '),
      'no entry at all': 'hello',
      'no text at all': '\0\xff\xfe',
      nothing: '',
      'cut off': good.slice(0, good.length - 40),
      'with another payload': good.replace(/\n.*$/s, '\nbm90IGd6aXA='),
      'without a time': good.replace(/^(1 \w+) \d+/, '$1 soon'),
      'longer than it should be': good.replace(' z ', ' z z '),
      'in another form': good.replace(' z ', ' y '),
      'only a head': good.replace(/\n.*$/s, ''),
    }
    for (const [what, text] of Object.entries(wrong)) {
      await one.redis.run(['SET', keyOf(one.redis, 'a'), text])
      expect([what, await payloadOf(two.engine, 'a', ['t'])]).toEqual([what, undefined])
      expect([what, await store(two.engine, 'a', long, ['t'])]).toEqual([what, true])
      expect([what, await payloadOf(one.engine, 'a', ['t'])]).toEqual([what, long])
    }
  }),
)

withRedis.test('a payload that unpacks to more than may be stored is not unpacked', () =>
  withMembers(1, {}, async ({ engine, redis }) => {
    await store(engine, 'a', 'x'.repeat(200_000))
    const small = redisEngine({ redis, maxEntryBytes: 100_000 })
    expect(await payloadOf(small, 'a')).toBeUndefined()
    expect((await payloadOf(redisEngine({ redis }), 'a'))?.length).toBe(200_000)
  }),
)

withRedis.test('long payloads are compressed', () =>
  withMembers(1, {}, async ({ engine, redis }) => {
    await store(engine, 'a', 'x'.repeat(100_000))
    expect(Number(await redis.run(['STRLEN', keyOf(redis, 'a')]))).toBeLessThan(2000)
  }),
)

withRedis.test('keys in Redis live as long as what they hold, and versions at least as long', () =>
  withMembers(1, {}, async ({ engine, redis }) => {
    await store(engine, 'a', 'x', ['t'], { fresh: 3_600_000, swr: 1000, staleIfError: 60_000 })
    const left = async (key: string): Promise<number> => Number(await redis.run(['PTTL', key]))
    const entry = await left(keyOf(redis, 'a'))
    expect(entry).toBeGreaterThan(3_650_000)
    expect(entry).toBeLessThanOrEqual(3_660_000)
    for (const key of ['t:t', 'all']) expect(await left(`${redis.prefix}cache:${key}`)).toBeGreaterThan(entry)
  }),
)

withRedis.test('caches of two names over one Redis have nothing in common', () =>
  withMembers(1, {}, async ({ engine, redis, announcements }) => {
    const other = redisEngine({ redis, announcements, namespace: 'e' })
    await store(engine, 'a', 'x', ['t'])
    await store(other, 'a', 'y', ['t'])
    expect([await payloadOf(engine, 'a', ['t']), await payloadOf(other, 'a', ['t'])]).toEqual(['x', 'y'])
    await other.clear()
    await other.end(['t'])
    expect([engine.peek('a')?.payload, await payloadOf(other, 'a', ['t'])]).toEqual(['x', undefined])
  }),
)

withRedis.test('a lease has one holder in all processes, until it is given back or over', () =>
  withMembers(2, {}, async (one, two) => {
    const release = await one.engine.lease('a', 5000)
    expect([typeof release, await two.engine.lease('a', 5000)]).toEqual(['function', undefined])
    expect(typeof (await two.engine.lease('b', 5000))).toBe('function')
    await release?.()
    const short = await two.engine.lease('a', 30)
    await sleep(50)
    const next = await one.engine.lease('a', 5000)
    await short?.()
    expect([typeof next, await two.engine.lease('a', 5000)]).toEqual(['function', undefined])
  }),
)

withRedis.test('what Redis answers by its own clock does not depend on the clocks of processes', () =>
  withMembers(2, {}, async (one, two) => {
    await store(one.engine, 'a', 'x')
    await sleep(30)
    const { entry } = await look(two.engine, 'a')
    const age = two.engine.now() - entry!.at
    expect(age).toBeGreaterThanOrEqual(30)
    expect(age).toBeLessThan(5000)
  }),
)

const nowhere = (): Redis => openRedis({ url: 'redis://127.0.0.1:1', prefix: randomName(), deadline: '20ms' })

test('without Redis nothing is stored, nothing throws, and loads are shared', async () => {
  const redis = nowhere()
  const engine = redisEngine({ redis })
  const first = await look(engine, 'a', ['t'])
  expect([first.entry, first.ticket.storable, first.ticket.isGood()]).toEqual([undefined, false, true])
  expect((await look(engine, 'a', ['t'])).ticket.stamp).toBe(first.ticket.stamp)
  expect(await engine.put(first.ticket, 'x', minute)).toBe(false)
  expect(await engine.end(['t'])).toBe('noted')
  expect([first.ticket.isGood(), (await look(engine, 'a', ['t'])).ticket.stamp === first.ticket.stamp]).toEqual([
    false,
    false,
  ])
  expect([await engine.delete('a'), await engine.clear()]).toEqual(['noted', 'noted'])
  expect((await engine.hold(['t'])).tags).toEqual(['t'])
  expect(typeof (await engine.lease('a', 1000))).toBe('function')
  await engine.close()
  await redis.close()
})

test('without Redis a write is refused where it is said so', async () => {
  const redis = nowhere()
  const engine = redisEngine({ redis, onInvalidateFail: 'fail-write' })
  await expect(engine.hold(['t'])).rejects.toThrow('Try again')
  await engine.close()
  await redis.close()
})

test('how Redis went and came is said once', async () => {
  const said: string[] = []
  const logger = {
    debug() {},
    error() {},
    info: (text: string) => said.push(text),
    warning: (text: string) => said.push(text),
  }
  let works = false
  const redis: Redis = {
    prefix: '',
    run: async () => {
      if (!works) throw new Error('gone')
      return ['run', 1, '', '', 'v']
    },
    ping: async () => works,
    close: async () => {},
  }
  const engine = redisEngine({ redis, logger })
  for (const now of [false, false, true, true]) {
    works = now
    await look(engine, 'a')
  }
  expect(said).toEqual([expect.stringContaining('has lost its Redis'), expect.stringContaining('has its Redis again')])
  await engine.close()
})
