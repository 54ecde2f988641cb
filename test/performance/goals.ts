/** What is promised: a ratio of two servers in the same interleaved rounds. */
export interface Goal {
  readonly name: string
  readonly server: string
  readonly against: string
  readonly bar: number
}

export const goals: readonly Goal[] = [
  { name: 'W1', server: 'kwik', against: 'elysia', bar: 0.9 },
  { name: 'W2', server: 'kwik', against: 'elysia', bar: 0.9 },
  { name: 'W3', server: 'kwik', against: 'elysia', bar: 0.9 },
  { name: 'W4', server: 'w4-kwik', against: 'w4-reference', bar: 0.95 },
]

/** A round in which the reference falls under this part of raw W1 says nothing: its own database was the bottleneck. */
export const referenceFloor = 0.085

export function goalLine({ name, bar }: Goal, measured: number): string {
  return `goal ${name} ${measured.toFixed(3)} >= ${bar.toFixed(2)} ${measured >= bar ? 'ok' : 'short'}`
}
