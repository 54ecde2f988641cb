import { randomBytes } from 'node:crypto'

/** What the shaping plugin needs. */
export interface ShapingOptions {
  /**
   * Secrets that cursors are signed with, 32 characters each or more: the first signs, the others still open what they
   * signed. Without keys they are random for each process, and cursors end when it does.
   */
  readonly keys?: readonly string[]
}

const shortest = 32

/** @throws {TypeError} when a key is shorter than 32 characters */
export function resolveKeys({ keys }: ShapingOptions): readonly string[] {
  if (keys === undefined) return [randomBytes(32).toString('base64url')]
  if (keys.length === 0) throw new TypeError('keys: give at least one, or leave `keys` out')
  const short = keys.findIndex((key) => key.length < shortest)
  if (short !== -1) throw new TypeError(`keys[${short}] is shorter than ${shortest} characters`)
  return keys
}
