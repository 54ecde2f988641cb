import fc from 'fast-check'
import { describe, expect, test } from '#test'
import { memoryLimiter } from '../../../plugins/rate-limit/memory.ts'
import type { AnyRatePolicy, RatePolicy } from '../../../plugins/rate-limit/options.ts'
import { burstOf, type CellRule, namedRules, type Rule, ruleOf, shareOf } from '../../../plugins/rate-limit/policy.ts'

const networks = { prefix: 64, wide: undefined, wideTimes: 1 }
const place = { route: 'GET /a', at: 0, onStoreDown: 'local', networks } as const
const rule = (policy: AnyRatePolicy) => ruleOf(policy, place)
const demand = (one: Rule, key: string) => ({ rule: one, key, cost: typeof one.cost === 'number' ? one.cost : 1 })

function limiterOf(policy: RatePolicy) {
  let time = 1_700_000_000_000
  const limiter = memoryLimiter({ clock: { now: () => time }, maxKeys: 100 })
  const one = rule(policy)
  return { ask: (key = 'a') => limiter.take([demand(one, key)])[0]!, pass: (ms: number) => (time += ms) }
}

describe('a limit', () => {
  test('lets a burst through at once, then one by one', () => {
    const { ask, pass } = limiterOf({ limit: 3, per: '3s' })
    expect([ask(), ask(), ask(), ask()].map((one) => [one.allowed, one.remaining])).toEqual([
      [true, 2],
      [true, 1],
      [true, 0],
      [false, 0],
    ])
    pass(999)
    expect(ask()).toMatchObject({ allowed: false, wait: 1000 })
    pass(1)
    expect([ask().allowed, ask().allowed]).toEqual([true, false])
    pass(60_000)
    expect([ask(), ask(), ask(), ask()].map((one) => one.allowed)).toEqual([true, true, true, false])
  })

  test('takes the cost of each request', () => {
    const { ask } = limiterOf({ limit: 10, per: '1m', cost: 4 })
    expect([ask(), ask(), ask()].map((one) => [one.allowed, one.remaining])).toEqual([
      [true, 6],
      [true, 2],
      [false, 2],
    ])
  })

  test('counts each key for itself', () => {
    const { ask } = limiterOf({ limit: 1, per: '1m' })
    expect([ask('a').allowed, ask('b').allowed, ask('a').allowed]).toEqual([true, true, false])
  })

  test('has no window whose edge could be used twice: in any span no more pass than limit and burst', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 50, maxLength: 200 }),
        (limit, burst, gaps) => {
          const { ask, pass } = limiterOf({ limit, burst, per: '1s' })
          const passed: number[] = []
          let time = 0
          for (const gap of gaps) {
            time += gap
            pass(gap)
            if (ask().allowed) passed.push(time)
          }
          for (const [at, from] of passed.entries())
            expect(passed.slice(at).filter((one) => one < from + 1000).length).toBeLessThanOrEqual(limit + burst)
        },
      ),
      { numRuns: 100, seed: 3 },
    )
  })

  test('lets exactly its number through, also where the time does not divide evenly', () => {
    for (const limit of [3, 7, 50, 999]) {
      const { ask } = limiterOf({ limit, per: '1h' })
      expect(Array.from({ length: limit + 5 }, () => ask().allowed).filter(Boolean).length).toBe(limit)
    }
  })
})

describe('several limits', () => {
  test('take nothing unless all of them allow it', () => {
    const limiter = memoryLimiter({ clock: { now: () => 0 }, maxKeys: 100 })
    const [first, second] = [rule({ limit: 5, per: '1m' }), rule({ limit: 1, per: '1m' })]
    const take = () => limiter.take([demand(first, 'a'), demand(second, 'b')])
    expect(take().map((one) => one.remaining)).toEqual([4, 0])
    for (let i = 0; i < 5; i++) expect(take().map((one) => one.allowed)).toEqual([true, false])
    expect(limiter.take([demand(first, 'a')])[0]!.remaining).toBe(3)
  })
})

describe('the memory of a limiter', () => {
  test('forgets who was not seen for longest, and never grows', () => {
    const limiter = memoryLimiter({ clock: { now: () => 0 }, maxKeys: 1000 })
    const one = rule({ limit: 1, per: '1h' })
    const asks = (key: string) => limiter.take([demand(one, key)])[0]!.allowed
    expect([asks('first'), asks('first')]).toEqual([true, false])
    for (let i = 0; i < 999; i++) asks(`other ${i}`)
    expect(asks('first')).toBe(false)
    for (let i = 0; i < 100_000; i++) asks(`stranger ${i}`)
    expect(asks('first')).toBe(true)
  })

  test('stays as large as it is with a million callers', () => {
    const limiter = memoryLimiter({ clock: { now: () => 0 }, maxKeys: 50_000 })
    const one = rule({ limit: 1, per: '1h' }) as CellRule
    for (let i = 0; i < 100_000; i++) limiter.takeOne(one, `caller ${i}`, 1)
    // What is kept, not what the process has of the system: other tests run in it too.
    const kept = (): number => {
      if ('Bun' in globalThis) Bun.gc(true)
      return process.memoryUsage().heapUsed
    }
    const before = kept()
    for (let i = 0; i < 1_000_000; i++) limiter.takeOne(one, `stranger ${i}`, 1)
    expect(kept() - before).toBeLessThan(200_000_000)
    expect(limiter.takeOne(one, 'stranger 999999', 1).allowed).toBe(false)
    expect(limiter.takeOne(one, 'stranger 949999', 1).allowed).toBe(true)
  }, 30_000)
})

