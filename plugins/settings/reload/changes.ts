import { isDeepStrictEqual } from 'node:util'
import { Secret } from '#core/secret'
import type { Generation } from '../generation.ts'
import { shownOf } from '../history.ts'
import type { Leaf } from '../leaves.ts'
import type { Change } from './report.ts'

/** What differs between two readings. */
export interface Difference {
  readonly leaf: Leaf
  readonly change: Change
}

type Read = Pick<Generation, 'values' | 'history' | 'hidden'>

export function differences(leaves: Iterable<Leaf>, before: Read, now: Read): Difference[] {
  const found: Difference[] = []
  for (const leaf of leaves) {
    const { key } = leaf
    if (sameValue(before.values.get(key), now.values.get(key))) continue
    const from = now.history.get(key)?.at(-1)?.from ?? 'nowhere'
    found.push({ leaf, change: { key, before: shown(leaf, before), now: shown(leaf, now), from } })
  }
  return found
}

const sameValue = (a: unknown, b: unknown): boolean => isDeepStrictEqual(plain(a), plain(b))

/** Two secrets differ by what they hold. */
const plain = (value: unknown): unknown => (value instanceof Secret ? { secret: value.reveal() } : value)

function shown(leaf: Leaf, { values, hidden }: Read): string | undefined {
  if (!values.has(leaf.key)) return undefined
  return hidden.has(leaf.key) ? '***' : shownOf(leaf, values.get(leaf.key))
}
