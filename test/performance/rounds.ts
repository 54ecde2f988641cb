import { load } from './load.ts'
import { cpuSeconds, machineSeconds, type Server } from './process.ts'
import type { Scenario } from './scenarios.ts'

/** One spell of load on one server. */
export interface Spell {
  /** Answers in a second. */
  readonly rate: number
  /** Microseconds of the server's processor time for one answer; 0 where the system does not tell. */
  readonly cpu: number
  /** What a processor that does nothing else would answer in a second: by `cpu` where it is known, else `rate`. */
  readonly capacity: number
  readonly errors: number
  /** Whether somebody else's processes used more than a tenth of a processor meanwhile. */
  readonly contended: boolean
}

const repeats = 2

/** Loads a server, again when others were busy; the last try counts whatever it was. */
export async function spell(scenario: Scenario, server: Server, seconds: number): Promise<Spell> {
  let last = await once(scenario, server, seconds)
  for (let i = 0; i < repeats && last.contended; i++) last = await once(scenario, server, seconds)
  return last
}

async function once(scenario: Scenario, server: Server, seconds: number): Promise<Spell> {
  const machine = machineSeconds()
  const before = cpuSeconds(server.pid)
  const seen = await load(scenario, server.port, seconds)
  const after = cpuSeconds(server.pid)
  const all = machineSeconds()
  const used = before === undefined || after === undefined ? 0 : after - before
  const others = machine === undefined || all === undefined ? 0 : all - machine - used - seen.cpu
  const rate = seen.requests / seen.seconds
  const cpu = (used / seen.requests) * 1e6
  return {
    rate,
    cpu,
    capacity: cpu === 0 ? rate : 1e6 / cpu,
    errors: seen.errors,
    contended: others / seen.seconds > 0.1,
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Of several spells: medians, with the least and the most. */
export interface Summary {
  readonly server: string
  readonly rate: number
  readonly cpu: number
  readonly capacity: number
  readonly least: number
  readonly most: number
  readonly errors: number
  readonly contended: number
}

export function summary(server: string, spells: readonly Spell[]): Summary {
  const capacities = spells.map(({ capacity }) => capacity)
  return {
    server,
    rate: median(spells.map(({ rate }) => rate)),
    cpu: median(spells.map(({ cpu }) => cpu)),
    capacity: median(capacities),
    least: Math.min(...capacities),
    most: Math.max(...capacities),
    errors: spells.reduce((sum, { errors }) => sum + errors, 0),
    contended: spells.filter(({ contended }) => contended).length,
  }
}