describe('a sliding window', () => {
  test('counts the last one as far as it still reaches', () => {
    const { ask, pass } = limiterOf({ kind: 'sliding', limit: 10, per: '10s' })
    const passed = () => Array.from({ length: 12 }, () => ask()).filter((one) => one.allowed).length
    expect(passed()).toBe(10)
    expect(ask()).toMatchObject({ remaining: 0, wait: 11_000_000 })
    pass(10_000)
    expect(passed()).toBe(0)
    pass(1000)
    expect(passed()).toBe(1)
    expect(ask()).toMatchObject({ remaining: 0, reset: 1_000_000, wait: 1_000_000 })
    pass(4000)
    expect(passed()).toBe(4)
    pass(60_000)
    expect(passed()).toBe(10)
  })

  test('never lets more through in a window, and says rightly when the next one passes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 30, maxLength: 150 }),
        (limit, gaps) => {
          const { ask, pass } = limiterOf({ kind: 'sliding', limit, per: '1s' })
          const passed: number[] = []
          let time = 0
          for (const gap of gaps) {
            time += gap
            pass(gap)
            const outcome = ask()
            if (outcome.allowed) passed.push(time)
            else {
              const ms = Math.ceil(outcome.wait / 1000)
              time += ms
              pass(ms)
              expect(ask().allowed).toBe(true)
              passed.push(time)
            }
          }
          for (const from of passed)
            expect(passed.filter((one) => one >= from && one < from + 1000).length).toBeLessThanOrEqual(2 * limit)
        },
      ),
      { numRuns: 100, seed: 5 },
    )
  })

  test('forgets what is given back, also from the window before', () => {
    let time = 1_700_000_000_000
    const limiter = memoryLimiter({ clock: { now: () => time }, maxKeys: 10 })
    const asked = demand(rule({ kind: 'sliding', limit: 2, per: '10s' }), 'a')
    const allowed = () => limiter.take([asked])[0]!.allowed
    expect([allowed(), allowed(), allowed()]).toEqual([true, true, false])
    limiter.adjust([{ ...asked, cost: -1 }])
    expect([allowed(), allowed()]).toEqual([true, false])
    time += 10_000
    limiter.adjust([{ ...asked, cost: -2 }])
    expect([allowed(), allowed(), allowed()]).toEqual([true, true, false])
  })
})

describe('a policy', () => {
  test.each<[AnyRatePolicy, string]>([
    [{ limit: 0, per: '1m' }, 'limit is 0'],
    [{ limit: 1.5, per: '1m' }, 'limit is 1.5'],
    [{ limit: 5, per: '1m', burst: 0 }, 'burst is 0'],
    [{ limit: 5, per: '1m', cost: 6 }, 'none would pass'],
    [{ limit: 5, per: '1m', burst: 2, cost: 3 }, 'none would pass'],
    [{ limit: 5, per: '1x' as '1m' }, '1x'],
    [{ limit: 5, per: 0 }, 'cannot be counted'],
    [{ limit: 5, per: '1m', name: 'a:b' }, 'letters, digits'],
    [{ limit: 5, per: '1m', by: 'planet' as 'ip' }, "by is 'user'"],
    [{ limit: 5, per: '1m', kind: 'leaky' as 'gcra' }, "kind is 'gcra'"],
    [{ limit: 5, per: '1m', kind: 'sliding', burst: 9 }, 'no burst'],
    [{ limit: 5, per: '1m', countWhen: 'never' as 'failure' }, "'failure'"],
    [{ limit: 5, per: '1m', onStoreDown: 'pray' as 'deny' }, "'local', 'deny' or 'allow'"],
    [{ limit: 5, kind: 'concurrency', per: '1m' } as AnyRatePolicy, 'has no per'],
    [{ limit: 5, kind: 'concurrency', lease: '10ms' }, 'lease'],
  ])('%j cannot hold', (policy, why) => {
    expect(() => rule(policy)).toThrow(why)
  })

  test('is one for one name', () => {
    const rules = namedRules('local', networks)
    const policy = { name: 'search', limit: 5, per: '1m' } as const
    const [first] = rules.of([policy], 'GET /a')
    const [second] = rules.of([{ ...policy, cost: 2 }], 'GET /b')
    expect(second!.key).toBe(first!.key)
    expect(() => rules.of([{ ...policy, limit: 6 }], 'GET /c')).toThrow('"search"')
    expect(() => rules.of([{ ...policy, kind: 'sliding' }], 'GET /c')).toThrow('"search"')
  })

  test('without a name counts for its route alone, and no path can look like another part of the key', () => {
    const key = (route: string) => ruleOf({ limit: 1, per: 1 }, { ...place, route }).key
    expect(key('GET /p/:id')).not.toBe(key('GET /p'))
    expect(key('GET /p/:id:ip').split(':').length).toBe(4)
  })

  test('gives each of several processes its part, and at least one request', () => {
    const share = shareOf(rule({ limit: 10, per: '10s' }), 4) as CellRule
    expect([share.interval, burstOf(share)]).toEqual([4_000_000, 2])
    expect(burstOf(shareOf(rule({ limit: 2, per: '10s', cost: 2 }), 8))).toBe(2)
    expect(shareOf(rule({ kind: 'sliding', limit: 10, per: '10s' }), 4).limit).toBe(2)
    expect(shareOf(rule({ kind: 'concurrency', limit: 3 }), 4).limit).toBe(1)
  })
})
