import { createHash, hkdfSync } from 'node:crypto'

/** What a key made from a secret is used for: a key of one purpose is worth nothing for another. */
export type Purpose = 'access' | 'refresh' | 'reset' | 'verify' | 'csrf' | 'cursor'

const leastBytes = 32
/** Random bytes, base64 and hex of this length have more; a sentence or a repeated letter has fewer. */
const leastDistinct = 8

/**
 * A key for one purpose from a secret (HKDF with SHA-256, RFC 5869). From `kwik/tokens`.
 *
 * @returns 32 bytes
 * @throws {TypeError} when the secret is shorter than 32 bytes or plainly not random
 * @example
 * const cursorKey = deriveKey(process.env.KWIK_SECRET ?? '', 'cursor')
 */
export function deriveKey(secret: string | Uint8Array, purpose: Purpose): Uint8Array<ArrayBuffer> {
  return expand(secretBytes(secret), purpose)
}

/** The same for names that an app makes itself: `own/invitation`. They never meet a purpose of ours. */
export const expand = (secret: Uint8Array, name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(hkdfSync('sha256', secret, '', `kwik/${name}`, 32))

/** @throws {TypeError} when it is shorter than 32 bytes or plainly not random */
export function secretBytes(secret: string | Uint8Array): Uint8Array {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  const why =
    bytes.byteLength < leastBytes
      ? `this one has ${bytes.byteLength}`
      : new Set(bytes).size < leastDistinct
        ? 'this one repeats a few characters'
        : undefined
  if (why !== undefined)
    throw new TypeError(
      `the secret must be ${leastBytes} random bytes at least (${why}): make one with \`openssl rand -base64 32\``,
    )
  return bytes
}

/** The same secret has the same name everywhere, and the name says nothing of the secret. */
export const fingerprint = (secret: Uint8Array): string =>
  createHash('sha256').update(expand(secret, 'kid')).digest('base64url').slice(0, 12)
