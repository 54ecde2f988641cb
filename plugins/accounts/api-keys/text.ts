import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a key says: which one it is, and the secret that proves it. */
export interface KeyText {
  readonly id: string
  readonly secret: string
}

const prefix = 'kwik_'
/** `kwik_`, the id in hex, the secret of 256 bits and six characters of check in base64url. */
const form = /^kwik_([\da-f]{32})_([\w-]{43})([\w-]{6})$/
/** Characters of a header that are looked at; a key has 87. */
export const longestKey = 128

/** Made anew, with a secret of 256 bits. */
export function makeKey(id: string): { readonly key: string; readonly hash: string; readonly lastFour: string } {
  const secret = randomBytes(32).toString('base64url')
  const body = `${prefix}${id.replaceAll('-', '')}_${secret}`
  const key = `${body}${checkOf(body)}`
  return { key, hash: digestOf(secret).toString('hex'), lastFour: key.slice(-4) }
}

/** `undefined` for what cannot be a key: a mistyped one, too, which its check tells without asking anybody. */
export function readKey(text: string): KeyText | undefined {
  const [, hex, secret, check] = form.exec(text) ?? []
  if (hex === undefined || secret === undefined || checkOf(text.slice(0, -6)) !== check) return undefined
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  return { id, secret }
}

/** Tells a scanner of leaked secrets that a text is one of ours. It is made of the whole and says nothing of the secret. */
const checkOf = (body: string): string => createHash('sha256').update(body).digest('base64url').slice(0, 6)

const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** What an unknown key is compared with: no secret has this digest. */
const nobodys = '0'.repeat(64)

/** Whether the secret belongs to the hash. Without a hash the work is the same, and the answer no. */
export function isSecretOf(secret: string, hash: string | undefined): boolean {
  const known = Buffer.from(hash ?? nobodys, 'hex')
  const same = known.length === 32 && timingSafeEqual(digestOf(secret), known)
  return same && hash !== undefined
}
