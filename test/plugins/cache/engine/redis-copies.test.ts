import { createHash } from 'node:crypto'
import { type Redis, RedisUnavailable } from '#core/ports/redis'
import { expect, sleep } from '#test'
import { redisEngine } from '../../../../plugins/cache/engine/index.ts'
import { look, minute, payloadOf, store } from '../../../contracts/cache-engine.ts'
import { withRedis } from '../../../services.ts'
import { withMembers } from './benches.ts'
import { gated, given, withoutLine } from './lines.ts'

const keyOf = (redis: Redis, key: string): string =>
  `${redis.prefix}cache:e:${createHash('sha256').update(key).digest('base64url')}`

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

withRedis.test(
  'an end that a slow Redis does not answer in time is told again, and answered when all have heard of it',
  () =>
    withMembers(2, {}, async (one, two) => {
      await store(one.engine, 'a', 'x', ['t'])
      await look(two.engine, 'a', ['t'])
      expect(two.engine.peek('a')?.payload).toBe('x')
      let late = 3
      const redis: Redis = {
        ...withoutLine(one.redis),
        run: (command) => (late-- > 0 ? Promise.reject(new RedisUnavailable('slow')) : one.redis.run(command)),
      }
      const writer = redisEngine({ redis, announcements: one.announcements })
      expect(await writer.end(['t'])).toBe('told')
      expect([two.engine.peek('a'), (await look(two.engine, 'a', ['t'])).entry]).toEqual([undefined, undefined])
      late = Number.POSITIVE_INFINITY
      const began = performance.now()
      const patient = redisEngine({ redis, announcements: one.announcements, localTtl: 300 })
      expect(await patient.end(['t'])).toBe('noted')
      // Until then a process that has asked just before may believe its copy.
      expect(performance.now() - began).toBeGreaterThan(290)
      // A breaker refuses at once: who asks again leaves everybody else their turn.
      expect(1_000_000 - late).toBeLessThan(10)
      await patient.close()
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
        // Once the answer has been taken, and before the loop hears that it is unpacked.
        void (async () => {
          for (let turn = 0; turn < 100; turn++) await undefined
          answered()
        })()
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
