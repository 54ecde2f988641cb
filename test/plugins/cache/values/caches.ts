import type { Database } from '#core/ports/database'
import { test } from '#test'
import { Engines, memoryEngine } from '../../../../plugins/cache/engine/index.ts'
import { Cache } from '../../../../plugins/cache/values/index.ts'
import { withRedis } from '../../../services.ts'
import { withMembers } from '../engine/benches.ts'

export interface Bench {
  readonly cache: Cache
  /** Of another process, where there can be one; else the same. */
  readonly other: Cache
  readonly clock: { at: number; now(): number }
}

const travelling = () => {
  const clock = { at: 1_000_000, now: () => clock.at }
  return clock
}

export async function inMemory(run: (bench: Bench) => Promise<void>, database?: Database): Promise<void> {
  const clock = travelling()
  const make = () => memoryEngine({ clock })
  const engines = new Engines(make(), database, make)
  const cache = new Cache({ engines })
  try {
    await run({ cache, other: cache, clock })
  } finally {
    await engines.close()
  }
}

export function inRedis(run: (bench: Bench) => Promise<void>, database?: Database): Promise<void> {
  const clock = travelling()
  return withMembers(2, { clock }, async (...members) => {
    const all = members.map(({ engine }) => new Engines(engine, database, () => memoryEngine({ clock })))
    const [cache, other] = all.map((engines) => new Cache({ engines }))
    await run({ cache: cache!, other: other!, clock })
    for (const engines of all) await engines.close()
  })
}

/** One test where values are in memory, and where two processes have them in Redis. */
export function inEach(name: string, run: (bench: Bench) => Promise<void>): void {
  test(`${name} (in memory)`, () => inMemory(run))
  withRedis.test(`${name} (in Redis)`, () => inRedis(run))
}

/** A load that counts, waits at its gate, and gives what it is told to. */
export function source<T>(...given: T[]) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const self = {
    loads: 0,
    gate: undefined as Promise<void> | undefined,
    open: resolve,
    close: () => {
      self.gate = promise
    },
    fail: undefined as Error | undefined,
    load: async (): Promise<T> => {
      const value = given[Math.min(self.loads++, given.length - 1)]!
      const { fail } = self
      await self.gate
      if (fail) throw fail
      return value
    },
  }
  return self
}
