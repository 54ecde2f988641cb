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

withRedis.test('a local copy is believed for a time without asking Redis, and then as long as Redis has it', () =>
  withMembers(1, { localTtl: 60 }, async ({ engine, redis }) => {
    await store(engine, 'a', 'x', ['t'])
    const first = engine.peek('a')
    expect(first?.payload).toBe('x')
    await sleep(80)
    expect(engine.peek('a')).toBeUndefined()
    expect([(await look(engine, 'a', ['t'])).entry === first, engine.peek('a') === first]).toEqual([true, true])
    await redis.run(['DEL', keyOf(redis, 'a')])
    await sleep(80)
    expect([await payloadOf(engine, 'a', ['t']), engine.peek('a')]).toEqual([undefined, undefined])
  }),
)

withRedis.test('without announcements there are no local copies, and what ended is over at once all the same', () =>
  withMembers(1, {}, async ({ redis }) => {
    const [one, two] = [redisEngine({ redis }), redisEngine({ redis })]
    await store(one, 'a', 'x', ['t'])
    expect([await payloadOf(two, 'a', ['t']), one.peek('a'), two.peek('a')]).toEqual(['x', undefined, undefined])
    await one.end(['t'])
    expect(await payloadOf(two, 'a', ['t'])).toBeUndefined()
  }),
)

withRedis.test('a load that began while nothing was heard leaves no local copy', () =>
  withMembers(1, {}, async ({ redis, announcements }) => {
    let hears = false
    const engine = redisEngine({ redis, announcements: { ...given(announcements), hears: () => hears } })
    const { ticket } = await look(engine, 'a')
    hears = true
    expect([await engine.put(ticket, 'x', minute), engine.peek('a')]).toEqual([true, undefined])
    await look(engine, 'a')
    expect(engine.peek('a')?.payload).toBe('x')
    hears = false
    expect(engine.peek('a')).toBeUndefined()
  }),
)

withRedis.test('when announcements may have been missed no copy is believed, and none is made of loads under way', () =>
  withMembers(1, {}, async ({ redis, announcements }) => {
    const losts: (() => void)[] = []
    const listen = (_: unknown, lost: () => void): void => void losts.push(lost)
    const engine = redisEngine({ redis, announcements: { ...given(announcements), listen } })
    await store(engine, 'a', 'x')
    const { ticket } = await look(engine, 'b')
    expect(engine.peek('a')?.payload).toBe('x')
    for (const lost of losts) lost()
    expect([await engine.put(ticket, 'y', minute), engine.peek('a'), engine.peek('b')]).toEqual([
      true,
      undefined,
      undefined,
    ])
    expect([await payloadOf(engine, 'a'), engine.peek('a')?.payload]).toEqual(['x', 'x'])
  }),
)

/** A connection whose next answer waits until it is let through, or which has none. */
function gated(redis: Redis) {
  const self = {
    broken: false,
    gate: undefined as Promise<void> | undefined,
    redis: {
      ...withoutLine(redis),
      run: async (command: readonly (string | number)[]) => {
        const { gate, broken } = self
        self.gate = undefined
        if (broken) throw new Error('gone')
        const reply = await redis.run(command)
        await gate
        return reply
      },
    },
    stop(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>()
      self.gate = promise
      return resolve
    },
  }
  return self
}
const withoutLine = (redis: Redis): Redis => ({
  prefix: redis.prefix,
  run: (command) => redis.run(command),
  ping: () => redis.ping(),
  close: async () => {},
})

const reads = [
  ['short', 'x', false],
  ['long', 'x'.repeat(50_000), false],
  ['known', 'x', true],
] as const
for (const [which, payload, isKnown] of reads)
  withRedis.test(`what ended while it was read is not answered, nor kept: a ${which} one`, () =>
    withMembers(2, {}, async (one, two) => {
      await store(one.engine, 'a', payload, ['t'])
      const slow = gated(two.redis)
      const engine = redisEngine({ redis: slow.redis, announcements: two.announcements })
      if (isKnown) await look(engine, 'a', ['t'])
      const open = slow.stop()
      const looking = look(engine, 'a', ['t'])
      await sleep(30)
      await one.engine.end(['t'])
      open()
      expect([(await looking).entry, engine.peek('a')]).toEqual([undefined, undefined])
    }),
  )

withRedis.test('what ends while it is unpacked is not answered, nor kept', () =>
  withMembers(1, {}, async ({ engine: writer, redis, announcements }) => {
    await store(writer, 'a', 'x'.repeat(200_000))
    const overs: ((name: string) => void)[] = []
    const listen = (over: (name: string) => void): void => void overs.push(over)
    let answered = () => {}
    const telling: Redis = {
      ...withoutLine(redis),
      run: async (command) => {
        const reply = await redis.run(command)
        // Once the answer has been taken, and before the thread that unpacks it is done.
        setImmediate(() => answered())
        return reply
      },
    }
    const engine = redisEngine({ redis: telling, announcements: { ...given(announcements), listen } })
    answered = () => overs[0]!('cache:another:k:a')
    expect([await payloadOf(engine, 'a'), engine.peek('a')]).toEqual([undefined, undefined])
  }),
)

withRedis.test('of what ended while it was stored no copy is kept', () =>
  withMembers(2, {}, async (one, two) => {
    const slow = gated(two.redis)
    const engine = redisEngine({ redis: slow.redis, announcements: two.announcements })
    const { ticket } = await look(engine, 'a', ['t'])
    const open = slow.stop()
    const storing = engine.put(ticket, 'old', minute)
    await sleep(30)
    await one.engine.end(['t'])
    open()
    await storing
    expect([engine.peek('a'), await payloadOf(engine, 'a', ['t'])]).toEqual([undefined, undefined])
  }),
)

withRedis.test('a load is not stored when what it depends on ended while Redis was away, before that is told', () =>
  withMembers(1, {}, async ({ redis }) => {
    const line = gated(redis)
    const engine = redisEngine({ redis: line.redis })
    const { ticket } = await look(engine, 'a', ['t'])
    line.broken = true
    expect(await engine.end(['t'])).toBe('noted')
    line.broken = false
    expect(await engine.put(ticket, 'old', minute)).toBe(false)
    expect(await payloadOf(redisEngine({ redis }), 'a', ['t'])).toBeUndefined()
    await engine.close()
  }),
)

withRedis.test('whoever ends something where others cannot be told waits until their copies have died', () =>
  withMembers(1, {}, async ({ redis, announcements }) => {
    const announce = (): Promise<void> => Promise.reject(new Error('nobody hears'))
    const engine = redisEngine({ redis, localTtl: 200, announcements: { ...given(announcements), announce } })
    const since = performance.now()
    expect(await engine.end(['t'])).toBe('told')
    expect(performance.now() - since).toBeGreaterThan(190)
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

/** Announcements as an object whose parts can be replaced. */
const given = (announcements: Parameters<typeof redisEngine>[0]['announcements'] & {}) => ({
  hears: () => announcements.hears(),
  listen: (over: (name: string) => void, lost: () => void) => announcements.listen(over, lost),
  announce: (names: readonly string[]) => announcements.announce(names),
  ready: (ms: number) => announcements.ready(ms),
  close: async () => {},
})
