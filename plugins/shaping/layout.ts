import type { Values } from '#core/ports/database'
import type { Storage } from './storage.ts'

/** How the values of a row become what leaves, and where its keys are. */
export interface Layout {
  readonly columns: readonly string[]
  readonly names: readonly string[]
  readonly toWire: readonly Storage['toWire'][]
  /** Position of each term's key among the values of a row. */
  readonly keyAt: readonly number[]
}

/** A row as it leaves. */
export function rowOf({ names, toWire }: Layout, values: Values): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  for (let i = 0; i < names.length; i++) {
    const map = toWire[i]
    row[names[i]!] = map === undefined ? values[i] : map(values[i])
  }
  return row
}
