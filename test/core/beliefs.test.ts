import { Beliefs } from '#core/beliefs'
import type { Announcements } from '#core/ports/announcements'
import type { Database } from '#core/ports/database'
import { describe, expect, sleep, test } from '#test'
import { openDatabase } from '../../plugins/database/index.ts'
import { inFolder } from '../services.ts'

/** What a test says and does in the place of Redis. */
class Wire implements Announcements {
  heard = true
  told: string[][] = []
  fails = 0
  readonly overs: ((name: string) => void)[] = []
  readonly losts: (() => void)[] = []
  hears = (): boolean => this.heard
  listen(over: (name: string) => void, lost: () => void): void {
    this.overs.push(over)
    this.losts.push(lost)
  }
  async announce(names: readonly string[]): Promise<void> {
    if (this.fails-- > 0) throw new Error('Redis is away')
    this.told.push([...names])
  }
  ready = async (): Promise<boolean> => this.heard
  close = async (): Promise<void> => {}
}

/** A database of which only what copies need is there: another machine's. */
const elsewhere = (): Database =>
  ({ dialect: 'postgresql', inTransaction: false, afterCommit: () => {} }) as unknown as Database

function make(believedFor = 60_000) {
  const wire = new Wire()
  const truth = new Map<string, string>([['a', 'one']])
  const reads: string[] = []
  const clock = { at: 1000, now: () => clock.at }
  let gate = Promise.resolve()
  const beliefs = new Beliefs<string>({
    database: elsewhere(),
    topic: 'fact',
    believedFor,
    announcements: () => wire,
    clock: () => clock,
    read: async (key) => {
      reads.push(key)
      const value = truth.get(key)
      await gate
      return value
    },
  })
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    gate = promise
    return () => {
      gate = Promise.resolve()
      resolve()
    }
  }
  return { wire, truth, reads, clock, beliefs, hold }
}

describe('a fact that others may end', () => {
  test('is read once by all who ask at once, and then believed', async () => {
    const { beliefs, reads } = make()
    expect(beliefs.peek('a')).toBeUndefined()
    expect(await Promise.all([1, 2, 3].map(() => beliefs.load('a')))).toEqual(['one', 'one', 'one'])
    expect([beliefs.peek('a'), reads]).toEqual(['one', ['a']])
  })

  test('is not believed, nor shared, while nothing is heard', async () => {
    const { beliefs, reads, wire } = make()
    wire.heard = false
    await Promise.all([beliefs.load('a'), beliefs.load('a')])
    expect([beliefs.peek('a'), reads.length]).toEqual([undefined, 2])
    wire.heard = true
    expect(beliefs.peek('a')).toBeUndefined()
  })

  test('is believed from when its load began, and not when the clock was set back', async () => {
    const { beliefs, clock, hold } = make(1000)
    const open = hold()
    const load = beliefs.load('a')
    clock.at += 600
    open()
    await load
    expect(beliefs.peek('a')).toBe('one')
    clock.at += 400
    expect(beliefs.peek('a')).toBeUndefined()
    clock.at -= 5000
    expect(beliefs.peek('a')).toBeUndefined()
  })

  const ends: Record<string, (given: ReturnType<typeof make>) => unknown> = {
    'another process says that it is over': ({ wire }) => wire.overs[0]!('fact:a'),
    'another process says that all of its kind are': ({ wire }) => wire.overs[0]!('fact:*'),
    'something may have been missed': ({ wire }) => wire.losts[0]!(),
    'this process says so': ({ beliefs }) => beliefs.over(['a']),
    'this process says so of all': ({ beliefs }) => beliefs.over(),
  }
  for (const [when, end] of Object.entries(ends)) {
    test(`is forgotten when ${when}`, async () => {
      const given = make()
      await given.beliefs.load('a')
      await end(given)
      expect(given.beliefs.peek('a')).toBeUndefined()
    })
    test(`is not kept by a load that began before ${when}, nor is that load shared after it`, async () => {
      const given = make()
      const open = given.hold()
      const before = given.beliefs.load('a')
      given.truth.set('a', 'two')
      await end(given)
      const after = given.beliefs.load('a')
      open()
      expect([await before, await after, given.beliefs.peek('a')]).toEqual(['one', 'two', 'two'])
    })
  }

  test('stays when another fact is over', async () => {
    const { beliefs, wire } = make()
    await beliefs.load('a')
    for (const name of ['fact:b', 'other:a', 'other:*', 'fact:aa']) wire.overs[0]!(name)
    expect(beliefs.peek('a')).toBe('one')
  })

  test('that there is none of is asked for each time', async () => {
    const { beliefs, reads } = make()
    expect([await beliefs.load('x'), await beliefs.load('x'), reads.length]).toEqual([undefined, undefined, 2])
  })

  test('that cannot be read is tried again', async () => {
    const { beliefs, truth } = make()
    const get = truth.get.bind(truth)
    truth.get = () => {
      throw new Error('no database')
    }
    await expect(beliefs.load('a')).rejects.toThrow('no database')
    truth.get = get
    expect(await beliefs.load('a')).toBe('one')
  })

  test('is told to the others before whoever ended it goes on', async () => {
    const { beliefs, wire } = make()
    await beliefs.over(['a', 'b'])
    await beliefs.over()
    expect(wire.told).toEqual([['fact:a', 'fact:b'], ['fact:*']])
  })

  test('is told again when that failed, and whoever ended it waits', async () => {
    const { beliefs, wire } = make()
    wire.fails = 2
    await beliefs.over(['a'])
    expect(wire.told).toEqual([['fact:a']])
  })

  test('that nobody can be told of has died everywhere before whoever ended it goes on', async () => {
    const { beliefs, wire } = make(300)
    wire.fails = Number.POSITIVE_INFINITY
    const began = performance.now()
    await beliefs.over(['a'])
    expect(performance.now() - began).toBeGreaterThan(290)
  })
})

