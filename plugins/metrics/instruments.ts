/** Words that tell the series of an instrument apart: few values each, never an id. */
export type Labels = Readonly<Record<string, string | number | boolean>>

/** What an instrument counts in: `s`, `By`, `{request}` (UCUM). */
interface Facts {
  readonly name: string
  readonly unit: string
  readonly description: string
}

/** One series of values. */
export interface Point {
  readonly labels: Labels
  value: number
}

/** One series of a histogram. */
export interface Distribution {
  readonly labels: Labels
  readonly counts: number[]
  sum: number
  count: number
}

export type Instrument =
  | (Facts & { readonly kind: 'sum'; readonly monotonic: boolean; points(): Iterable<Point> })
  | (Facts & { readonly kind: 'gauge'; points(): Iterable<Point> })
  | (Facts & { readonly kind: 'histogram'; readonly bounds: readonly number[]; points(): Iterable<Distribution> })

/** Series of one instrument at most: what comes after them is one series together, so that nothing grows without end. */
const most = 2000
const overflow: Labels = { 'otel.metric.overflow': true }

/** Finds the series of labels. The order in which labels are written is part of the key: each instrument has one. */
class Series<T> {
  readonly all = new Map<string, T>()
  readonly #make: (labels: Labels) => T

  constructor(make: (labels: Labels) => T) {
    this.#make = make
  }

  of(labels: Labels): T {
    let key = ''
    for (const name in labels) key += `${name}\u0001${labels[name]}\u0000`
    let one = this.all.get(key)
    if (one === undefined) {
      const full = this.all.size >= most
      if (full) key = '\u0000'
      one = (full ? this.all.get(key) : undefined) ?? this.#make(full ? overflow : labels)
      this.all.set(key, one)
    }
    return one
  }
}

/** Counts what only grows, or goes up and down. */
export class Counter {
  readonly kind = 'sum'
  readonly name: string
  readonly unit: string
  readonly description: string
  readonly monotonic: boolean
  readonly #series = new Series<Point>((labels) => ({ labels, value: 0 }))

  constructor({ name, unit, description }: Facts, monotonic: boolean) {
    this.name = name
    this.unit = unit
    this.description = description
    this.monotonic = monotonic
  }

  /** What is no number, or less than nothing where a count only grows, would spoil the series for ever: it is left out. */
  add(value: number, labels: Labels = {}): void {
    if (!Number.isFinite(value) || (this.monotonic && value < 0)) return
    this.#series.of(labels).value += value
  }

  /** The series of labels, to be kept by who counts in it often. */
  seriesOf(labels: Labels): Point {
    return this.#series.of(labels)
  }

  points(): Iterable<Point> {
    return this.#series.all.values()
  }
}

/** How values are spread: durations in seconds. */
export class Histogram {
  readonly kind = 'histogram'
  readonly name: string
  readonly unit: string
  readonly description: string
  readonly bounds: readonly number[]
  readonly #series: Series<Distribution>

  constructor({ name, unit, description }: Facts, bounds: readonly number[]) {
    this.name = name
    this.unit = unit
    this.description = description
    this.bounds = bounds
    this.#series = new Series((labels) => ({ labels, counts: new Array(bounds.length + 1).fill(0), sum: 0, count: 0 }))
  }

  /** What is no number would spoil the series for ever: it is left out. */
  record(value: number, labels: Labels = {}): void {
    if (!Number.isFinite(value)) return
    this.recordIn(this.seriesOf(labels), value)
  }

  /** The series of labels, to be kept by who records into it often: to find it costs more than to count. */
  seriesOf(labels: Labels): Distribution {
    return this.#series.of(labels)
  }

  recordIn(one: Distribution, value: number): void {
    one.sum += value
    one.count++
    let at = 0
    while (at < this.bounds.length && value > this.bounds[at]!) at++
    one.counts[at]!++
  }

  points(): Iterable<Distribution> {
    return this.#series.all.values()
  }
}
