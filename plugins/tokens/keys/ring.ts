import { timingSafeEqual } from 'node:crypto'
import type { JWK } from 'jose'
import { type Hmac, hmacOf } from '#core/internal/hmac'
import { type PairKey, readPair } from './key-pair.ts'
import { expand, fingerprint, secretBytes } from './secrets.ts'

/** One secret of a key ring. */
export interface SecretKey {
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

/** One key of a ring: a secret (HS256), or a pair whose public key others may verify with. */
export type SigningKey = SecretKey | PairKey

/** A key at work. */
interface Key {
  readonly kid: string
  /** What every token of this key begins with: any other header is no token of ours. */
  readonly header: string
  readonly status: NonNullable<SecretKey['status']>
  /** What keys for other purposes are made of; a key that only verifies by a public key has none. */
  readonly secret: Uint8Array | undefined
  sign(payload: string): string | Promise<string>
  verify(token: string): boolean | Promise<boolean>
  readonly publicJwk?: () => Promise<JWK>
}

/** Keys at work: one signs, some verify. */
export interface KeyRing {
  /** Signs claims. */
  sign(claims: object): string | Promise<string>
  /**
   * Whether the token is one of ours, by its header and signature. No part of a header is ever read, so none can choose
   * an algorithm, a key or a place of keys (RFC 8725, 3.1 and 3.10).
   */
  verify(token: string): boolean | Promise<boolean>
  /** Keys for another purpose, or for one of the app's own, the active one first; those of retired keys are none. */
  derived(name: string): readonly Uint8Array<ArrayBuffer>[]
  /** The public keys, for whoever verifies tokens elsewhere (RFC 7517, 5); `undefined` where there are only secrets. */
  readonly jwks: (() => Promise<{ readonly keys: readonly JWK[] }>) | undefined
}

/**
 * Makes a ring of keys.
 * @throws {TypeError} for a weak secret, a key that cannot be read, a `kid` that is used twice, or a ring without exactly one active key
 */
export function keyRing(keys: readonly SigningKey[]): KeyRing {
  const all = keys.map((key) => ('secret' in key ? secretKey(key) : pairKey(key)))
  if (all.some(({ kid }) => !/^[\w-]{1,64}$/.test(kid))) throw new TypeError('a kid is 1 to 64 letters, digits, _ or -')
  const twice = all.find(({ kid }, at) => all.findIndex((one) => one.kid === kid) !== at)
  if (twice) throw new TypeError(`two keys have the kid "${twice.kid}"`)
  const active = all.filter(({ status }) => status === 'active')
  if (active.length !== 1)
    throw new TypeError(`${active.length} keys are active: exactly one signs, give the others status 'verify'`)
  const [signing] = active as [Key]
  if (signing.secret === undefined) throw new TypeError('the active key signs: it needs its privateKey')
  const good = [signing, ...all.filter(({ status }) => status === 'verify')]
  const byHeader = new Map(good.map((key) => [key.header, key]))
  const open = good.flatMap(({ publicJwk }) => publicJwk ?? [])
  const derived = new Map<string, readonly Uint8Array<ArrayBuffer>[]>()
  return {
    sign: (claims) => signing.sign(JSON.stringify(claims)),
    verify: (token) => byHeader.get(token.slice(0, token.indexOf('.')))?.verify(token) ?? false,
    derived(name) {
      let made = derived.get(name)
      if (made === undefined) {
        made = good.flatMap(({ secret }) => (secret ? [expand(secret, name)] : []))
        derived.set(name, made)
      }
      return made
    },
    jwks:
      open.length === 0
        ? undefined
        : once(async () => ({ keys: await Promise.all(open.map((publicJwk) => publicJwk())) })),
  }
}

const headerOf = (alg: string, kid: string): string => base64url(JSON.stringify({ alg, typ: 'at+jwt', kid }))
const base64url = (text: string): string => Buffer.from(text).toString('base64url')

function secretKey({ secret, kid: given, status = 'active' }: SecretKey): Key {
  const bytes = secretBytes(secret)
  const kid = given ?? fingerprint(bytes)
  const header = headerOf('HS256', kid)
  const hmac = once(() => hmacOf(expand(bytes, 'access')))
  return {
    kid,
    header,
    status,
    secret: bytes,
    sign(payload) {
      const input = `${header}.${base64url(payload)}`
      return `${input}.${hmac()(input).toString('base64url')}`
    },
    verify: (token) => isSigned(hmac(), token),
  }
}

/** HMAC with SHA-256 (RFC 7518, 3.2). The letters are compared, so that one signature has one spelling. */
function isSigned(hmac: Hmac, token: string): boolean {
  const at = token.lastIndexOf('.')
  const given = Buffer.from(token.slice(at + 1))
  const right = Buffer.from(hmac(token.slice(0, at)).toString('base64url'))
  return given.length === right.length && timingSafeEqual(given, right)
}

function pairKey(given: PairKey): Key {
  const { alg, status = 'active' } = given
  const pair = readPair(given)
  const kid = given.kid ?? pair.fingerprint
  return {
    kid,
    header: headerOf(alg, kid),
    status,
    secret: pair.secret,
    sign: (payload) => pair.sign({ typ: 'at+jwt', kid }, new TextEncoder().encode(payload)),
    verify: (token) => pair.verify(token),
    publicJwk: async () => ({ ...(await pair.publicJwk()), kid, alg, use: 'sig' }),
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
