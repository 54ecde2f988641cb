import process from 'node:process'
import { expect, sleep, test } from '#test'
import { Copies, Copy } from '../../../../plugins/cache/engine/copies.ts'
import { Engines, Flights, memoryEngine, readThrough, type Source } from '../../../../plugins/cache/engine/index.ts'
import { Journal } from '../../../../plugins/cache/engine/journal.ts'
import { resolveEngineOptions } from '../../../../plugins/cache/engine/options.ts'
import { look, minute, payloadOf, store } from '../../../contracts/cache-engine.ts'
import { eventually } from './benches.ts'

test('copies are bounded by their number, and the one not used for longest goes first', async () => {
  const engine = memoryEngine({ maxEntries: 3 })
  for (const key of ['a', 'b', 'c']) await store(engine, key, key, ['t'])
  engine.peek('a')
  await store(engine, 'd', 'd', ['t'])
  expect(['a', 'b', 'c', 'd'].map((key) => engine.peek(key)?.payload)).toEqual(['a', undefined, 'c', 'd'])
})

test('copies are bounded by their bytes, of payload, key and tags', () => {
  const copies = new Copies(resolveEngineOptions({ maxBytes: 100_000 }))
  const fill = (make: (at: number) => [key: string, copy: Copy]): void => {
    for (let at = 0; at < 2000; at++) copies.set(...make(at))
    expect(copies.size.bytes).toBeLessThanOrEqual(100_000)
    expect(copies.size.entries).toBeLessThan(300)
  }
  fill((at) => [`k${at}`, new Copy([], 'x'.repeat(1000), 0, minute)])
  fill((at) => [`${'k'.repeat(1000)}${at}`, new Copy([], '', 0, minute)])
  fill((at) => [`t${at}`, new Copy(['t'.repeat(1000) + at], '', 0, minute)])
})

test('nothing is kept of a tag when nothing is kept under it', () => {
  const copies = new Copies(resolveEngineOptions({ maxEntries: 100 }))
  for (let at = 0; at < 10_000; at++) copies.set(`k${at}`, new Copy([`t${at}`, 'all'], 'x', 0, minute))
  expect(copies.size).toMatchObject({ entries: 100, tags: 101 })
  copies.set('k9999', new Copy([], 'x', 0, minute))
  expect(copies.size.tags).toBe(100)
  copies.endTag('all')
  expect([copies.size.tags, copies.get('k9998')]).toEqual([99, undefined])
  copies.set('k9998', new Copy(['all'], 'x', 0, minute))
  for (let at = 9900; at < 9998; at++) copies.delete(`k${at}`)
  expect([copies.size.tags, copies.get('k9998')?.payload]).toEqual([1, 'x'])
  copies.clear()
  expect(copies.size).toEqual({ entries: 0, bytes: 0, tags: 0 })
})

test('a copy that is larger than all of them may be is not kept, nor its tags', () => {
  const copies = new Copies(resolveEngineOptions({ maxBytes: 2000 }))
  copies.set('a', new Copy(['t'], 'x'.repeat(5000), 0, minute))
  expect([copies.get('a'), copies.size]).toEqual([undefined, { entries: 0, bytes: 0, tags: 0 }])
})

// What a collector has not collected yet is no memory that is kept: Bun's can be asked.
const onBun = test.skipIf(!('Bun' in globalThis))
onBun(
  'memory stays where it is, however many keys are asked for and ended',
  async () => {
    const engine = memoryEngine({ maxBytes: 4 * 1024 ** 2 })
    const payload = 'x'.repeat(500)
    const round = async (from: number): Promise<number> => {
      for (let at = from; at < from + 15_000; at++) {
        await store(engine, `key ${at}`, payload, [`row:${at}`])
        await look(engine, `never ${at}`, [`none:${at}`])
        await engine.end([`row:${at - 1000}`])
        if (at % 100 === 0) await engine.hold([`row:${at}`])
      }
      Bun.gc(true)
      return process.memoryUsage().heapUsed / 1024 ** 2
    }
    await round(0)
    const before = await round(15_000)
    expect((await round(30_000)) - before).toBeLessThan(15)
  },
  30_000,
)

