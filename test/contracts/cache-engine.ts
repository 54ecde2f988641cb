import { expect, sleep, type test } from '#test'
import {
  ageOf,
  type Engine,
  type EngineOptions,
  Flights,
  type Lifetime,
  type Look,
} from '../../plugins/cache/engine/index.ts'

/** The engine that writes, another over the same store that reads, and the clock of both. */
export interface Bench {
  readonly one: Engine
  /** The same one where nobody else can have it. */
  readonly two: Engine
  readonly clock: { at: number; now(): number }
}

type Terms = Omit<EngineOptions, 'clock'>
type Run = (bench: Bench) => Promise<void>

export const minute: Lifetime = { fresh: 60_000, swr: 0, staleIfError: 0 }

export const look = async (engine: Engine, key: string, tags: readonly string[] = []): Promise<Look> =>
  engine.look(key, tags)

export async function store(
  engine: Engine,
  key: string,
  payload: string,
  tags: readonly string[] = [],
  life: Lifetime = minute,
): Promise<boolean> {
  const { ticket } = await look(engine, key, tags)
  return engine.put(ticket, payload, life)
}

export const payloadOf = async (
  engine: Engine,
  key: string,
  tags: readonly string[] = [],
): Promise<string | undefined> => (await look(engine, key, tags)).entry?.payload

/**
 * What every engine holds to.
 * @param withBench runs with new engines over an empty store
 */