describe('a fact in a SQLite file', () => {
  test('is believed until any other connection commits', () =>
    inFolder(async (folder) => {
      const [here, there] = [1, 2].map(() => openDatabase({ url: `sqlite:${folder}/a.sqlite` })) as [Database, Database]
      await here.execute('create table facts (name text); create table others (name text)')
      const beliefs = new Beliefs<string>({
        database: here,
        topic: 'fact',
        believedFor: 60_000,
        read: async () => String((await here.values('select count(*) from facts'))[0]![0]),
      })
      await beliefs.load('a')
      expect(beliefs.peek('a')).toBe('0')
      await there.execute("insert into facts values ('x')")
      expect(beliefs.peek('a')).toBeUndefined()
      expect(await beliefs.load('a')).toBe('1')
      // The connection for transactions is another one too.
      await here.tx(() => here.execute("insert into others values ('x')"))
      expect(beliefs.peek('a')).toBeUndefined()
      await here.close()
      await there.close()
    }))

  test('is read in the transaction that changes it, and its change is forgotten with it', async () => {
    const db = openDatabase({ url: 'sqlite::memory:' })
    await db.execute('create table facts (name text)')
    const beliefs = new Beliefs<string>({
      database: db,
      topic: 'fact',
      believedFor: 60_000,
      read: async () => String((await db.values('select count(*) from facts'))[0]![0]),
    })
    await beliefs.load('a')
    const change = (fails: boolean) =>
      db.tx(async () => {
        await db.execute("insert into facts values ('x')")
        await beliefs.over(['a'])
        expect([beliefs.peek('a'), await beliefs.load('a')]).toEqual([undefined, '1'])
        if (fails) throw new Error('taken back')
      })
    await expect(change(true)).rejects.toThrow('taken back')
    expect(beliefs.peek('a')).toBe('0')
    await change(false)
    expect(beliefs.peek('a')).toBeUndefined()
    expect(await beliefs.load('a')).toBe('1')
    await sleep(0)
    await db.close()
  })

  test('ends for all who believe in it in this process', async () => {
    const db = openDatabase({ url: 'sqlite::memory:' })
    const make = () => new Beliefs<string>({ database: db, topic: 'fact', believedFor: 60_000, read: async () => 'x' })
    const [one, other] = [make(), make()]
    await Promise.all([one.load('a'), other.load('a')])
    await one.over(['a'])
    expect([one.peek('a'), other.peek('a')]).toEqual([undefined, undefined])
    await db.close()
  })
})
