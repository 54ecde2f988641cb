import { promisify } from 'node:util'
import zlib from 'node:zlib'
import type { Encoding } from './options.ts'

type Encode = (body: Uint8Array) => Promise<Uint8Array<ArrayBuffer>>

type Zstd = { zstdCompress?: (body: Uint8Array, done: (error: Error | null, packed: Uint8Array) => void) => void }
const zstd = (zlib as unknown as Zstd).zstdCompress

const gzip = promisify(zlib.gzip)
const brotli = promisify(zlib.brotliCompress) as (body: Uint8Array, options: zlib.BrotliOptions) => Promise<Uint8Array>

/** What the runtime has; packing runs beside the event loop. Levels are those that cost little for what is made anew each time. */
const encoders: Partial<Record<Encoding, Encode>> = {
  ...(zstd && { zstd: async (body) => plain(await promisify(zstd)(body)) }),
  br: async (body) => plain(await brotli(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } })),
  gzip: async (body) => plain(await gzip(body, { level: 6 })),
}

const plain = (packed: Uint8Array): Uint8Array<ArrayBuffer> => packed as Uint8Array<ArrayBuffer>

export const available: readonly Encoding[] = Object.keys(encoders) as Encoding[]

export const encode = (coding: Encoding, body: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => encoders[coding]!(body)