export function cacheEngineContract(
  register: (name: string, body: () => Promise<void>) => ReturnType<typeof test> | void,
  withBench: (terms: Terms, run: Run) => Promise<void>,
): void {
  const holds = (name: string, run: Run, terms: Terms = {}): void => void register(name, () => withBench(terms, run))

  holds('what was never stored is a miss that may be stored', async ({ one }) => {
    const { entry, ticket } = await look(one, 'never', ['a'])
    expect([entry, one.peek('never'), ticket.storable, ticket.isGood()]).toEqual([undefined, undefined, true, true])
  })

  holds('what was stored is found by all, as it was, with when and for how long', async ({ one, two, clock }) => {
    const life: Lifetime = { fresh: 1000, swr: 2000, staleIfError: 3000 }
    for (const payload of ['hello', '', 'grüße \u{1F43F}\n\0', '1 x y\nz', JSON.stringify(['x'.repeat(9000), 'ü'])]) {
      await one.delete('a')
      expect(await store(one, 'a', payload, ['t'], life)).toBe(true)
      for (const engine of [one, two])
        expect((await look(engine, 'a', ['t'])).entry).toMatchObject({ payload, at: clock.at, life })
    }
  })

  holds('what was stored is known without waiting, to whoever has seen it', async ({ one, two }) => {
    await store(one, 'a', 'x', ['t'])
    await look(two, 'a', ['t'])
    expect([one.peek('a')?.payload, two.peek('a')?.payload, two.peek('b')]).toEqual(['x', 'x', undefined])
  })

  holds('what a reader made of an entry stays with the copy', async ({ one }) => {
    const { ticket } = await look(one, 'a')
    await one.put(ticket, 'x', minute, { made: 1 })
    expect(one.peek('a')?.made).toEqual({ made: 1 })
    one.peek('a')!.made = 2
    expect([one.peek('a')?.made, (await look(one, 'a')).entry?.made]).toEqual([2, 2])
  })

  holds('an entry is fresh, then stale, then answered for errors, then over', async ({ one, two, clock }) => {
    await store(one, 'a', 'x', [], { fresh: 1000, swr: 500, staleIfError: 2000 })
    const ages: (string | undefined)[] = []
    for (const passed of [0, 999, 1, 499, 1, 1499, 1]) {
      clock.at += passed
      const { entry } = await look(two, 'a')
      ages.push(entry && ageOf(entry, two.now()))
    }
    expect(ages.map((age) => age ?? 'over')).toEqual(['fresh', 'fresh', 'stale', 'stale', 'failing', 'failing', 'over'])
    expect([one.peek('a'), two.peek('a')]).toEqual([undefined, undefined])
  })

  holds('nothing is answered that is from later, where a clock was set back', async ({ one, two, clock }) => {
    await store(one, 'a', 'x')
    clock.at -= 1
    const { entry } = await look(two, 'a')
    expect(entry === undefined || ageOf(entry, two.now()) === 'over').toBe(true)
    expect(one.peek('a')).toBeUndefined()
  })

  holds('keys and tags are any text, and none is taken for another', async ({ one, two }) => {
    const names = ['a', 'a:b', 'a b', 'a\nb', '*', 'all', 't:a', 'k:a', 'ключ', '', 'x'.repeat(5000)]
    for (const name of names) await store(one, name, `of ${name}`, [name])
    for (const name of names) expect(await payloadOf(two, name, [name])).toBe(`of ${name}`)
    for (const [at, name] of names.entries()) {
      expect(await two.end([name])).toBe('told')
      const left = await Promise.all(names.map((other) => payloadOf(one, other, [other])))
      expect(left.filter((payload) => payload !== undefined)).toEqual(names.slice(at + 1).map((other) => `of ${other}`))
    }
  })

  holds('tags are a set', async ({ one, two }) => {
    await store(one, 'a', 'x', ['s', 't', 's'])
    expect(await payloadOf(two, 'a', ['t', 's'])).toBe('x')
  })

  holds('an entry is not answered to whom it would have ended by other tags', async ({ one, two }) => {
    await store(one, 'a', 'x', ['s'])
    expect(await payloadOf(two, 'a', ['s', 't'])).toBeUndefined()
    expect(await payloadOf(two, 'a')).toBeUndefined()
    expect(await payloadOf(two, 'a', ['s'])).toBe('x')
    expect([two.peek('a', ['s'])?.payload, two.peek('a', ['s', 't']), two.peek('a', [])]).toEqual([
      'x',
      undefined,
      undefined,
    ])
  })

  const ends: Record<string, (engine: Engine) => Promise<unknown>> = {
    'one of its tags ended': (engine) => engine.end(['s']),
    'it was deleted': (engine) => engine.delete('a'),
    'everything ended': (engine) => engine.clear(),
  }
  for (const [when, end] of Object.entries(ends)) {
    holds(`when ${when}, nobody answers it any more`, async ({ one, two }) => {
      await store(one, 'a', 'old', ['s', 't'])
      await look(two, 'a', ['s', 't'])
      expect(await end(one)).toBe('told')
      expect([one.peek('a'), two.peek('a')]).toEqual([undefined, undefined])
      expect([await payloadOf(one, 'a', ['s', 't']), await payloadOf(two, 'a', ['s', 't'])]).toEqual([
        undefined,
        undefined,
      ])
      expect(await store(two, 'a', 'new', ['s', 't'])).toBe(true)
      expect(await payloadOf(one, 'a', ['s', 't'])).toBe('new')
    })

    holds(`a load that began before ${when} is not stored, nor joined by who comes after`, async ({ one, two }) => {
      const flights = new Flights()
      const { promise, resolve } = Promise.withResolvers<string>()
      const before = await look(two, 'a', ['s'])
      const loading = flights.join(before.ticket, () => promise)
      await end(one)
      const after = await look(two, 'a', ['s'])
      const anew = flights.join(after.ticket, () => 'new')
      resolve('old')
      expect([await loading, await anew]).toEqual(['old', 'new'])
      expect(await two.put(before.ticket, 'old', minute)).toBe(false)
      expect(await payloadOf(two, 'a', ['s'])).toBeUndefined()
      expect(await two.put(after.ticket, 'new', minute)).toBe(true)
      expect([await payloadOf(one, 'a', ['s']), before.ticket.isGood()]).toEqual(['new', false])
    })
  }

  holds('what ended under one tag leaves what is stored under others', async ({ one, two }) => {
    await store(one, 'a', 'x', ['s'])
    await store(one, 'b', 'y', ['t'])
    await store(one, 'c', 'z')
    await two.end(['s'])
    expect([one.peek('a'), one.peek('b')?.payload, one.peek('c')?.payload]).toEqual([undefined, 'y', 'z'])
  })

  holds('many tags end at once', async ({ one, two }) => {
    const tags = Array.from({ length: 1200 }, (_, at) => `t${at}`)
    for (const tag of ['t0', 't600', 't1199', 'u']) await store(one, tag, 'x', [tag])
    await two.end(tags)
    for (const tag of ['t0', 't600', 't1199']) expect(await payloadOf(one, tag, [tag])).toBeUndefined()
    expect([await payloadOf(one, 'u', ['u']), await one.end([])]).toEqual(['x', 'told'])
  })

  holds('nothing is stored under a tag that is about to end, before and after the look', async ({ one, two }) => {
    const before = await look(two, 'a', ['t'])
    const hold = await one.hold(['t'])
    const during = await look(two, 'a', ['t'])
    expect([during.ticket.storable, await two.put(before.ticket, 'x', minute)]).toEqual([false, false])
    expect(await two.put(during.ticket, 'x', minute)).toBe(false)
    expect(await store(two, 'b', 'y', ['u'])).toBe(true)
    await one.end(['t'], hold)
    expect(await two.put(during.ticket, 'x', minute)).toBe(false)
    expect(await store(two, 'a', 'z', ['t'])).toBe(true)
  })

  holds('two who end one tag at once do not undo what the other holds', async ({ one, two }) => {
    const first = await one.hold(['t', 'u'])
    const second = await two.hold(['t'])
    await one.end(['t', 'u'], first)
    expect([await store(one, 'a', 'x', ['t']), await store(one, 'b', 'y', ['u'])]).toEqual([false, true])
    await one.end(['t'])
    expect(await store(one, 'a', 'x', ['t'])).toBe(false)
    await two.end(['t'], second)
    expect(await store(one, 'a', 'x', ['t'])).toBe(true)
  })

  holds(
    'a hold whose holder has died is over by itself, and what was stored before it is not answered then',
    async ({ one, two, clock }) => {
      await store(one, 'a', 'old', ['t'])
      await one.hold(['t'])
      expect((await look(two, 'b', ['t'])).ticket.storable).toBe(false)
      clock.at += 250
      await sleep(250)
      expect(await store(two, 'b', 'new', ['t'])).toBe(true)
      if (one !== two) expect(await payloadOf(two, 'a', ['t'])).toBeUndefined()
    },
    { holdFor: 200 },
  )

  holds(
    'nothing is stored for as long as a replica may lag behind what ended',
    async ({ one, two, clock }) => {
      const hold = await one.hold(['t'])
      await one.end(['t'], hold)
      await one.delete('k')
      expect([await store(two, 'a', 'x', ['t']), await store(two, 'k', 'x')]).toEqual([false, false])
      clock.at += 200
      await sleep(200)
      expect([await store(two, 'a', 'x', ['t']), await store(two, 'k', 'x')]).toEqual([true, true])
      await one.clear()
      expect(await store(two, 'b', 'x')).toBe(false)
    },
    { holdStore: 150 },
  )

  holds(
    'a payload that is too large is not stored, in bytes',
    async ({ one, two }) => {
      expect([await store(one, 'a', 'x'.repeat(3001)), await store(one, 'b', 'ü'.repeat(1501))]).toEqual([false, false])
      expect([await payloadOf(two, 'a'), await payloadOf(two, 'b')]).toEqual([undefined, undefined])
      expect([await store(one, 'a', 'x'.repeat(3000)), await store(one, 'b', 'ü'.repeat(1500))]).toEqual([true, true])
      expect((await payloadOf(two, 'b'))?.length).toBe(1500)
    },
    { maxEntryBytes: 3000 },
  )

  holds('callers that ask at once share one load, and the next asks anew', async ({ two }) => {
    const flights = new Flights()
    let loads = 0
    const ask = async (): Promise<number> => {
      const { ticket } = await look(two, 'a', ['t'])
      return flights.join(ticket, async () => {
        await sleep(20)
        return ++loads
      })
    }
    expect(new Set(await Promise.all(Array.from({ length: 100 }, ask)))).toEqual(new Set([1]))
    expect([await ask(), flights.size]).toEqual([2, 0])
  })
}
