import { afterAll, beforeAll, expect, sleep } from '#test'
import { type Engine, redisEngine } from '../../../../plugins/cache/engine/index.ts'
import { look, minute, payloadOf, store } from '../../../contracts/cache-engine.ts'
import { type RedisServer, redisServer } from '../../../fixtures/redis-server.ts'
import { inFolder, withRedis } from '../../../services.ts'
import { eventually, type Member, withMembers } from './benches.ts'

/** A Redis that is killed, stopped and started: with its data in a folder, or none. */
async function withServer(run: (server: RedisServer, folder: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const server = await redisServer(['--dir', folder])
    await server.start()
    try {
      await run(server, folder)
    } finally {
      await server.kill()
    }
  })
}

/** Until Redis has answered this process again. */
const isBack = (engine: Engine): Promise<void> =>
  eventually(async () => (await look(engine, 'nothing of interest')).ticket.storable)

const killed = (name: string, run: (server: RedisServer, one: Member, two: Member) => Promise<void>, terms = {}) =>
  withRedis.test(
    name,
    () =>
      withServer((server) =>
        withMembers(2, { urls: [server.url], deadline: '200ms', ...terms }, (one, two) => run(server, one, two)),
      ),
    30_000,
  )

killed('a Redis that is back with old data has nothing that ended since', async (server, one, two) => {
  await store(one.engine, 'a', 'old', ['t'])
  await store(one.engine, 'b', 'kept', ['u'])
  await one.redis.run(['SAVE'])
  await one.engine.end(['t'])
  await store(one.engine, 'a', 'new', ['t'])
  const { ticket } = await look(two.engine, 'c', ['t'])
  await server.kill()
  await server.start()
  await isBack(two.engine)
  expect(await two.redis.run(['EXISTS', `${two.redis.prefix}cache:t:t`])).toBe(1)
  expect(await two.engine.put(ticket, 'x', minute)).toBe(false)
  for (const { engine } of [two, one]) {
    await isBack(engine)
    expect([await payloadOf(engine, 'a', ['t']), await payloadOf(engine, 'b', ['u'])]).toEqual([undefined, undefined])
  }
  expect(await store(one.engine, 'a', 'newest', ['t'])).toBe(true)
  expect(await payloadOf(two.engine, 'a', ['t'])).toBe('newest')
})

killed('a load is not stored in a Redis that is back with old data', async (server, one, two) => {
  // It hears nothing: Redis alone can say that what it saw is over.
  const engine = redisEngine({ redis: two.redis })
  const { ticket } = await look(engine, 'a', ['t'])
  await one.redis.run(['SAVE'])
  await one.engine.end(['t'])
  await server.kill()
  await server.start()
  await isBack(one.engine)
  expect([await engine.put(ticket, 'old', minute), await payloadOf(one.engine, 'a', ['t'])]).toEqual([false, undefined])
})

killed('what ended while Redis was down is not answered when it is back with old data', async (server, one, two) => {
  await store(one.engine, 'a', 'old', ['t'])
  await look(two.engine, 'a', ['t'])
  await one.redis.run(['SAVE'])
  await server.kill()
  expect(await one.engine.end(['t'])).toBe('noted')
  expect([one.engine.peek('a'), await payloadOf(one.engine, 'a', ['t'])]).toEqual([undefined, undefined])
  await server.start()
  for (const { engine } of [one, two]) {
    await isBack(engine)
    expect([engine.peek('a'), await payloadOf(engine, 'a', ['t'])]).toEqual([undefined, undefined])
  }
})

withRedis.test('after FLUSHALL everything is a miss, and what was being loaded is not stored', () =>
  withServer((server) =>
    withMembers(2, { urls: [server.url], localTtl: 50 }, async (one, two) => {
      await store(one.engine, 'a', 'old', ['t'])
      const { ticket } = await look(two.engine, 'b', ['t'])
      await one.redis.run(['FLUSHALL'])
      expect(await two.engine.put(ticket, 'x', minute)).toBe(false)
      await sleep(60)
      expect([one.engine.peek('a'), await payloadOf(one.engine, 'a', ['t'])]).toEqual([undefined, undefined])
    }),
  ),
)

