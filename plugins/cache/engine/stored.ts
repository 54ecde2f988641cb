import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Lifetime } from './types.ts'

/** Payloads that are longer are compressed: the time of one is that of a few kilobytes over the network. */
const compressedFrom = 2048

const pack = promisify<Buffer | string, { level: number }, Buffer>(gzip)
const unpack = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)

/** What stands before the payload of an entry in Redis, and the payload as it stands there. */
export interface StoredEntry {
  readonly at: number
  readonly life: Lifetime
  readonly stamp: string
  readonly packed: boolean
  readonly body: string
}

/** Everything after the id and the time of an entry, which Redis writes itself. */
export async function restOf(payload: string, { fresh, swr, staleIfError }: Lifetime, stamp: string): Promise<string> {
  const packed = payload.length > compressedFrom
  // Redis answers texts.
  const body = packed ? (await pack(payload, { level: 3 })).toString('base64') : payload
  return `${fresh} ${swr} ${staleIfError} ${packed ? 'z' : 'p'} ${stamp}\n${body}`
}

/** `undefined` for an entry of another version, one that was deleted, and anything else. */
export function storedEntryOf(text: string): StoredEntry | undefined {
  const end = text.indexOf('\n')
  const [version, , time, ...rest] = text.slice(0, Math.max(end, 0)).split(' ')
  const [fresh, swr, staleIfError, form, stamp, ...more] = rest
  const life = { fresh: Number(fresh), swr: Number(swr), staleIfError: Number(staleIfError) }
  const isWhole = [Number(time), ...Object.values(life)].every((number) => number >= 0 && number < Number.MAX_VALUE)
  if (version !== '1' || !isWhole || stamp === undefined || more.length > 0) return undefined
  if (form !== 'z' && form !== 'p') return undefined
  return { at: Number(time), life, stamp, packed: form === 'z', body: text.slice(end + 1) }
}

/** `undefined` where it cannot be read, or is larger than anything that is stored. */
export async function payloadOf({ packed, body }: StoredEntry, maxEntryBytes: number): Promise<string | undefined> {
  if (!packed) return body
  try {
    return (await unpack(Buffer.from(body, 'base64'), { maxOutputLength: maxEntryBytes })).toString()
  } catch {
    return undefined
  }
}
