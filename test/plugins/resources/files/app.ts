import { readdirSync } from 'node:fs'
import { diskFiles } from '#core/adapters/disk-files'
import type { Database } from '#core/ports/database'
import { defineTable } from '../../../../plugins/database/index.ts'
import { historyTable, resource } from '../../../../plugins/resources/index.ts'
import { both, inFolder } from '../../../services.ts'
import { appOf } from '../app.ts'

export const pictures = defineTable('products', (t) => ({
  id: t.id(),
  name: t.string(40),
  photo: t.file().nullable(),
  manual: t.file().nullable(),
  ...t.audit(),
  ...t.version(),
}))
export const tables = [pictures, historyTable()] as never

export const png = (more = 'pixels'): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(more)]))

export interface Sent {
  readonly body?: BodyInit | null
  readonly type?: string
  readonly as?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** A shop whose products have photos, in a folder of its own. */
export function shopIn(folder: string, db: Database, options: object = {}) {
  const files = diskFiles({ folder })
  const shop = resource('products', {
    table: pictures,
    fileStore: files,
    files: {
      photo: { maxBytes: '64KB', types: ['image/png', 'image/jpeg'] },
      manual: { maxBytes: 300_000, types: ['application/pdf', 'text/plain', 'text/html'], empty: true },
    },
    ...options,
  })
  const { app, ask } = appOf(db, [shop])
  const send = async (method: string, path: string, sent: Sent = {}): Promise<Response> => {
    const { body = null, type, as = 'alice', headers = {}, signal } = sent
    const bytes = body instanceof Uint8Array ? body.byteLength : undefined
    return app.handle(
      new Request(`http://localhost${path}`, {
        method,
        body,
        headers: {
          ...(as !== '' && { authorization: as }),
          ...(type !== undefined && { 'content-type': type }),
          ...(bytes !== undefined && { 'content-length': String(bytes) }),
          ...headers,
        },
        ...(signal && { signal }),
        ...(body instanceof ReadableStream && { duplex: 'half' }),
      } as RequestInit),
    )
  }
  const make = async (name = 'Pen'): Promise<string> => (await ask('POST', '/products', { name })).body.id
  /** Stored files, with what is unfinished; without what is known of them. */
  const stored = (): string[] => readdirSync(folder).filter((name) => !name.endsWith('.json'))
  return { app, ask, send, make, stored, files, shop }
}
export type Shop = ReturnType<typeof shopIn>

export const problemOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { code: string }).code,
]

/** One test on every database, with a folder for the files. */
export const withShop = (name: string, run: (shop: Shop, db: Database) => Promise<void>, options: object = {}): void =>
  both(name, tables, (db) => inFolder((folder) => run(shopIn(folder, db, options), db)))
