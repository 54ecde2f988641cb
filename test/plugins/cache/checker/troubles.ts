import { openRedis } from '#core/adapters/redis'
import { sleep } from '#test'
import type { RedisServer } from '../../../fixtures/redis-server.ts'
import type { TcpProxy } from '../../../fixtures/tcp-proxy.ts'

/** What can happen to a Redis, and to the lines that lead to it. Each is over when its promise is. */
export function troublesOf(server: RedisServer, lines: readonly TcpProxy[], random: () => number) {
  const line = (): TcpProxy => lines[Math.floor(random() * lines.length)]!
  const while_ = async (begin: () => unknown, end: () => unknown, most: number): Promise<void> => {
    await begin()
    await sleep(50 + random() * most)
    await end()
  }
  const run = async (...commands: (readonly string[])[]): Promise<unknown> => {
    const redis = openRedis({ url: server.url, prefix: '', deadline: '2s' })
    try {
      let reply: unknown
      for (const command of commands) reply = await redis.run(command)
      return reply
    } finally {
      await redis.close()
    }
  }
  return {
    'a line is cut': () => {
      const one = line()
      return while_(
        () => one.cut(),
        () => one.mend(),
        1500,
      )
    },
    'a line stalls': () => {
      const one = line()
      return while_(
        () => one.stall(),
        () => {
          one.cut()
          one.mend()
        },
        1500,
      )
    },
    'Redis stands still': () =>
      while_(
        () => server.pause(),
        () => server.resume(),
        2000,
      ),
    'Redis is killed and starts empty': () =>
      while_(
        () => server.kill(),
        () => server.start(),
        800,
      ),
    'everything is flushed': () => run(['FLUSHALL']),
    'a key is lost': async () => {
      const key = await run(['RANDOMKEY'])
      if (typeof key === 'string') await run(['DEL', key])
    },
    'listeners are cut off': () => run(['CLIENT', 'KILL', 'TYPE', 'pubsub']),
    'all lines are cut off': () => run(['CLIENT', 'KILL', 'TYPE', 'normal']).catch(() => {}),
    'memory is short': () =>
      while_(
        () => run(['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random'], ['CONFIG', 'SET', 'maxmemory', '1200000']),
        () => run(['CONFIG', 'SET', 'maxmemory', '0']),
        1000,
      ),
  } satisfies Readonly<Record<string, () => unknown>>
}
