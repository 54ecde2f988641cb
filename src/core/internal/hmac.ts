import type { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'

/** HMAC-SHA256 (RFC 2104) of a text. */
export type Hmac = (text: string) => Buffer

interface Hasher {
  copy(): Hasher
  update(text: string): Hasher
  digest(): Buffer
}
type HasherOf = new (algorithm: 'sha256', key: Uint8Array) => Hasher

/**
 * Makes the HMAC of one key. On Bun the key is hashed once and the state of it copied for each text: half the time, and no
 * stream is made for it as `createHmac` does.
 */
export function hmacOf(key: Uint8Array): Hmac {
  const { CryptoHasher } = (globalThis as { Bun?: { CryptoHasher?: HasherOf } }).Bun ?? {}
  // An empty key would be no key there.
  if (CryptoHasher === undefined || key.length === 0)
    return (text) => createHmac('sha256', key).update(text).digest() as Buffer
  const keyed = new CryptoHasher('sha256', key)
  return (text) => keyed.copy().update(text).digest()
}
