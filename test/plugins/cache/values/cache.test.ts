import { expect, sleep } from '#test'
import type { CacheRules } from '../../../../plugins/cache/values/index.ts'
import { eventually } from '../engine/benches.ts'
import { inEach, source } from './caches.ts'

const minute: CacheRules = { ttl: '1m' }

const kinds: Record<string, unknown> = {
  'a date': new Date(5),
  'a bigint': 5n,
  'a map of sets': new Map([['a', new Set([1])]]),
  bytes: new Uint8Array([1, 2]),
  undefined: undefined,
  null: null,
  'a long list': Array.from({ length: 2000 }, (_, at) => ({ at, when: new Date(at) })),
}
for (const [what, value] of Object.entries(kinds))
  inEach(`a value is the same on miss and hit: ${what}`, async ({ cache, other }) => {
    const { load, ...counts } = source(value)
    const first = await cache.getOrSet('a', load, minute)
    const again = await cache.getOrSet('a', () => 'loaded again' as never, minute)
    const elsewhere = await other.getOrSet('a', () => 'loaded again' as never, minute)
    expect([first, again, elsewhere]).toStrictEqual([value, value, value])
    expect(counts.loads).toBe(0)
  })

inEach('each caller gets a copy of its own, whoever loaded it', async ({ cache }) => {
  const { load } = source({ list: [1] })
  const [one, two] = await Promise.all([cache.getOrSet('a', load, minute), cache.getOrSet('a', load, minute)])
  one.list.push(2)
  const three = await cache.getOrSet('a', load, minute)
  three.list.push(3)
  expect([two, await cache.getOrSet('a', load, minute)]).toEqual([{ list: [1] }, { list: [1] }])
})

inEach('a value that cannot be stored is refused, and says where', async ({ cache }) => {
  const load = () => ({ rows: [{ total: () => 1 }] })
  await expect(cache.getOrSet('a', load, minute)).rejects.toThrow('value.rows[0].total is a function')
  await expect(cache.set('a', { rows: [Symbol('x')] }, minute)).rejects.toThrow('value.rows[0] is a symbol')
})

inEach('a hundred callers that miss at once share one load', async ({ cache }) => {
  const from = source('x')
  from.close()
  const all = Promise.all(Array.from({ length: 100 }, () => cache.getOrSet('a', from.load, minute)))
  await eventually(() => from.loads > 0)
  await sleep(20)
  from.open()
  expect([new Set(await all), from.loads]).toEqual([new Set(['x']), 1])
})

inEach('a hundred callers in two processes share one load, with a lease', async ({ cache, other }) => {
  let loads = 0
  const load = async () => {
    loads++
    await sleep(60)
    return 'x'
  }
  const ask = (_: unknown, at: number) => (at % 2 ? cache : other).getOrSet('a', load, { ...minute, lease: true })
  expect(new Set(await Promise.all(Array.from({ length: 100 }, ask)))).toEqual(new Set(['x']))
  expect(loads).toBe(1)
})

inEach('a lease whose holder takes too long does not stop the others', async ({ cache, other }) => {
  const slow = source('slow')
  slow.close()
  const first = cache.getOrSet('a', slow.load, { ttl: '1m', lease: '50ms' })
  await eventually(() => slow.loads > 0)
  if (cache !== other) expect(await other.getOrSet('a', () => 'quick', { ttl: '1m', lease: '50ms' })).toBe('quick')
  slow.open()
  expect(await first).toBe('slow')
})

inEach('a load that fails tells its error to all who wait, once, and nothing is stored', async ({ cache, other }) => {
  const from = source('x')
  from.close()
  from.fail = new Error('no database')
  const all = Promise.allSettled(Array.from({ length: 50 }, () => cache.getOrSet('a', from.load, minute)))
  await eventually(() => from.loads > 0)
  await sleep(20)
  from.open()
  const reasons = (await all).map((one) => (one.status === 'rejected' ? one.reason : undefined))
  expect([new Set(reasons), from.loads]).toEqual([new Set([from.fail]), 1])
  from.fail = undefined
  expect([await other.get('a'), await other.getOrSet('a', from.load, minute), from.loads]).toEqual([undefined, 'x', 2])
})

