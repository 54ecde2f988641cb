import { Buffer } from 'node:buffer'
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { type Hmac, hmacOf } from '#core/internal/hmac'

const macBytes = 16
const nonceBytes = 12
const tagBytes = 16
/** Sealed texts are filled up to multiples of this: their length would tell the length of what is hidden. */
const block = 64
const cipher = 'aes-256-gcm'

/**
 * One secret of a ring. Cursors have one of two forms, both base64url:
 *
 * - signed, `k1.<JSON>.<HMAC-SHA256 of all before it, 16 bytes>`; the JSON says the key as `i`
 * - sealed, `k2.<key>.<nonce, AES-256-GCM of the JSON, tag>`
 *
 * The nonce is made of the text and a key (synthetic, as in RFC 8452): two texts do not share one however many there are,
 * and the same page has the same cursor, which ETags and caches need.
 */
export class CursorKey {
  /** What a cursor calls its key: made of the secret, and nothing of it can be found from it. */
  readonly id: string
  private readonly mac: Hmac
  private readonly sealing: KeyObject
  private readonly nonces: KeyObject

  constructor(secret: string) {
    const derived = (use: string, bytes: number): Buffer =>
      Buffer.from(hkdfSync('sha256', secret, '', `kwik cursor ${use}`, bytes))
    this.id = derived('id', 6).toString('base64url')
    this.mac = hmacOf(Buffer.from(secret))
    this.sealing = createSecretKey(derived('seal', 32))
    this.nonces = createSecretKey(derived('nonce', 32))
  }

  /** @param json which says the key as `i` */
  sign(json: string): string {
    const payload = Buffer.from(json).toString('base64url')
    return `k1.${payload}.${this.macOf(payload)}`
  }

  signed(payload: string, signature: string): boolean {
    return isSame(signature, this.macOf(payload))
  }

  seal(json: string): string {
    const text = Buffer.from(json)
    const filled = Buffer.alloc(Math.ceil(text.length / block) * block, ' ')
    text.copy(filled)
    const nonce = createHmac('sha256', this.nonces).update(filled).digest().subarray(0, nonceBytes)
    const sealing = createCipheriv(cipher, this.sealing, nonce, { authTagLength: tagBytes })
    sealing.setAAD(this.bound)
    const sealed = Buffer.concat([nonce, sealing.update(filled), sealing.final(), sealing.getAuthTag()])
    return `k2.${this.id}.${sealed.toString('base64url')}`
  }

  unseal(sealed: string): string | undefined {
    const bytes = bytesOf(sealed)
    if (bytes === undefined || bytes.length < nonceBytes + tagBytes) return undefined
    const opening = createDecipheriv(cipher, this.sealing, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    opening.setAAD(this.bound)
    opening.setAuthTag(bytes.subarray(-tagBytes))
    try {
      return Buffer.concat([opening.update(bytes.subarray(nonceBytes, -tagBytes)), opening.final()]).toString()
    } catch {
      return undefined
    }
  }

  private get bound(): Buffer {
    return Buffer.from(`k2.${this.id}`)
  }

  private macOf(payload: string): string {
    return this.mac(`k1.${payload}`).toString('base64url', 0, macBytes)
  }
}

/** Looks at every letter: how long it takes tells nothing of where the first difference is. */
function isSame(given: string, expected: string): boolean {
  let different = given.length ^ expected.length
  for (let at = 0; at < expected.length; at++) different |= given.charCodeAt(at) ^ expected.charCodeAt(at)
  return different === 0
}

/** Base64url has several spellings of the same bytes: only the one that is written is taken. */
function bytesOf(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}
