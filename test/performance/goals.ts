/** What is promised: a ratio of two servers in the same interleaved rounds. */
export interface Goal {
  readonly name: string
  /** Where it is measured, where that has another name. */
  readonly scenario?: string
  readonly server: string
  readonly against: string
  readonly bar: number
}

export const goals: readonly Goal[] = [
  { name: 'W1', server: 'kwik', against: 'elysia', bar: 0.9 },
  { name: 'W2', server: 'kwik', against: 'elysia', bar: 0.9 },
  { name: 'W3', server: 'kwik', against: 'elysia', bar: 0.9 },
  { name: 'W4', server: 'w4-kwik', against: 'w4-reference', bar: 0.95 },
  { name: 'W5', server: 'w5-memory', against: 'w5-raw', bar: 0.6 },
  { name: 'W5-redis', scenario: 'W5', server: 'w5-redis', against: 'w5-raw', bar: 0.55 },
  // At most 1.05, 1.1 and 1.9 times the processor time; `observe-all`, where each line leaves twice, is for comparison.
  { name: 'observe-off', scenario: 'observe', server: 'observe-off', against: 'observe-bare', bar: 0.952 },
  { name: 'observe-unsampled', scenario: 'observe', server: 'observe-unsampled', against: 'observe-bare', bar: 0.909 },
  { name: 'observe-spans', scenario: 'observe', server: 'observe-spans', against: 'observe-bare', bar: 0.526 },
]

/** What a part of the work may cost: microseconds of processor for one answer, more than without it. */
export const costs: readonly {
  readonly name: string
  readonly scenario: string
  readonly server: string
  readonly against: string
  readonly most: number
}[] = [{ name: 'log-line', scenario: 'observe', server: 'observe-log', against: 'observe-bare', most: 6 }]

/** A round in which the reference, the first server, falls under this part of its best says nothing: others had the machine. */
export const referenceFloor = 0.8

export const costLine = (name: string, measured: number, most: number): string =>
  `goal ${name} ${measured.toFixed(1)} us <= ${most} ${measured <= most ? 'ok' : 'short'}`

export function goalLine({ name, bar }: Goal, measured: number): string {
  return `goal ${name} ${measured.toFixed(3)} >= ${bar.toFixed(2)} ${measured >= bar ? 'ok' : 'short'}`
}
