import { Counter, Histogram, type Instrument, type Labels, type Point } from './instruments.ts'
import { prometheusName } from './prometheus.ts'

/** Says what an instrument measures. */
export interface InstrumentOptions {
  /** `s`, `By`, `{order}`. @default '' */
  readonly unit?: string
  /** One sentence. @default '' */
  readonly description?: string
}

/** Bounds of durations in seconds, as the semantic conventions advise. */
export const secondBounds: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

const form = /^[A-Za-z][\w./-]{0,254}$/

/**
 * The instruments of an app: Kwik's, and its own. From `kwik/metrics`.
 *
 * @example
 * export const meter = new Meter()
 * const placed = meter.counter('shop.orders.placed', { unit: '{order}' })
 * placed.add(1, { channel: 'web' })
 * kwik({ metrics: { meter } })
 */
export class Meter {
  /** Told once of each gauge that cannot be read. */
  unread: ((name: string, error: unknown) => void) | undefined
  readonly #instruments = new Map<string, Instrument>()
  /** Two names may be one to Prometheus. */
  readonly #written = new Map<string, string>()

  /** Counts what only grows. @throws {TypeError} for a name that is taken or is none */
  counter(name: string, options: InstrumentOptions = {}): Counter {
    return this.#add(new Counter(factsOf(name, options), true))
  }

  /** Counts what comes and goes. @throws {TypeError} for a name that is taken or is none */
  upDownCounter(name: string, options: InstrumentOptions = {}): Counter {
    return this.#add(new Counter(factsOf(name, options), false))
  }

  /** How values are spread. @throws {TypeError} for a name that is taken or is none */
  histogram(
    name: string,
    { bounds = secondBounds, ...options }: InstrumentOptions & { readonly bounds?: readonly number[] } = {},
  ): Histogram {
    return this.#add(new Histogram(factsOf(name, options), bounds))
  }

  /** Reads a value whenever metrics are collected; while it throws there is none. @throws {TypeError} for a name that is taken or is none */
  gauge(
    name: string,
    read: () => number | Iterable<readonly [value: number, labels: Labels]> | undefined,
    options: InstrumentOptions = {},
  ): void {
    let isTold = false
    this.#add({
      ...factsOf(name, options),
      kind: 'gauge',
      points: (): Iterable<Point> => {
        try {
          const value = read()
          if (value === undefined) return []
          if (typeof value === 'number') return [{ labels: {}, value }]
          return [...value].map(([one, labels]) => ({ labels, value: one }))
        } catch (error) {
          if (!isTold) this.unread?.(name, error)
          isTold = true
          return []
        }
      },
    })
  }

  /** All instruments, for who exports them. */
  instruments(): Iterable<Instrument> {
    return this.#instruments.values()
  }

  #add<T extends Instrument>(made: T): T {
    if (this.#instruments.has(made.name)) throw new TypeError(`metrics: there is a "${made.name}" already`)
    const written = prometheusName(made)
    const other = this.#written.get(written)
    if (other !== undefined)
      throw new TypeError(`metrics: "${made.name}" and "${other}" are both ${written} for Prometheus: rename one`)
    this.#written.set(written, made.name)
    this.#instruments.set(made.name, made)
    return made
  }
}

function factsOf(name: string, { unit = '', description = '' }: InstrumentOptions) {
  if (!form.test(name))
    throw new TypeError(`metrics: "${name}" is no name of a metric: letters, digits and . _ / -, a letter first`)
  return { name, unit, description }
}