inEach('a load that throws at once is as one that fails', async ({ cache }) => {
  const load = (): string => {
    throw new Error('no database')
  }
  await expect(cache.getOrSet('a', load, minute)).rejects.toThrow('no database')
})

inEach('when the caller who loads leaves, those who wait with it are served', async ({ cache }) => {
  const from = source('x')
  from.close()
  const leaver = new AbortController()
  const signals: AbortSignal[] = []
  const load = (signal: AbortSignal) => {
    signals.push(signal)
    return from.load()
  }
  const first = cache.getOrSet('a', load, { ...minute, signal: leaver.signal })
  await eventually(() => from.loads > 0)
  const second = cache.getOrSet('a', load, minute)
  await sleep(20)
  leaver.abort(new Error('gone'))
  await expect(first).rejects.toThrow('gone')
  from.open()
  expect([await second, from.loads, signals[0]?.aborted]).toEqual(['x', 1, false])
})

inEach('when all who wait have left, the load is told', async ({ cache }) => {
  const leaver = new AbortController()
  let told: unknown
  const load = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        told = signal.reason
        reject(signal.reason)
      })
      leaver.abort(new Error('gone'))
    })
  await expect(cache.getOrSet('a', load, { ...minute, signal: leaver.signal })).rejects.toThrow('gone')
  await eventually(() => told !== undefined)
  expect(await cache.getOrSet('a', () => 'x', { ...minute })).toBe('x')
  await expect(
    cache.getOrSet('b', () => 'x', { ...minute, signal: AbortSignal.abort(new Error('left')) }),
  ).rejects.toThrow('left')
})

inEach('a value is fresh for its time, give or take a tenth', async ({ cache, clock }) => {
  const born = clock.at
  const over: number[] = []
  for (let at = 0; at < 40; at++) await cache.set(`k${at}`, at, { ttl: '100s' })
  for (let passed = 88; passed <= 112; passed++) {
    clock.at = born + passed * 1000
    let fresh = 0
    for (let at = 0; at < 40; at++) if ((await cache.get(`k${at}`)) === at) fresh++
    over.push(40 - fresh)
  }
  expect([over[0], over.at(-1)]).toEqual([0, 40])
  expect(new Set(over).size).toBeGreaterThan(5)
})

inEach('a stale value is answered at once while it is loaded anew, once', async ({ cache, other, clock }) => {
  const from = source('old', 'new')
  const rules: CacheRules = { ttl: '10s', swr: '60s' }
  await cache.getOrSet('a', from.load, rules)
  clock.at += 12_000
  from.close()
  const stale = await Promise.all(Array.from({ length: 20 }, () => cache.getOrSet('a', from.load, rules)))
  await eventually(() => from.loads === 2)
  expect([new Set(stale), from.loads]).toEqual([new Set(['old']), 2])
  from.open()
  await eventually(async () => (await cache.getOrSet('a', from.load, rules)) === 'new')
  expect([await other.getOrSet('a', from.load, rules), from.loads]).toEqual(['new', 2])
})

inEach('a stale value is not answered after its window', async ({ cache, clock }) => {
  const from = source('old', 'new')
  const rules: CacheRules = { ttl: '10s', swr: '20s' }
  await cache.getOrSet('a', from.load, rules)
  clock.at += 32_000
  expect(await cache.getOrSet('a', from.load, rules)).toBe('new')
})

inEach('a value that cannot be loaded anew stays as long as errors allow, and not longer', async ({ cache, clock }) => {
  const from = source('old', 'new')
  const rules: CacheRules = { ttl: '10s', swr: '60s', staleIfError: '30s' }
  await cache.getOrSet('a', from.load, rules)
  from.fail = new Error('no database')
  for (const passed of [12_000, 10_000]) {
    clock.at += passed
    const before = from.loads
    expect(await cache.getOrSet('a', from.load, rules)).toBe('old')
    await eventually(() => from.loads > before)
    await sleep(20)
  }
  clock.at += 22_000
  expect(await cache.getOrSet('a', from.load, rules)).toBe('old')
  await eventually(async () => (await cache.get('a')) === undefined && from.loads > 3)
  await sleep(30)
  await expect(cache.getOrSet('a', from.load, rules)).rejects.toThrow('no database')
})

