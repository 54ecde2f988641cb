import { openRedis } from '#core/adapters/redis'
import { redisAnnouncements } from '#core/adapters/redis-announcements'
import type { Announcements } from '#core/ports/announcements'
import type { Redis } from '#core/ports/redis'
import { expect, sleep, test } from '#test'
import { tcpProxy } from '../../fixtures/tcp-proxy.ts'
import { randomName, redisUrl, withRedis } from '../../services.ts'

interface Member {
  readonly wire: Announcements
  readonly heard: string[]
  lost: number
}

/** Processes that hear each other over one Redis. */
async function members(count: number, run: (all: Member[], redis: Redis) => Promise<void>, urls: string[] = []) {
  const prefix = `${randomName()}:`
  const connections: Redis[] = []
  const all = Array.from({ length: count }, (_, at): Member => {
    const redis = openRedis({ url: urls[at] ?? redisUrl, prefix, deadline: '1s' })
    connections.push(redis)
    const member = { wire: redisAnnouncements(redis), heard: [] as string[], lost: 0 }
    member.wire.listen(
      (name) => member.heard.push(name),
      () => {
        member.lost++
      },
    )
    return member
  })
  try {
    for (const { wire } of all) expect(await wire.ready(5000)).toBe(true)
    await run(all, connections[0]!)
  } finally {
    for (const { wire } of all) await wire.close()
    await connections[0]!.run(['DEL', `${prefix}facts:members`])
    for (const redis of connections) await redis.close()
  }
}

withRedis.test('whoever announces goes on when every other process has heard it', () =>
  members(3, async ([one, two, three]) => {
    await one!.wire.announce(['session:a', 'session:b'])
    expect([two!.heard, three!.heard]).toEqual([
      ['session:a', 'session:b'],
      ['session:a', 'session:b'],
    ])
  }),
)

withRedis.test(
  'whoever announces waits for one that does not answer, until it cannot believe that it hears',
  async () => {
    const proxy = await tcpProxy(redisUrl)
    await members(
      2,
      async ([one, two]) => {
        proxy.stall()
        await one!.wire.announce(['session:a'])
        expect([two!.wire.hears(), two!.heard]).toEqual([false, []])
        proxy.mend()
        expect(await two!.wire.ready(5000)).toBe(true)
        expect(two!.lost).toBeGreaterThan(0)
        await one!.wire.announce(['session:b'])
        expect(two!.heard).toContain('session:b')
      },
      [redisUrl, proxy.url],
    )
    await proxy.close()
  },
)

const madeAnew = async (): Promise<void> => {
  const proxy = await tcpProxy(redisUrl)
  await members(
    2,
    async ([one, two]) => {
      proxy.cutFarEnd()
      for (let i = 0; i < 300 && two!.wire.hears(); i++) await sleep(10)
      expect(two!.wire.hears()).toBe(false)
      for (let i = 0; i < 1000 && !two!.wire.hears(); i++) await sleep(10)
      expect(two!.wire.hears()).toBe(true)
      await one!.wire.announce(['session:b'])
      expect(two!.heard).toContain('session:b')
    },
    [redisUrl, proxy.url],
  )
  await proxy.close()
}
withRedis.test('a line on which nothing comes back is made anew by itself', madeAnew, 30_000)

withRedis.test('one that has left is waited for by nobody, and hears nothing', () =>
  members(2, async ([one, two], redis) => {
    await two!.wire.close()
    expect(two!.wire.hears()).toBe(false)
    await one!.wire.announce(['session:a'])
    const left = (await redis.run(['HKEYS', `${redis.prefix}facts:members`])) as string[]
    expect(left).toHaveLength(2)
    expect(two!.heard).toEqual([])
  }),
)

withRedis.test('announcing what nobody can be told fails', async () => {
  const redis = openRedis({ url: 'redis://127.0.0.1:1' })
  const wire = redisAnnouncements(redis)
  await expect(wire.announce(['session:a'])).rejects.toThrow('Try again')
  expect(wire.hears()).toBe(false)
  await wire.close()
  await redis.close()
})

test('a connection that cannot subscribe is none to announce by', () => {
  const deaf: Redis = { prefix: '', run: async () => null, ping: async () => true, close: async () => {} }
  expect(() => redisAnnouncements(deaf)).toThrow('can subscribe')
})
