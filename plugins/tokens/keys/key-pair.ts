import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { CompactSign, compactVerify, exportJWK, type JWK } from 'jose'

/** How tokens are signed that others verify: Ed25519 (RFC 8037), or ECDSA with P-256. */
export type PairAlgorithm = 'EdDSA' | 'ES256'

/** A key pair of a ring, as PEM text or as JSON Web Key. Where it only verifies, the public key is enough. */
export interface PairKey {
  /** Names the key in a token's header and in the JWKS. @default a fingerprint of the public key */
  readonly kid?: string
  readonly alg: PairAlgorithm
  /** Never in the code: from the environment or a vault. PKCS#8 PEM, or a JWK. */
  readonly privateKey?: string | JWK
  /** SPKI PEM, or a JWK. @default the one of the private key */
  readonly publicKey?: string | JWK
  /** @default 'active' */
  readonly status?: 'active' | 'verify' | 'retired'
}

const kinds = {
  EdDSA: { type: 'ed25519', made: 'genpkey -algorithm ed25519' },
  ES256: { type: 'ec', curve: 'prime256v1', made: 'genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256' },
} as const

/** A key pair that was read, and is of the kind that its `alg` says. */
export interface Pair {
  readonly fingerprint: string
  /** Random bytes that only whoever has the private key knows. */
  readonly secret: Uint8Array | undefined
  sign(header: object, payload: Uint8Array): Promise<string>
  /** Whether the signature is right. The header is not looked at: the ring knows it by its letters. */
  verify(token: string): Promise<boolean>
  publicJwk(): Promise<JWK>
}

/** @throws {TypeError} for a key that cannot be read or is of another kind; nothing of it is shown */
export function readPair({ kid, alg, privateKey, publicKey }: PairKey): Pair {
  const about = { alg, kid }
  const secret = privateKey === undefined ? undefined : read(about, () => privateOf(privateKey))
  const open =
    publicKey !== undefined
      ? read(about, () => publicOf(publicKey))
      : secret && read(about, () => createPublicKey(secret as never))
  if (open === undefined) throw new TypeError(`a key of ${alg} needs privateKey, or publicKey where it only verifies`)
  const spki = open.export({ type: 'spki', format: 'der' })
  if (
    secret &&
    !createPublicKey(secret as never)
      .export({ type: 'spki', format: 'der' })
      .equals(spki)
  )
    throw new TypeError(`publicKey and privateKey of a key of ${alg} are not a pair`)
  return {
    fingerprint: createHash('sha256').update(spki).digest('base64url').slice(0, 12),
    secret: secret && Buffer.from(secret.export({ format: 'jwk' }).d ?? '', 'base64url'),
    sign(header, payload) {
      if (!secret) throw new TypeError('this key only verifies')
      return new CompactSign(payload).setProtectedHeader({ alg, ...header }).sign(secret)
    },
    verify: (token) =>
      compactVerify(token, open, { algorithms: [alg] }).then(
        () => true,
        () => false,
      ),
    publicJwk: () => exportJWK(open),
  }
}

const privateOf = (key: string | JWK): KeyObject =>
  typeof key === 'string' ? createPrivateKey(key) : createPrivateKey({ key: key as never, format: 'jwk' })
const publicOf = (key: string | JWK): KeyObject =>
  typeof key === 'string' ? createPublicKey(key) : createPublicKey({ key: key as never, format: 'jwk' })

const named = (kid: string | undefined): string => (kid === undefined ? 'a key' : `the key ${JSON.stringify(kid)}`)

function read({ alg, kid }: Pick<PairKey, 'alg' | 'kid'>, make: () => KeyObject): KeyObject {
  let key: KeyObject | undefined
  try {
    key = make()
  } catch {
    // What the library says may have parts of the key in it.
  }
  const kind = kinds[alg]
  if (kind === undefined) throw new TypeError("alg of a key pair is 'EdDSA' or 'ES256'")
  const curve = key?.asymmetricKeyDetails?.namedCurve
  if (key?.asymmetricKeyType !== kind.type || ('curve' in kind && curve !== undefined && curve !== kind.curve))
    throw new TypeError(
      `${named(kid)} cannot be read as one of ${alg}: give PEM, with its line breaks, or a JWK; openssl ${kind.made} makes one`,
    )
  return key
}
