import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a refresh token says of itself, before anybody knows whether it is one of ours. */
export interface RefreshToken {
  /** Id of the session. */
  readonly family: string
  readonly generation: number
  readonly mac: string
}

/** A row's own part: with another salt the same family and generation are another token. */
interface Family {
  readonly id: string
  readonly salt: string
}

const form = /^krt_([\w-]{22})\.([1-9]\d{0,8})\.([\w-]{43})$/

/** Reads the form alone. */
export function readRefreshToken(text: string): RefreshToken | undefined {
  const [, family, generation, mac] = (text.length <= 100 && form.exec(text)) || []
  if (family === undefined || generation === undefined || mac === undefined) return undefined
  return { family: uuidOf(Buffer.from(family, 'base64url')), generation: Number(generation), mac }
}

/**
 * The refresh token of a generation. It is computed, and stored nowhere: a copy of the database makes none without the
 * pepper, and whoever lost an answer gets the same token again.
 */
export function refreshToken(pepper: Uint8Array, family: Family, generation: number): string {
  const id = Buffer.from(family.id.replaceAll('-', ''), 'hex').toString('base64url')
  return `krt_${id}.${generation}.${macOf(pepper, family, generation)}`
}

/** Whether the token was made with one of the peppers. */
export function isOurs(peppers: readonly Uint8Array[], { mac, generation }: RefreshToken, family: Family): boolean {
  const given = Buffer.from(mac)
  return peppers.some((pepper) => timingSafeEqual(given, Buffer.from(macOf(pepper, family, generation))))
}

const macOf = (pepper: Uint8Array, { id, salt }: Family, generation: number): string =>
  createHmac('sha256', pepper).update(`${id}|${generation}|${salt}`).digest('base64url')

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
