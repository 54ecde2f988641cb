import { createHash, hkdfSync } from 'node:crypto'

/** What a key made from a secret is used for: a key of one purpose is worth nothing for another. */
export type Purpose = 'access' | 'cursor'

/** One secret of a key ring. */
export interface SigningKey {
  /** Names the key in a token's header. @default a fingerprint of the secret */
  readonly kid?: string
  /** 32 bytes at least. Never in the code: from the environment or a vault. */
  readonly secret: string | Uint8Array
  /**
   * `active` signs and verifies (exactly one of the ring), `verify` only verifies, `retired` does neither.
   * @default 'active'
   */
  readonly status?: 'active' | 'verify' | 'retired'
}

/** Keys at work: one signs, some verify. */
export interface KeyRing {
  readonly active: { readonly kid: string; readonly key: Promise<CryptoKey> }
  /** The key to verify with, or `undefined`: no other place is searched for it. */
  verifying(kid: string): Promise<CryptoKey> | undefined
}

const leastBytes = 32
/** Random bytes, base64 and hex of this length have more; a sentence or a repeated letter has fewer. */
const leastDistinct = 8

/**
 * Makes a ring of a secret, or of several.
 * @throws {TypeError} for a weak secret, a `kid` that is used twice, or a ring without exactly one active key
 */
export function keyRing(keys: readonly SigningKey[]): KeyRing {
  const all = keys.map(({ secret, kid, status = 'active' }) => {
    const bytes = secretBytes(secret)
    return { kid: kid ?? fingerprint(bytes), status, key: once(() => hmacKey(deriveKey(bytes, 'access'))) }
  })
  const wrong = all.find(({ kid }) => !/^[\w-]{1,64}$/.test(kid))
  if (wrong) throw new TypeError('a kid is 1 to 64 letters, digits, _ or -')
  const twice = all.find(({ kid }, at) => all.findIndex((one) => one.kid === kid) !== at)
  if (twice) throw new TypeError(`two keys have the kid "${twice.kid}"`)
  const active = all.filter(({ status }) => status === 'active')
  if (active.length !== 1)
    throw new TypeError(`${active.length} keys are active: exactly one signs, give the others status 'verify'`)
  const verifying = new Map(all.filter(({ status }) => status !== 'retired').map(({ kid, key }) => [kid, key]))
  const [{ kid, key }] = active as [(typeof active)[number]]
  return {
    active: {
      kid,
      get key() {
        return key()
      },
    },
    verifying: (wanted) => verifying.get(wanted)?.(),
  }
}

/**
 * A key for one purpose from a secret (HKDF with SHA-256, RFC 5869). From `kwik/tokens`.
 *
 * @returns 32 bytes
 * @throws {TypeError} when the secret is shorter than 32 bytes or plainly not random
 * @example
 * const cursorKey = deriveKey(process.env.KWIK_SECRET ?? '', 'cursor')
 */
export function deriveKey(secret: string | Uint8Array, purpose: Purpose): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hkdfSync('sha256', secretBytes(secret), '', `kwik/${purpose}`, 32))
}

function secretBytes(secret: string | Uint8Array): Uint8Array {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  if (bytes.byteLength < leastBytes || new Set(bytes).size < leastDistinct)
    throw new TypeError(
      `the secret must be ${leastBytes} random bytes at least (this one has ${bytes.byteLength}): make one with \`openssl rand -base64 32\``,
    )
  return bytes
}

/** The same secret has the same name everywhere, and the name says nothing of the secret. */
const fingerprint = (secret: Uint8Array): string =>
  createHash('sha256')
    .update(new Uint8Array(hkdfSync('sha256', secret, '', 'kwik/kid', 32)))
    .digest('base64url')
    .slice(0, 12)

const hmacKey = (bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