test('a load during which very much ended is not stored, for nobody knows whether it was meant', async () => {
  const engine = memoryEngine()
  const { ticket } = await look(engine, 'a', ['t'])
  await engine.end(Array.from({ length: 20_000 }, (_, at) => `t${at}`))
  expect(ticket.isGood()).toBe(true)
  await engine.end(['one more', 'and another'])
  expect([ticket.isGood(), await engine.put(ticket, 'x', minute)]).toEqual([false, false])
  expect(await store(engine, 'a', 'x', ['t'])).toBe(true)
})

test('numbers out of their range are refused', () => {
  for (const options of [
    { maxBytes: 0 },
    { maxEntries: 1.5 },
    { maxEntryBytes: -1 },
    { holdStore: -1 },
    { holdFor: 0 },
  ])
    expect(() => memoryEngine(options)).toThrow(RangeError)
})

test('a lease in memory is always given', async () => {
  const engine = memoryEngine()
  const release = await engine.lease('a', 1000)
  expect(typeof (await engine.lease('a', 1000))).toBe('function')
  await release?.()
})

test('a copy while the store is away is answered as what it is', async () => {
  const engine = memoryEngine()
  await store(engine, 'a', 'old')
  const { entry, ticket } = await look(engine, 'a')
  const away = { ...parts(engine), peek: () => undefined, look: () => ({ entry: entry!, ticket, grace: true }) }
  const source: Source<string> = {
    key: 'a',
    tags: [],
    read: ({ payload }) => payload,
    load: async () => ({ value: 'new' }),
    share: ({ value }) => value,
  }
  expect(await readThrough({ engine: away, flights: new Flights() }, source)).toEqual({
    value: 'old',
    from: 'grace',
    entry: entry!,
  })
  const unreadable: Source<string> = {
    ...source,
    read: () => {
      throw new Error('of another version')
    },
  }
  expect(await readThrough({ engine: away, flights: new Flights() }, unreadable)).toEqual({
    value: 'new',
    from: 'loaded',
  })
})

test('an entry that its reader cannot read is loaded anew and replaced', async () => {
  const engine = memoryEngine()
  await store(engine, 'a', 'broken')
  const seat = new Engines(engine, undefined, memoryEngine).current
  const source: Source<string> = {
    key: 'a',
    tags: [],
    read: ({ payload }) => {
      if (payload === 'broken') throw new Error('broken')
      return payload
    },
    load: async () => ({ value: 'whole', payload: 'whole', life: minute }),
    share: ({ value }) => value,
  }
  expect([(await readThrough(seat, source)).from, (await readThrough(seat, source)).from]).toEqual(['loaded', 'fresh'])
  expect(await payloadOf(engine, 'a')).toBe('whole')
})

test('what is noted again while it is told is told again, and nothing is read before', async () => {
  const told: (readonly string[])[] = []
  let gate = Promise.withResolvers<void>()
  const journal = new Journal(async (names) => {
    told.push(names)
    await gate.promise
  })
  await journal.replay()
  journal.note(['t:a', 't:b'])
  const first = journal.replay()
  journal.note(['t:a'])
  const second = journal.replay()
  gate.resolve()
  await Promise.all([first, second])
  expect([told, journal.size]).toEqual([[['t:a', 't:b'], ['t:a']], 0])
  gate = Promise.withResolvers()
  journal.note(['t:c'])
  const failed = journal.replay()
  gate.reject(new Error('still away'))
  await expect(failed).rejects.toThrow('still away')
  expect(journal.size).toBe(1)
  gate = Promise.withResolvers()
  gate.resolve()
  await eventually(() => journal.size === 0)
  journal.close()
  journal.note(['t:d'])
  await sleep(600)
  expect(journal.size).toBe(1)
})

/** An engine as an object whose parts can be replaced. */
const parts = (engine: ReturnType<typeof memoryEngine>) => ({
  backend: engine.backend,
  now: () => engine.now(),
  put: engine.put.bind(engine),
  hold: engine.hold.bind(engine),
  end: engine.end.bind(engine),
  delete: engine.delete.bind(engine),
  clear: engine.clear.bind(engine),
  lease: engine.lease.bind(engine),
  close: engine.close.bind(engine),
})
