import { Buffer } from 'node:buffer'
import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'

/** Where in which list a page begins: what a cursor says under its signature. */
export interface Position {
  /** Fingerprint of the shape. */
  readonly h: string
  /** The order. */
  readonly s: string
  /** Hash of the filters, empty without any. */
  readonly f: string
  /** Keys of the row in the order's terms, as the database's text; `null` is NULL. */
  readonly k: readonly (string | null)[]
  /** The row's primary key alone, in place of keys that would be too long for a cursor. */
  readonly p?: readonly string[]
}

/** Why a text is no cursor. An expired one is of a version that is not written any more. */
export type Broken = 'invalid-cursor' | 'cursor-expired'

const longest = 2048
const macBytes = 16

/**
 * Signs and checks cursors: `k1.<base64url of JSON>.<base64url of HMAC-SHA256, 16 bytes>`. The first key signs; the
 * others still open what they signed, so that keys can be rotated. A cursor grants nothing: it only says where to go on.
 */
export class KeyRing {
  private readonly keys: readonly KeyObject[]

  constructor(secrets: readonly string[]) {
    this.keys = secrets.map((secret) => createSecretKey(Buffer.from(secret)))
  }

  /** `undefined` when it would be longer than `open` takes. */
  sign({ h, s, f, k, p }: Position): string | undefined {
    const text = `k1.${Buffer.from(JSON.stringify({ h, s, f, k, p })).toString('base64url')}`
    const cursor = `${text}.${mac(this.keys[0]!, text).toString('base64url')}`
    return cursor.length <= longest ? cursor : undefined
  }

  /** Checks the signature before it looks at anything that was signed. */
  open(cursor: string): Position | Broken {
    if (cursor.length > longest) return 'invalid-cursor'
    const [version, payload, signature, ...more] = cursor.split('.')
    if (payload === undefined || signature === undefined || more.length > 0) return 'invalid-cursor'
    if (version !== 'k1') return /^k\d{1,3}$/.test(version!) ? 'cursor-expired' : 'invalid-cursor'
    const given = Buffer.from(signature, 'base64url')
    // Base64url has several spellings of the same bytes: only the one that was written is taken.
    if (given.length !== macBytes || given.toString('base64url') !== signature) return 'invalid-cursor'
    const text = `k1.${payload}`
    let signed = false
    for (const key of this.keys) signed = timingSafeEqual(mac(key, text), given) || signed
    return signed ? positionIn(Buffer.from(payload, 'base64url').toString()) : 'invalid-cursor'
  }
}

/** Who knows a key may sign anything with it. */
function positionIn(text: string): Position | Broken {
  try {
    const said: unknown = JSON.parse(text)
    return isPosition(said) ? said : 'invalid-cursor'
  } catch {
    return 'invalid-cursor'
  }
}

function isPosition(said: unknown): said is Position {
  if (typeof said !== 'object' || said === null) return false
  const { h, s, f, k, p } = said as Readonly<Record<string, unknown>>
  const isText = (one: unknown): boolean => typeof one === 'string'
  if (![h, s, f].every(isText) || !Array.isArray(k) || !k.every((one) => one === null || isText(one))) return false
  return p === undefined || (Array.isArray(p) && p.every(isText))
}

const mac = (key: KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest().subarray(0, macBytes)

/** Short hash of a text that is not secret. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16)