killed(
  'a Redis that does not answer keeps nobody waiting; what ended meanwhile is told before anything is read',
  async (server, one, two) => {
    await store(one.engine, 'a', 'old', ['t'])
    await store(one.engine, 'k', 'old')
    await look(two.engine, 'a', ['t'])
    server.pause()
    const since = performance.now()
    const away = await look(one.engine, 'b', ['t'])
    expect([away.ticket.storable, performance.now() - since < 1500]).toEqual([false, true])
    expect([await one.engine.end(['t']), await one.engine.delete('k')]).toEqual(['noted', 'noted'])
    await sleep(Math.max(0, 2000 - (performance.now() - since)))
    server.resume()
    for (let tries = 0; ; tries++) {
      const { entry, ticket } = await look(one.engine, 'a', ['t'])
      expect([one.engine.peek('a'), entry]).toEqual([undefined, undefined])
      expect(await payloadOf(one.engine, 'k')).toBeUndefined()
      if (ticket.storable) break
      expect(tries).toBeLessThan(500)
      await sleep(20)
    }
    await isBack(two.engine)
    expect([two.engine.peek('a'), await payloadOf(two.engine, 'a', ['t'])]).toEqual([undefined, undefined])
    expect(await store(two.engine, 'a', 'new', ['t'])).toBe(true)
  },
)

killed('what ended while Redis was away is told to it though nobody reads', async (server, one, two) => {
  await store(one.engine, 'a', 'old', ['t'])
  server.pause()
  expect(await one.engine.end(['t'])).toBe('noted')
  server.resume()
  await eventually(async () => {
    const { entry, ticket } = await look(two.engine, 'a', ['t'])
    return ticket.storable && entry === undefined
  })
})

killed('when too much ended while Redis was away, everything has', async (server, one, two) => {
  await store(one.engine, 'a', 'old', ['other'])
  server.pause()
  expect(await one.engine.end(Array.from({ length: 10_001 }, (_, at) => `t${at}`))).toBe('noted')
  server.resume()
  await isBack(one.engine)
  await isBack(two.engine)
  expect([await payloadOf(one.engine, 'a', ['other']), await payloadOf(two.engine, 'a', ['other'])]).toEqual([
    undefined,
    undefined,
  ])
})

killed('copies that were good are answered while Redis is away, where it is said so', async (server, one) => {
  await store(one.engine, 'a', 'good', ['t'])
  await store(one.engine, 'b', 'ended', ['u'])
  await server.kill()
  await eventually(() => one.engine.peek('a') === undefined)
  await one.engine.end(['u'])
  const asked = async (key: string, tags: string[], grace?: number) => {
    const {
      entry,
      grace: isGrace,
      ticket,
    } = await one.engine.look(key, tags, { ...(grace !== undefined && { grace }) })
    return [entry?.payload, isGrace, ticket.storable]
  }
  expect(await asked('a', ['t'], 60_000)).toEqual(['good', true, false])
  expect(await asked('a', ['t'])).toEqual([undefined, undefined, false])
  expect(await asked('a', ['t', 'more'], 60_000)).toEqual([undefined, undefined, false])
  expect(await asked('b', ['u'], 60_000)).toEqual([undefined, undefined, false])
})

killed(
  'a write is refused while Redis is away, where it is said so',
  async (server, one) => {
    expect((await one.engine.hold(['t'])).tags).toEqual(['t'])
    await server.kill()
    await expect(one.engine.hold(['t'])).rejects.toMatchObject({ code: 'KWIK_UNAVAILABLE' })
  },
  { onInvalidateFail: 'fail-write' },
)

let shared: RedisServer | undefined
beforeAll(async () => {
  if (!withRedis.available) return
  shared = await redisServer()
  await shared.start()
})
afterAll(() => shared?.kill())

withRedis.test(
  'a line that breaks while something ends leaves no old copy to anybody',
  () =>
    withMembers(2, { urls: [shared!.url] }, async (one, two) => {
      for (let round = 0; round < 4; round++) {
        await store(one.engine, 'a', `old ${round}`, ['t'])
        await look(two.engine, 'a', ['t'])
        const cut = one.redis.run(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
        const [ended] = await Promise.all([one.engine.end(['t']), cut])
        expect(ended).toBe('told')
        for (const { engine } of [one, two])
          expect([engine.peek('a'), await payloadOf(engine, 'a', ['t'])]).toEqual([undefined, undefined])
      }
    }),
  60_000,
)

withRedis.test('a crash between commit and end: fresh at once, and stored again when the hold has died', () =>
  withMembers(2, { urls: [shared!.url], holdFor: 500, localTtl: 100 }, async (one, two) => {
    await store(one.engine, 'a', 'old', ['t'])
    await look(two.engine, 'a', ['t'])
    await one.engine.hold(['t'])
    // Here the other process has committed, and died.
    await sleep(110)
    expect([two.engine.peek('a'), await payloadOf(two.engine, 'a', ['t'])]).toEqual([undefined, undefined])
    expect(await store(two.engine, 'a', 'new', ['t'])).toBe(false)
    await sleep(500)
    expect(await store(two.engine, 'a', 'new', ['t'])).toBe(true)
    expect(await payloadOf(two.engine, 'a', ['t'])).toBe('new')
  }),
)
