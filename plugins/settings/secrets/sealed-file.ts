import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const nonceLength = 12
const tagLength = 16
const version = 'kwik-secrets-1'

/** A master key that cannot be one, or is not the one that a file was sealed with. */
export class MasterKeyError extends Error {
  override readonly name = 'MasterKeyError'
}

/** Makes a master key: 32 random bytes, as base64url. */
export const newMasterKey = (): string => randomBytes(32).toString('base64url')

/**
 * Seals a text with AES-256-GCM (NIST SP 800-38D). The profile is authenticated with it: a file of one profile is none of another.
 * @param key 32 bytes, as base64url
 */
export function seal(text: string, key: string, profile: string): string {
  const bytes = keyBytes(key)
  const nonce = randomBytes(nonceLength)
  const cipher = createCipheriv(algorithm, bytes, nonce, { authTagLength: tagLength }).setAAD(
    Buffer.from(`${version} ${profile}`),
  )
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  const rows = sealed.toString('base64').match(/.{1,76}/g) ?? []
  return `${version} ${profile} ${fingerprint(bytes)}\n${rows.join('\n')}\n`
}

/** @throws {MasterKeyError} for another key, another profile, or a file that was changed */
export function unseal(file: string, key: string, profile: string): string {
  const bytes = keyBytes(key)
  const [, form, of, print, body] = /^(\S+) (\S+) (\S+)\r?\n([\sA-Za-z0-9+/=]+)$/.exec(file) ?? []
  if (form !== version || body === undefined) throw new MasterKeyError(`it is no file of ${version}`)
  if (of !== profile) throw new MasterKeyError(`it was sealed for the profile ${of}`)
  if (print !== fingerprint(bytes)) throw new MasterKeyError('it was sealed with another master key')
  const sealed = Buffer.from(body.replaceAll(/\s/g, ''), 'base64')
  const end = sealed.length - tagLength
  if (end < nonceLength) throw new MasterKeyError('it was cut short')
  const decipher = createDecipheriv(algorithm, bytes, sealed.subarray(0, nonceLength), { authTagLength: tagLength })
    .setAAD(Buffer.from(`${version} ${profile}`))
    .setAuthTag(sealed.subarray(end))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(nonceLength, end)), decipher.final()]).toString('utf8')
  } catch {
    throw new MasterKeyError('it was changed after it was sealed')
  }
}

function keyBytes(key: string): Buffer {
  const bytes = Buffer.from(key.trim(), 'base64url')
  if (bytes.length !== 32)
    throw new MasterKeyError('KWIK_MASTER_KEY is not 32 bytes as base64: make one with openssl rand -base64 32')
  return bytes
}

/** Tells keys apart, and nothing about them. */
const fingerprint = (bytes: Buffer): string =>
  createHash('sha256').update('kwik-master-key').update(bytes).digest('hex').slice(0, 12)
