import { openRedis } from '#core/adapters/redis'
import { describe, expect, sleep, test } from '#test'
import { Engines, memoryEngine, readThrough, redisEngine, type Source } from '../../../../plugins/cache/engine/index.ts'
import { randomName, redisUrl, withRedis } from '../../../services.ts'
import { withShop } from '../http/shop.ts'

/** What another process has written last, and what loads have read of it, each let go by the test. */
function row() {
  const loads: { readonly value: string; readonly gate: PromiseWithResolvers<void> }[] = []
  const state = { value: 'old', loads }
  const source: Source<string> = {
    key: 'a',
    tags: ['t'],
    read: ({ payload }) => payload,
    load: async () => {
      const one = { value: state.value, gate: Promise.withResolvers<void>() }
      loads.push(one)
      await one.gate.promise
      return { value: one.value }
    },
    share: ({ value }) => value,
  }
  return { state, source }
}
const until = async (is: () => boolean): Promise<void> => {
  for (let i = 0; i < 400 && !is(); i++) await sleep(5)
}
/** Nobody listens there. */
const nowhere = () => openRedis({ url: 'redis://127.0.0.1:1', deadline: '50ms' })

describe('while Redis is away, and nobody would tell what others end', () => {
  test('who comes after a load has begun does not share it: they wait, and share the next', async () => {
    const redis = nowhere()
    const seat = new Engines(redisEngine({ redis }), undefined, memoryEngine).current
    const { state, source } = row()
    const first = readThrough(seat, source)
    await until(() => state.loads.length === 1)
    state.value = 'new'
    const others = Array.from({ length: 20 }, () => readThrough(seat, source))
    await sleep(30)
    expect(state.loads).toHaveLength(1)
    state.loads[0]!.gate.resolve()
    await until(() => state.loads.length === 2)
    state.loads[1]!.gate.resolve()
    expect((await first).value).toBe('old')
    expect(new Set((await Promise.all(others)).map(({ value }) => value))).toEqual(new Set(['new']))
    expect([state.loads.length, seat.flights.size]).toEqual([2, 0])
    await redis.close()
  })

  test('a load that fails is no failure of who came after it had begun, and who leaves meanwhile loads nothing', async () => {
    const redis = nowhere()
    const seat = new Engines(redisEngine({ redis }), undefined, memoryEngine).current
    const { state, source } = row()
    const first = readThrough(seat, source).catch(() => 'failed')
    await until(() => state.loads.length === 1)
    const leave = new AbortController()
    const left = readThrough(seat, { ...source, signal: leave.signal }).catch(() => 'left')
    await sleep(30)
    leave.abort()
    state.loads[0]!.gate.reject(new Error('the database is away too'))
    expect([await first, await left, state.loads.length]).toEqual(['failed', 'left', 1])
    const second = readThrough(seat, source)
    await until(() => state.loads.length === 2)
    state.loads[1]!.gate.resolve()
    expect((await second).value).toBe('old')
    await redis.close()
  })

  test('neither do callers of a route', async () => {
    const redis = nowhere()
    const seen: string[] = []
    const state = { value: 'old' }
    await withShop(
      { redis },
      (app) =>
        app.get(
          '/x',
          async () => {
            seen.push(state.value)
            const { value } = state
            await sleep(60)
            return value
          },
          { public: true, cache: {} } as never,
        ),
      async (shop) => {
        const first = shop.text('/x')
        await until(() => seen.length === 1)
        state.value = 'new'
        const others = await Promise.all(Array.from({ length: 20 }, () => shop.text('/x')))
        expect([await first, ...new Set(others)]).toEqual(['old', 'new'])
        expect(seen).toEqual(['old', 'new'])
      },
    )
    await redis.close()
  })
})

withRedis.test(
  'a load that began before another process deleted its key is not shared, also where nothing is heard',
  async () => {
    const redis = openRedis({ url: redisUrl, prefix: `${randomName()}:`, deadline: '5s' })
    const deaf = {
      prefix: redis.prefix,
      run: redis.run.bind(redis),
      ping: redis.ping.bind(redis),
      close: async () => {},
    }
    const other = redisEngine({ redis: deaf })
    const seat = new Engines(redisEngine({ redis: deaf }), undefined, memoryEngine).current
    const { state, source } = row()
    const first = readThrough(seat, source)
    await until(() => state.loads.length === 1)
    state.value = 'new'
    await other.delete('a')
    const second = readThrough(seat, source)
    await until(() => state.loads.length === 2)
    for (const { gate } of state.loads) gate.resolve()
    expect([(await first).value, (await second).value]).toEqual(['old', 'new'])
    const keys = (await redis.run(['KEYS', `${redis.prefix}*`])) as string[]
    await redis.run(['DEL', ...keys])
    await redis.close()
  },
)