inEach('where only errors allow the old value, it is loaded first', async ({ cache, clock }) => {
  const from = source('old', 'new', 'newer')
  const rules: CacheRules = { ttl: '10s', staleIfError: '60s' }
  await cache.getOrSet('a', from.load, rules)
  clock.at += 12_000
  from.fail = new Error('no database')
  expect([await cache.getOrSet('a', from.load, rules), from.loads]).toEqual(['old', 2])
  from.fail = undefined
  expect(await cache.getOrSet('a', from.load, rules)).toBe('newer')
  clock.at += 72_000
  from.fail = new Error('no database')
  await expect(cache.getOrSet('a', from.load, rules)).rejects.toThrow('no database')
})

inEach('a caller waits for a fresh value only so long, where errors allow the old one', async ({ cache, clock }) => {
  const from = source('old', 'new')
  const rules: CacheRules = { ttl: '10s', staleIfError: '60s', timeout: '40ms' }
  await cache.getOrSet('a', from.load, rules)
  clock.at += 12_000
  from.close()
  const since = performance.now()
  expect(await cache.getOrSet('a', from.load, rules)).toBe('old')
  expect(performance.now() - since).toBeGreaterThan(35)
  from.open()
  await eventually(async () => (await cache.get('a')) === 'new')
  expect(from.loads).toBe(2)
})

inEach('nothing has a time of its own', async ({ cache, clock }) => {
  const from = source<string | null>(null, 'found')
  const rules: CacheRules = { ttl: '100s', negative: '10s' }
  await cache.getOrSet('a', from.load, rules)
  clock.at += 8000
  expect(await cache.getOrSet('a', from.load, rules)).toBeNull()
  clock.at += 4000
  expect(await cache.getOrSet('a', from.load, rules)).toBe('found')
  clock.at += 80_000
  expect([await cache.getOrSet('a', from.load, rules), from.loads]).toEqual(['found', 2])
  const none = source(undefined)
  await cache.getOrSet('b', none.load, { ttl: '1m', negative: 0 })
  await cache.getOrSet('b', none.load, { ttl: '1m', negative: 0 })
  expect(none.loads).toBe(2)
})

inEach('nothing that is stored is over at once when its tag ends', async ({ cache, other }) => {
  const rules: CacheRules = { ttl: '1m', negative: '1m', tags: ['users:1'] }
  expect(await cache.getOrSet('a', () => null, rules)).toBeNull()
  await other.invalidate('users:1')
  expect(await cache.getOrSet('a', () => 'made' as never, rules)).toBe('made' as never)
})

inEach('what was ended is loaded anew by all', async ({ cache, other }) => {
  const ends: ((key: string) => Promise<unknown>)[] = [
    () => cache.invalidate('s', 'other'),
    (key) => cache.delete(key),
    () => cache.clear(),
  ]
  for (const [at, end] of ends.entries()) {
    const key = `k${at}`
    const rules: CacheRules = { ttl: '1m', tags: ['s', 't'] }
    await cache.getOrSet(key, () => 'old', rules)
    await other.getOrSet(key, () => 'old', rules)
    await end(key)
    expect([await other.get(key, rules), await cache.get(key, rules)]).toEqual([undefined, undefined])
    expect(await other.getOrSet(key, () => 'new', rules)).toBe('new')
    expect(await cache.get<string>(key, rules)).toBe('new')
  }
})

inEach('what is set replaces what is there for all, also what is being loaded', async ({ cache, other }) => {
  const from = source('loaded')
  from.close()
  const loading = other.getOrSet('a', from.load, minute)
  await eventually(() => from.loads > 0)
  await cache.set('a', 'set', minute)
  from.open()
  expect([await loading, await cache.get<string>('a'), await other.get<string>('a')]).toEqual(['loaded', 'set', 'set'])
  await other.set('a', 'again', minute)
  expect([await cache.get<string>('a'), await other.get<string>('a')]).toEqual(['again', 'again'])
})

inEach('a value under other tags is not found', async ({ cache }) => {
  await cache.set('a', 1, { ttl: '1m', tags: ['s'] })
  expect(await cache.get('a', { tags: ['t'] })).toBeUndefined()
})

inEach('rules that say no time are refused', async ({ cache }) => {
  await expect(cache.getOrSet('a', () => 1, { ttl: 'soon' as never })).rejects.toThrow('is no duration')
})
